//! What stands beside each step: how much is in what is shared, who holds which lock, how many permits there are.

use super::Words;
use super::draw::Drawing;
use super::run::Run;
use crate::timeline::{ObjectId, Reading};
use explore::trace::{Step, ThreadId};

/// Writes the state after each step beside it, in the order in which a narrow drawing keeps it.
pub(super) fn note<L: Words>(run: &Run<L>, drawing: &mut Drawing) {
    let mut now = State::at_first(run);
    let mut latest = 0;
    for index in 0..run.trace.events.len() {
        now.follow(&run.event(index).step, run.event(index).thread);
        let readings = now.readings(run, index, drawing);
        // Another step may have been merged into it, and then it stands for both.
        if let Some(event) = drawing.events[index].filter(|event| *event >= latest) {
            drawing.timeline.events[event].state = readings;
            latest = event;
        }
    }
}

/// What is known of the objects of a run.
struct State {
    /// For each semaphore.
    permits: Vec<Option<usize>>,
    /// For each mutex that is used: who holds it.
    owners: Vec<Option<Option<ThreadId>>>,
}

impl State {
    fn at_first<L: Words>(run: &Run<L>) -> State {
        let used = |mutex: usize| {
            let locks = |step: &Step| matches!(step, Step::Lock { mutex: locked } if *locked == mutex);
            // The locks inside of semaphores are nobody's business but theirs.
            let own = run.owner_of(mutex).is_none();
            (own && run.trace.events.iter().any(|event| locks(&event.step))).then_some(None)
        };
        State {
            permits: (0..run.semaphores.len()).map(|semaphore| run.permits_at_first(semaphore)).collect(),
            owners: (0..run.mutexes.len()).map(used).collect(),
        }
    }

    fn follow(&mut self, step: &Step, thread: ThreadId) {
        match *step {
            Step::P { semaphore, permits } | Step::V { semaphore, permits } => {
                self.permits[semaphore] = Some(permits);
            }
            Step::Lock { mutex } | Step::Wake { mutex, .. } => self.owned(mutex, Some(thread)),
            Step::Unlock { mutex, .. } | Step::Wait { mutex, .. } => self.owned(mutex, None),
            _ => {}
        }
    }

    fn owned(&mut self, mutex: usize, by: Option<ThreadId>) {
        self.owners[mutex] = self.owners[mutex].map(|_| by);
    }

    fn readings<L: Words>(&self, run: &Run<L>, index: usize, drawing: &Drawing) -> Vec<Reading> {
        let reading = |object: ObjectId, value: String| Reading { object, value };
        let mut readings: Vec<Reading> =
            L::level(run, index).into_iter().map(|level| reading(drawing.queue(), level)).collect();
        let permits = self.permits.iter().enumerate();
        readings.extend(permits.filter_map(|(semaphore, permits)| {
            Some(reading(drawing.semaphore(semaphore), (*permits)?.to_string()))
        }));
        let owners = self.owners.iter().enumerate();
        readings.extend(owners.filter_map(|(mutex, owner)| {
            let owner = (*owner)?.map_or("free", |owner| run.name(owner));
            Some(reading(mutex, owner.to_owned()))
        }));
        readings
    }
}
