//! Breaches that have to do with the end of a buffer.

use super::breach::Offence;
use crate::checks::explored::{Change, Culprit, Diagnosis, Wrong, or};
use explore::trace::Step;
use protocol::buffer::Call;

impl Offence<'_> {
    pub(super) fn accepted_after_close(&self) -> Diagnosis {
        let slept =
            self.events().into_iter().any(|index| matches!(self.run.event(index).step, Step::Wake { .. }));
        let (headline, misconception) = if slept {
            (
                format!(
                    "Who sleeps when the buffer closes is refused too: {} woke up and put its item all the same.",
                    self.name()
                ),
                "closed-not-in-condition",
            )
        } else {
            (
                format!(
                    "A closed buffer accepts nothing: {} of {} was accepted after close.",
                    self.bare_call(),
                    self.name()
                ),
                "put-after-close",
            )
        };
        Diagnosis {
            headline,
            expected: format!("{} returns Err with its item, because the buffer is closed", self.bare_call()),
            seen: self.seen(),
            question: "Where is it decided whether the buffer still accepts an item, and is the lock held from there on?",
            misconception: Some(misconception),
            wrong: Wrong::at(self.change(), "The buffer is closed, and an item goes in."),
            culprits: vec![Culprit::Items],
            ..Diagnosis::default()
        }
    }

    pub(super) fn refused_while_open(&self) -> Diagnosis {
        Diagnosis {
            headline: format!(
                "Only a closed buffer refuses: {} of {} came back while it was open.",
                self.bare_call(),
                self.name()
            ),
            expected: format!("{} waits while the buffer is full, and then returns Ok", self.bare_call()),
            seen: self.seen(),
            question: "Under which condition does this call give its item back?",
            misconception: Some("refuses-while-open"),
            wrong: Wrong::at(self.last_look(), "The buffer is open: there will be room again."),
            culprits: vec![Culprit::Items],
            ..Diagnosis::default()
        }
    }

    pub(super) fn gave_back_another(&self, got: u32) -> Diagnosis {
        Diagnosis {
            headline: format!(
                "A refused put gives its own item back: {} of {} returned {got}.",
                self.bare_call(),
                self.name()
            ),
            expected: format!("Err({})", or(self.called.and_then(|called| called.call.item()), "its item")),
            seen: self.seen(),
            question: "Which item does this call hand back?",
            misconception: Some("lost-item"),
            wrong: Wrong::at(self.change(), "The buffer changes in a call that is refused."),
            culprits: vec![Culprit::Items],
            ..Diagnosis::default()
        }
    }

    pub(super) fn ended_early(&self) -> Diagnosis {
        if let Some(diagnosis) = self.old_look() {
            return diagnosis;
        }
        let emptied = self.emptied();
        let (headline, question, misconception) = if self.holds.is_empty() {
            (
                format!(
                    "None means that no item can come: {} of {} returned None while the buffer was open.",
                    self.bare_call(),
                    self.name()
                ),
                "When may a take say that nothing will ever come?",
                "ends-early",
            )
        } else {
            (
                format!(
                    "Closing does not throw items away: {} of {} returned None, and {} {} left.",
                    self.bare_call(),
                    self.name(),
                    self.held(),
                    if self.holds.len() == 1 { "was" } else { "were" }
                ),
                "What does a take look at first: whether there is an item, or whether the buffer is closed?",
                "close-drops-items",
            )
        };
        Diagnosis {
            headline,
            expected: if self.holds.is_empty() {
                "take() sleeps while the buffer is open and empty".to_owned()
            } else {
                format!("take() = Some({})", self.holds[0])
            },
            seen: self.seen(),
            question,
            misconception: Some(misconception),
            wrong: match emptied {
                Some(_) => Wrong::at(emptied, "Closing takes the items out, and nobody gets them."),
                None if self.holds.is_empty() => {
                    Wrong::at(self.last_look(), "The buffer is open: an item may still come.")
                }
                None => Wrong::at(self.last_look(), format!("The buffer held {}.", self.held())),
            },
            culprits: vec![Culprit::Items],
            ..Diagnosis::default()
        }
    }

    /// The step of a close that emptied the buffer.
    pub(super) fn emptied(&self) -> Option<usize> {
        let in_close = |index: &usize| self.run.call_at(*index) == Some(Call::Close);
        let pops = |index: &usize| matches!(self.run.moments[*index].change, Change::Pop(_));
        (0..self.run.trace.events.len()).filter(in_close).find(pops)
    }
}
