//! Where the reader of a report is sent: of all lines that the evidence of a failed check names, the one that tells most. Here,
//! and nowhere else, it is chosen.

use crate::check::Location;
use std::collections::BTreeMap;

/// What names a line, the most telling first:
///
/// | evidence | the line |
/// |---|---|
/// | `Panic` | the student's line that panicked |
/// | `Expectation` | the call that the failed expectation is about: the one that did it, or should have |
/// | `HeldOpen` | the call by which a process got what it should have closed |
/// | `DecisiveStep` | the step of the picture that is marked as wrong |
/// | `Stuck` | the call in which the program waits for what cannot come |
/// | `Endless` | the last call of a program that went on without end, or that sent the signal that ended one |
/// | `GaveUp` | the last call before the function returned an error that it should not have returned |
/// | `LastCall` | the last call of the kind that the check is about |
/// | `Function` | the head of the function that the check is about: where no call of the student's is known |
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Evidence {
    Panic,
    Expectation,
    HeldOpen,
    DecisiveStep,
    Stuck,
    Endless,
    GaveUp,
    LastCall,
    Function,
}

/// The lines that the evidence of one failed check names.
#[derive(Debug, Default)]
pub(crate) struct Pointers(BTreeMap<Evidence, Location>);

impl Pointers {
    /// Notes a line, where the evidence names one.
    pub(crate) fn note(&mut self, evidence: Evidence, line: Option<Location>) {
        self.0.extend(line.map(|line| (evidence, line)));
    }

    /// The line that tells most.
    pub(crate) fn best(mut self) -> Option<Location> {
        self.0.pop_first().map(|(_, line)| line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_tells_most_is_taken_whatever_was_noted_first() {
        let line = |line| Some(Location { file: "src/server.rs".to_owned(), line });
        let mut pointers = Pointers::default();
        pointers.note(Evidence::Function, line(1));
        pointers.note(Evidence::Stuck, line(2));
        pointers.note(Evidence::Expectation, None);
        pointers.note(Evidence::LastCall, line(3));
        assert_eq!(pointers.best(), line(2));
        assert_eq!(Pointers::default().best(), None);
    }
}
