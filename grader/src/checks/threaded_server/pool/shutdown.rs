//! Breaches that have to do with the end of a pool: what is accepted until then, and what has to be done by then.

use super::breach::{Offence, jobs};
use super::worker;
use crate::checks::explored::{Culprit, Diagnosis, Wrong};
use protocol::pool::Breach;

impl Offence<'_> {
    pub(super) fn accepted_after_shutdown(&self) -> Diagnosis {
        Diagnosis {
            headline: format!(
                "After the end nothing is accepted: {} of {} returned Ok, and nobody will run the job.",
                self.call,
                self.name()
            ),
            expected: format!("{} = Err(job): the caller has its job back", self.call),
            seen: format!("{} of {} returned Ok(()) on a pool that was shut down", self.call, self.name()),
            question: "When is it decided whether the pool takes the job: before the wait for room, or after it?",
            misconception: Some("execute-after-shutdown"),
            wrong: Wrong::at(self.change(), "The pool has been shut down."),
            ..Diagnosis::default()
        }
    }

    pub(super) fn refused_before_shutdown(&self) -> Diagnosis {
        Diagnosis {
            headline: format!(
                "A pool that is not shut down refuses nothing: {} of {} got its job back.",
                self.call,
                self.name()
            ),
            expected: format!("{} waits for room, and returns Ok(())", self.call),
            seen: format!("{} of {} returned Err; {}", self.call, self.name(), self.situation()),
            question: "What else than the end makes this function return Err?",
            misconception: Some("refuses-while-open"),
            ..Diagnosis::default()
        }
    }

    pub(super) fn gave_back_another(&self, got: usize) -> Diagnosis {
        let other = if got == 0 { "a job that nobody had brought".to_owned() } else { format!("job {got}") };
        Diagnosis {
            headline: format!(
                "A refused caller has its own job back: {} of {} got {other}.",
                self.call,
                self.name()
            ),
            expected: format!("{} = Err, with the same job", self.call),
            seen: format!("{} of {} returned Err with {other}", self.call, self.name()),
            question: "Which job is it that is given back here?",
            misconception: Some("refuses-while-open"),
            ..Diagnosis::default()
        }
    }

    pub(super) fn begun_unasked(&self) -> Diagnosis {
        Diagnosis {
            headline: format!(
                "Only what was accepted is run: {} began {}, which was refused.",
                self.name(),
                self.call
            ),
            expected: format!("{} is given back, and not run", self.call),
            seen: format!("{} began {}", self.name(), self.call),
            question: "What becomes of a job that is not accepted?",
            misconception: Some("execute-after-shutdown"),
            wrong: Wrong::at(self.begun(), format!("{} is not the pool's to run.", self.call)),
            place: self.begun().and_then(|begun| worker::line_before(self.run, begun)),
            ..Diagnosis::default()
        }
    }

    pub(super) fn lost(&self, job: usize) -> Diagnosis {
        let name = format!("job {job}");
        let removed = self.run.removal(&name);
        Diagnosis {
            headline: format!("What was brought is done or given back: {name} was dropped in {}.", self.call),
            expected: format!("{name} is run, or its caller gets it back"),
            seen: format!("{name} was dropped in {} of {}, and never run", self.call, self.name()),
            question: "What becomes of the job in this line?",
            misconception: Some("shutdown-drops-jobs"),
            wrong: Wrong::at(removed, format!("{name} leaves the queue here.")),
            place: removed.is_none().then(|| self.last_line()).flatten(),
            culprits: vec![Culprit::Items],
            ..Diagnosis::default()
        }
    }

    pub(super) fn ended_early(&self) -> Diagnosis {
        let Breach { waiting, running, .. } = self.breach;
        let left = match (running.as_slice(), waiting.as_slice()) {
            ([], waiting) => format!("{} still waited", jobs(waiting)),
            (running, _) if running.len() == 1 => format!("{} was still at work", jobs(running)),
            (running, _) => format!("{} were still at work", jobs(running)),
        };
        let last = self.events().pop();
        Diagnosis {
            headline: format!("Shutting down is to finish what was accepted: it returned while {left}."),
            expected: "shutdown() returns when all that was accepted is done".to_owned(),
            seen: format!("shutdown() of {} returned while {left}", self.name()),
            question: "What does this function wait for before it returns?",
            misconception: Some("shutdown-does-not-wait"),
            wrong: Wrong::at(last, format!("{left}.").replacen("job", "Job", 1)),
            ..Diagnosis::default()
        }
    }

    pub(super) fn not_joined(&self, left: usize) -> Diagnosis {
        let threads = if left == 1 {
            "a thread of the pool was".to_owned()
        } else {
            format!("{left} threads of the pool were")
        };
        Diagnosis {
            headline: format!(
                "Shutting down is to wait for every thread: it returned while {threads} still there."
            ),
            expected: "shutdown() returns when every worker has ended and was joined".to_owned(),
            seen: format!("shutdown() of {} returned while {threads} still there", self.name()),
            question: "Which threads does this function wait for, and for which does it not?",
            misconception: Some("shutdown-does-not-wait"),
            wrong: Wrong::at(self.events().pop(), "Not all workers have ended."),
            ..Diagnosis::default()
        }
    }
}
