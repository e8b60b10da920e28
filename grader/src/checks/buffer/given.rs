//! Why a permit did not come: it was kept, not given, given elsewhere, or never there.

use super::permits::{Stands, Victim, stands};
use super::words;
use crate::checks::explored::{Change, Diagnosis, Wrong};
use explore::trace::Step;

impl<'a> Victim<'a> {
    /// The last permit was taken in a call that has ended.
    pub(super) fn not_given_back(&self) -> Option<Diagnosis> {
        let run = self.run;
        let takes = |index: &usize| matches!(run.event(*index).step, Step::P { semaphore, .. } if semaphore == self.semaphore);
        let taken = (0..run.trace.events.len()).rfind(takes)?;
        let call = run.same_call(taken);
        let last =
            call.iter().copied().rfind(|index| !matches!(run.event(*index).step, Step::Return { .. }))?;
        let (who, what) = (run.name(run.event(taken).thread), run.call_at(taken)?);
        Some(Diagnosis {
            headline: format!(
                "A permit that is not given back is gone: {what} of {who} ended without a V on `{}`.",
                self.semaphore()
            ),
            place: run.event(taken).place.clone(),
            question: "Where does this call give back the permit that it takes here?",
            misconception: Some("keeps-permit"),
            wrong: Some(Wrong {
                event: last,
                note: format!("{who} is done, and `{}` has no permit left.", self.semaphore()),
            }),
            absent: Some(self.missing_v(last)),
            ..Diagnosis::default()
        })
    }

    /// A change was made, and the permit that says so was not given.
    pub(super) fn not_announced(&self, helps: impl Fn(&Change) -> bool) -> Option<Diagnosis> {
        let run = self.run;
        let gives = |index: &usize| matches!(run.event(*index).step, Step::V { semaphore, .. } if semaphore == self.semaphore);
        let silent =
            |index: &usize| helps(&run.moments[*index].change) && !run.same_call(*index).iter().any(gives);
        let change = (0..run.trace.events.len()).rfind(silent)?;
        let who = run.name(run.event(change).thread);
        let call = run.same_call(change);
        let last =
            call.iter().copied().rfind(|index| !matches!(run.event(*index).step, Step::Return { .. }))?;
        let elsewhere = call.iter().rev().find_map(|index| self.gave_elsewhere(*index));
        let (headline, place, misconception) = match elsewhere {
            Some((event, other)) => (
                format!(
                    "A V reaches one semaphore only: {who} gave a permit of `{other}`, but {} sleeps on `{}`.",
                    self.name(),
                    self.semaphore()
                ),
                event,
                "wrong-semaphore",
            ),
            None => (
                format!(
                    "{} is announced by a V: {who} {}, and gave no permit of `{}`; {} sleeps for ever.",
                    if self.puts() { "Room" } else { "An item" },
                    did(&run.moments[change].change),
                    self.semaphore(),
                    self.name()
                ),
                change,
                "forgets-v",
            ),
        };
        Some(Diagnosis {
            headline,
            place: run.event(place).place.clone(),
            question: "Which permits has the other side to find after this call?",
            misconception: Some(misconception),
            wrong: Some(Wrong {
                event: if elsewhere.is_some() { place } else { last },
                note: format!(
                    "The buffer {} now, and `{}` has no permit.",
                    run.filling(last),
                    self.semaphore()
                ),
            }),
            absent: Some(self.missing_v(last)),
            ..Diagnosis::default()
        })
    }

    /// A permit given to a semaphore of which the same call took none.
    pub(super) fn gave_elsewhere(&self, index: usize) -> Option<(usize, &'a str)> {
        let Step::V { semaphore: given, .. } = self.run.event(index).step else { return None };
        let call = self.run.same_call(index);
        let count = |wanted: fn(&Step) -> Option<usize>| {
            call.iter().filter(|event| wanted(&self.run.event(**event).step) == Some(given)).count()
        };
        let taken = count(|step| if let Step::P { semaphore, .. } = step { Some(*semaphore) } else { None });
        let back = count(|step| if let Step::V { semaphore, .. } = step { Some(*semaphore) } else { None });
        let for_others = stands(&self.run.semaphores[given]) != Stands::ForTheQueue;
        (for_others && back >= taken).then(|| (index, self.run.semaphores[given].as_str()))
    }

    /// The semaphore was made with fewer permits than there is to be had at first.
    pub(super) fn too_few_at_first(&self, due: usize) -> Option<Diagnosis> {
        let first = self.run.permits_at_first(self.semaphore).filter(|first| *first < due)?;
        let what = match stands(self.semaphore()) {
            Stands::ForTheQueue => "nobody is at the queue".to_owned(),
            _ => format!("there is room for {}", words::items(due)),
        };
        Some(Diagnosis {
            headline: format!(
                "Permits say what is there at first: `{}` starts with {first}, and {what}.",
                self.semaphore()
            ),
            place: self.run.trace.semaphores.get(self.semaphore).cloned(),
            question: "What is there in an empty buffer, and how many permits stand for it?",
            misconception: Some("initial-permits"),
            ..Diagnosis::default()
        })
    }

    pub(super) fn wants_the_wrong_thing(&self) -> Diagnosis {
        let slept = self.run.last(self.thread, |step| matches!(step, Step::NoPermit { .. }));
        let principle =
            if self.puts() { "A put needs room, not an item" } else { "A take needs an item, not room" };
        Diagnosis {
            headline: format!(
                "{principle}: {} sleeps on `{}` in {}.",
                self.name(),
                self.semaphore(),
                self.call
            ),
            place: slept.and_then(|event| self.run.event(event).place.clone()),
            question: "What does a permit of this semaphore stand for, and does this call need it?",
            misconception: Some("wrong-semaphore"),
            wrong: slept
                .map(|event| Wrong { event, note: format!("The buffer {}.", self.run.filling(event)) }),
            ..Diagnosis::default()
        }
    }
}

/// "put 10", "took 10".
fn did(change: &Change) -> String {
    match change {
        Change::Push(items) => format!("put {}", items.join(", ")),
        Change::Pop(items) => format!("took {}", items.join(", ")),
        _ => "changed the buffer".to_owned(),
    }
}
