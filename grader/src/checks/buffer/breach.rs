//! A call that did what the contract forbids.

use super::{Run, words};
use crate::checks::explored::{Culprit, Diagnosis, End, Wrong, old_look, or};
use crate::timeline::How;
use explore::trace::{Step, ThreadId};
use protocol::buffer::{Breach, Buffers, Call, Called, Fault};
use protocol::search::Explored;

/// The call, and what its thread did in it.
pub(super) struct Offence<'a> {
    pub(super) run: &'a Run<'a>,
    pub(super) thread: ThreadId,
    pub(super) called: Option<Called>,
    /// What the contract says was in the buffer before.
    pub(super) holds: &'a [u32],
    /// An event of the call.
    pub(super) began: Option<usize>,
}

/// The words for a breach of the contract.
pub(super) fn diagnose(run: &Run, thread: ThreadId, called: Option<Called>, breach: &Breach) -> Diagnosis {
    let Breach { fault, holds } = breach;
    let offence = Offence { run, thread, called, holds, began: began(run, thread, called) };
    let mut diagnosis = match fault {
        Fault::Overfull => offence.overfull(),
        Fault::WrongOrder { got, oldest } => offence.wrong_order(*got, *oldest),
        Fault::NotThere { got } => offence.not_there(*got),
        Fault::TakenLate { got } => offence.taken_late(*got),
        Fault::Lost { item } => offence.lost(*item),
        Fault::AcceptedAfterClose => offence.accepted_after_close(),
        Fault::RefusedWhileOpen => offence.refused_while_open(),
        Fault::GaveBackAnother { got } => offence.gave_back_another(*got),
        Fault::EndedEarly => offence.ended_early(),
        Fault::WokeMany { woken } => offence.woke_many(woken),
    };
    if diagnosis.endings.is_empty() && called.is_some() {
        diagnosis.endings = vec![offence.ending()];
    }
    diagnosis.at_wrong_step(run)
}

/// An event of the call. The thread may have gone on a little after it had returned.
fn began(run: &Run, thread: ThreadId, called: Option<Called>) -> Option<usize> {
    let own = run.own(thread).into_iter();
    own.rev()
        .find(|index| called.is_some() && run.returned(*index) == called)
        .or_else(|| run.last_call(thread))
}

impl Offence<'_> {
    pub(super) fn name(&self) -> &str {
        self.run.name(self.thread)
    }

    /// `take()` of `take() = 11`.
    pub(super) fn bare_call(&self) -> String {
        or(self.called.map(|called| called.call), "a call")
    }

    /// "item 10", "items 10, 11", or "nothing".
    pub(super) fn held(&self) -> String {
        let items: Vec<String> = self.holds.iter().map(u32::to_string).collect();
        match items.as_slice() {
            [] => "nothing".to_owned(),
            [item] => format!("item {item}"),
            items => format!("items {}", items.join(", ")),
        }
    }

    pub(super) fn capacity(&self) -> String {
        words::items(self.run.capacity())
    }

    /// The events of the call.
    pub(super) fn events(&self) -> Vec<usize> {
        self.began.map_or(Vec::new(), |began| self.run.same_call(began))
    }

    /// The last change that the call made.
    pub(super) fn change(&self) -> Option<usize> {
        self.run.last_change(self.began?)
    }

    /// "take() returned 11".
    pub(super) fn returned(&self) -> String {
        let call = self.bare_call();
        match self.called.and_then(|called| called.outcome).and_then(Buffers::result) {
            Some(result) => format!("{call} returned {result}"),
            None => format!("{call} returned"),
        }
    }

    /// What was seen where the words of an outcome do not say it better.
    pub(super) fn seen(&self) -> String {
        format!("{}'s {}; the buffer held {}", self.name(), self.returned(), self.held())
    }

    pub(super) fn ending(&self) -> End {
        let sentence = format!("{}; the buffer held {}.", self.returned(), self.held());
        End::new(self.thread, How::WrongValue, sentence)
    }

    /// The old look that explains the breach, if there is one.
    pub(super) fn old_look(&self) -> Option<Diagnosis> {
        old_look(self.run, self.began?)
    }

    pub(super) fn overfull(&self) -> Diagnosis {
        self.old_look().unwrap_or_else(|| Diagnosis {
            headline: format!(
                "A buffer is full when it holds its capacity: {} returned with {} in a buffer for {}.",
                self.bare_call(),
                words::items(self.holds.len() + 1),
                self.capacity()
            ),
            expected: format!("{} of {} sleeps until there is room", self.bare_call(), self.name()),
            seen: self.seen(),
            question: "How many items are in the buffer when this line is reached, and how many may be?",
            misconception: Some("wrong-capacity"),
            wrong: Wrong::at(
                self.change(),
                format!("The buffer has room for {}, and held {}.", self.capacity(), self.held()),
            ),
            culprits: vec![Culprit::Items],
            ..Diagnosis::default()
        })
    }

    pub(super) fn wrong_order(&self, got: u32, oldest: u32) -> Diagnosis {
        let (event, note) = self.out_of_order(got);
        Diagnosis {
            headline: format!(
                "First in, first out: {} took {got}, but {oldest} went in before it.",
                self.name()
            ),
            expected: format!("take() = {oldest}, the oldest item"),
            seen: self.seen(),
            question: "At which end of the queue does an item go in, and at which does it come out?",
            misconception: Some("lost-order"),
            wrong: Wrong::at(event, note),
            culprits: vec![Culprit::Items],
            ..Diagnosis::default()
        }
    }

    /// The step that broke the order: the push that put a new item in front, or the pop that took from the back.
    pub(super) fn out_of_order(&self, got: u32) -> (Option<usize>, String) {
        match self.run.jumped_the_queue(&got.to_string()) {
            Some(push) => (Some(push), format!("{got} goes in front of older items.")),
            None => (self.change(), format!("{got} leaves before older items.")),
        }
    }

    pub(super) fn not_there(&self, got: u32) -> Diagnosis {
        self.old_look().unwrap_or_else(|| Diagnosis {
            headline: format!(
                "An item is taken once, and after it was put: {} took {got}, which was not there.",
                self.name()
            ),
            expected: "take() waits until there is an item, and returns it once".to_owned(),
            seen: self.seen(),
            question: "Where does the item come from that this call returns?",
            misconception: Some("lost-item"),
            wrong: Wrong::at(self.change(), format!("The buffer held {}.", self.held())),
            culprits: vec![Culprit::Items],
            ..Diagnosis::default()
        })
    }

    pub(super) fn taken_late(&self, got: u32) -> Diagnosis {
        let note =
            format!("What other calls came back with is right only if {got} had left the buffer by then.");
        Diagnosis {
            headline: format!(
                "What happened before has to fit together: {} took {got} too late for what other calls had done.",
                self.name()
            ),
            expected: format!(
                "{got} is taken before an item that came later, and before its room is used again"
            ),
            seen: format!(
                "{}'s {}, after calls that went by {got} as if it were gone",
                self.name(),
                self.returned()
            ),
            question: "Where was the item until now, and who could go past it there?",
            misconception: Some("lost-order"),
            wrong: Wrong::at(self.change(), note),
            culprits: vec![Culprit::Items],
            ..Diagnosis::default()
        }
    }

    pub(super) fn lost(&self, item: u32) -> Diagnosis {
        let text = item.to_string();
        let removed = self.run.removal(&text);
        let was_in = self.run.moments.iter().any(|moment| moment.items.contains(&text));
        let closing = self.called.is_some_and(|called| called.call == Call::Close);
        Diagnosis {
            headline: match (closing, was_in) {
                (true, _) => {
                    format!("Closing does not throw items away: {item} left the buffer, and nobody got it.")
                }
                (false, true) => {
                    format!("Every item that was put is taken: {item} left the buffer, and nobody got it.")
                }
                (false, false) => format!(
                    "Every item that was put is taken: {item} was dropped in {}, and nobody got it.",
                    self.bare_call()
                ),
            },
            expected: format!("take() = {item}, sooner or later"),
            seen: format!("{item} is gone, and no take returned it"),
            question: "What becomes of the item in this line?",
            misconception: Some(if closing { "close-drops-items" } else { "lost-item" }),
            wrong: Wrong::at(removed, format!("{item} leaves the buffer here.")),
            place: removed
                .or_else(|| self.first_write())
                .or_else(|| self.last_look())
                .and_then(|at| self.run.event(at).place.clone()),
            endings: vec![End::new(
                self.thread,
                How::WrongValue,
                format!("in {}: {item} is dropped.", self.bare_call()),
            )],
            culprits: vec![Culprit::Items],
            ..Diagnosis::default()
        }
    }

    /// The last step of the call that looks at the state.
    pub(super) fn last_look(&self) -> Option<usize> {
        let looks =
            |index: &usize| matches!(self.run.event(*index).step, Step::Read { .. } | Step::Write { .. });
        self.events().into_iter().rfind(looks)
    }

    pub(super) fn first_write(&self) -> Option<usize> {
        self.events().into_iter().find(|index| matches!(self.run.event(*index).step, Step::Write { .. }))
    }

    pub(super) fn woke_many(&self, woken: &[ThreadId]) -> Diagnosis {
        let wakes = |index: &usize| matches!(&self.run.event(*index).step, Step::Notify { woken, .. } if !woken.is_empty());
        let event = self.events().into_iter().rfind(wakes);
        let who = self.run.names(woken);
        Diagnosis {
            headline: format!(
                "One change, one wake-up: {} of {} woke {who}, and only one of them can go on.",
                self.bare_call(),
                self.name()
            ),
            expected: format!(
                "{} wakes at most one sleeper: one that can use what has changed",
                self.bare_call()
            ),
            seen: format!("{who} were woken"),
            question: "How many threads can go on after this change?",
            misconception: Some("wakes-everyone"),
            wrong: Wrong::at(event, format!("{who} wake, and all but one of them sleep again.")),
            endings: vec![End::new(
                self.thread,
                How::WrongValue,
                format!("woke {who} with one {}.", self.bare_call()),
            )],
            ..Diagnosis::default()
        }
    }
}
