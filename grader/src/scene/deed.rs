//! What the grader did that programs may have waited for: it orders their calls among the grader's steps.

use super::Scene;
use super::connection::Connection;
use super::program::Program;

/// Something done by the grader, or seen to be so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// The connection is there.
    Connects(Connection),
    /// So many bytes have been sent on it in all.
    Sends(Connection, u64),
    /// Nothing more comes on it.
    Ends(Connection),
    /// A program's input has been given so many bytes in all.
    Feeds(Program, u64),
    /// No more comes there.
    EndsInput(Program),
    /// Everybody had come to rest: whatever was called before belongs before it, in every run.
    Rests,
}

impl Scene {
    /// The step that comes next brings it about, and what needs it comes after that step.
    pub(super) fn deed(&mut self, deed: Deed) {
        self.deeds.push((self.steps.len() + 1, deed));
    }

    /// The step that comes next begins with it.
    pub(super) fn deed_meanwhile(&mut self, deed: Deed) {
        self.deeds.push((self.steps.len(), deed));
    }

    /// How many steps there have to be before what needs such a deed.
    pub(super) fn steps_before(&self, is_needed: impl Fn(&Deed) -> bool) -> usize {
        self.deeds.iter().find(|(_, deed)| is_needed(deed)).map_or(0, |(steps, _)| *steps)
    }

    /// The moments of rest, each as the number of steps before it.
    pub(super) fn rests_of_all(&self) -> Vec<usize> {
        self.deeds.iter().filter(|(_, deed)| *deed == Deed::Rests).map(|(steps, _)| *steps).collect()
    }
}
