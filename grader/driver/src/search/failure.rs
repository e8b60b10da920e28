//! The end of an execution, held against the contract.

use super::scene::Scene;
use super::{Failure, Subject};
use explore::End;
use protocol::search::Blocked;

/// What is wrong with an execution that has ended in this way; none where the contract allows it.
pub(super) fn failure<S: Subject>(end: &End, scene: &Scene<S>) -> Option<Failure<S>> {
    match end {
        // Every thread has ended; what no thread did may be left undone.
        End::Finished => stuck(&[], scene),
        End::Stuck(blocked) => stuck(blocked, scene),
        End::Panicked { thread, message, place } => {
            Some(Failure::<S>::Panicked { thread: *thread, message: message.clone(), place: place.clone() })
        }
        End::Failed { .. } => scene.breach(),
        End::TooLong { thread, place } => {
            Some(Failure::<S>::BusyWaiting { thread: *thread, place: place.clone() })
        }
        End::Overlap { cell, first, second } => {
            Some(Failure::<S>::Overlap { cell: *cell, first: first.clone(), second: second.clone() })
        }
        End::SleptHolding { thread, place } => {
            Some(Failure::<S>::SleepsWithLock { thread: *thread, place: place.clone() })
        }
    }
}

fn stuck<S: Subject>(blocked: &[explore::Blocked], scene: &Scene<S>) -> Option<Failure<S>> {
    let (could_go_on, undone) = scene.could_go_on()?;
    let blocked = blocked.iter().map(|blocked| Blocked {
        thread: blocked.thread,
        call: scene.call_of(blocked.thread),
        on: blocked.on,
        place: blocked.place.clone(),
    });
    Some(Failure::<S>::Stuck { blocked: blocked.collect(), could_go_on, undone })
}

/// Whether two ends are the same failure: what one of them teaches, the other one does.
pub(super) fn alike<S: Subject>(one: (&End, &Failure<S>), other: (&End, &Failure<S>)) -> bool {
    use protocol::search::Failure::{Breach, Stuck};
    one.0.is_like(other.0)
        && match (one.1, other.1) {
            (Breach { breach, .. }, Breach { breach: other, .. }) => S::alike(breach, other),
            (Stuck { could_go_on, undone, .. }, Stuck { could_go_on: could, undone: left, .. }) => {
                could_go_on.len() == could.len() && undone == left
            }
            _ => true,
        }
}
