//! A call that did what the contract forbids.

use super::diagnosis::{Culprit, Diagnosis, End, Wrong};
use super::run::{Change, Run};
use super::{reuse, words};
use crate::timeline::How;
use explore::trace::{Step, ThreadId};
use protocol::buffer::Breach;

/// The call, and what its thread did in it.
struct Offence<'a> {
    run: &'a Run<'a>,
    thread: ThreadId,
    /// The call with its result: `take() = 11`.
    call: &'a str,
    /// What the contract says was in the buffer before.
    holds: &'a [u32],
    /// An event of the call.
    began: Option<usize>,
}

/// The words for a breach of the contract.
pub(super) fn diagnose(run: &Run, thread: ThreadId, call: &str, breach: &Breach, holds: &[u32]) -> Diagnosis {
    let offence = Offence { run, thread, call, holds, began: began(run, thread, call) };
    let mut diagnosis = match breach {
        Breach::Overfull => offence.overfull(),
        Breach::WrongOrder { got, oldest } => offence.wrong_order(*got, *oldest),
        Breach::NotThere { got } => offence.not_there(*got),
        Breach::Lost { item } => offence.lost(*item),
        Breach::AcceptedAfterClose => offence.accepted_after_close(),
        Breach::RefusedWhileOpen => offence.refused_while_open(),
        Breach::GaveBackAnother { got } => offence.gave_back_another(*got),
        Breach::EndedEarly => offence.ended_early(),
        Breach::WokeMany { woken } => offence.woke_many(woken),
    };
    if diagnosis.place.is_none() {
        diagnosis.place = diagnosis.wrong.as_ref().and_then(|wrong| run.event(wrong.event).place.clone());
    }
    if diagnosis.endings.is_empty() && !call.is_empty() {
        diagnosis.endings = vec![offence.ending()];
    }
    diagnosis
}

/// An event of the call. The thread may have gone on a little after it had returned.
fn began(run: &Run, thread: ThreadId, call: &str) -> Option<usize> {
    run.last(thread, |step| matches!(step, Step::Return { label } if label == call))
        .or_else(|| run.last_call(thread))
}

impl Offence<'_> {
    fn name(&self) -> &str {
        self.run.name(self.thread)
    }

    /// `take()` of `take() = 11`.
    fn bare_call(&self) -> &str {
        self.call.split(" = ").next().unwrap_or_default()
    }

    /// "10, 11", or "nothing".
    fn held(&self) -> String {
        let items: Vec<String> = self.holds.iter().map(u32::to_string).collect();
        if items.is_empty() { "nothing".to_owned() } else { items.join(", ") }
    }

    fn capacity(&self) -> String {
        words::items(self.run.scenario.capacity)
    }

    /// The events of the call.
    fn events(&self) -> Vec<usize> {
        self.began.map_or(Vec::new(), |began| self.run.same_call(began))
    }

    /// The last change that the call made.
    fn change(&self) -> Option<usize> {
        self.events().into_iter().rfind(|index| self.run.moments[*index].change != Change::None)
    }

    fn mark(&self, event: Option<usize>, note: impl Into<String>) -> Option<Wrong> {
        event.map(|event| Wrong { event, note: note.into() })
    }

    /// "take() returned 11".
    fn returned(&self) -> String {
        match self.call.split_once(" = ") {
            Some((call, result)) => format!("{call} returned {result}"),
            None => format!("{} returned", self.call),
        }
    }

    /// What was seen where the words of an outcome do not say it better.
    fn seen(&self) -> String {
        format!("{}'s {}; the buffer held {}", self.name(), self.returned(), self.held())
    }

    fn ending(&self) -> End {
        let sentence = format!("{}; the buffer held {}.", self.returned(), self.held());
        End { thread: self.thread, how: How::WrongValue, sentence, kept_by: None }
    }

    /// The old look that explains the breach, if there is one.
    fn old_look(&self) -> Option<Diagnosis> {
        reuse::diagnose(self.run, self.began?)
    }

    fn overfull(&self) -> Diagnosis {
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
            wrong: self.mark(
                self.change(),
                format!("The buffer has room for {}, and held {}.", self.capacity(), self.held()),
            ),
            culprits: vec![Culprit::Items],
            ..Diagnosis::default()
        })
    }

    fn wrong_order(&self, got: u32, oldest: u32) -> Diagnosis {
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
            wrong: self.mark(event, note),
            culprits: vec![Culprit::Items],
            ..Diagnosis::default()
        }
    }

    /// The step that broke the order: the push that put a new item in front, or the pop that took from the back.
    fn out_of_order(&self, got: u32) -> (Option<usize>, String) {
        let got = got.to_string();
        let pushes = |index: &usize| matches!(&self.run.moments[*index].change, Change::Push(items) if items.contains(&got));
        let push = (0..self.run.trace.events.len()).find(pushes);
        let in_front = push.filter(|index| {
            let items = &self.run.moments[*index].items;
            items.len() > 1 && items[0] == got
        });
        match in_front {
            Some(push) => (Some(push), format!("{got} goes in front of older items.")),
            None => (self.change(), format!("{got} leaves before older items.")),
        }
    }

    fn not_there(&self, got: u32) -> Diagnosis {
        self.old_look().unwrap_or_else(|| Diagnosis {
            headline: format!(
                "An item is taken once, and after it was put: {} took {got}, which was not there.",
                self.name()
            ),
            expected: "take() waits until there is an item, and returns it once".to_owned(),
            seen: self.seen(),
            question: "Where does the item come from that this call returns?",
            misconception: Some("lost-item"),
            wrong: self.mark(self.change(), format!("The buffer held {}.", self.held())),
            culprits: vec![Culprit::Items],
            ..Diagnosis::default()
        })
    }

    fn lost(&self, item: u32) -> Diagnosis {
        let text = item.to_string();
        let removes = |index: &usize| matches!(&self.run.moments[*index].change, Change::Pop(items) if items.contains(&text));
        let removed = (0..self.run.trace.events.len()).rfind(removes);
        let closing = self.call.starts_with("close");
        Diagnosis {
            headline: if closing {
                format!("Closing does not throw items away: {item} left the buffer, and nobody got it.")
            } else {
                format!("Every item that was put is taken: {item} left the buffer, and nobody got it.")
            },
            expected: format!("take() = {item}, sooner or later"),
            seen: format!("{item} is gone, and no take returned it"),
            question: "What becomes of the item in this line?",
            misconception: Some(if closing { "close-drops-items" } else { "lost-item" }),
            wrong: self.mark(removed, format!("{item} leaves the buffer here.")),
            endings: vec![End {
                thread: self.thread,
                how: How::WrongValue,
                sentence: format!("in {}: {item} is dropped.", self.bare_call()),
                kept_by: None,
            }],
            culprits: vec![Culprit::Items],
            ..Diagnosis::default()
        }
    }

    fn accepted_after_close(&self) -> Diagnosis {
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
            wrong: self.mark(self.change(), "The buffer is closed, and an item goes in."),
            culprits: vec![Culprit::Items],
            ..Diagnosis::default()
        }
    }

    fn refused_while_open(&self) -> Diagnosis {
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
            wrong: self.mark(self.last_look(), "The buffer is open: there will be room again."),
            culprits: vec![Culprit::Items],
            ..Diagnosis::default()
        }
    }

    fn gave_back_another(&self, got: u32) -> Diagnosis {
        Diagnosis {
            headline: format!(
                "A refused put gives its own item back: {} of {} returned {got}.",
                self.bare_call(),
                self.name()
            ),
            expected: format!("Err({})", words::argument(self.call).unwrap_or_default()),
            seen: self.seen(),
            question: "Which item does this call hand back?",
            misconception: Some("lost-item"),
            wrong: self.mark(self.change(), "The buffer changes in a call that is refused."),
            culprits: vec![Culprit::Items],
            ..Diagnosis::default()
        }
    }

    fn ended_early(&self) -> Diagnosis {
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
                    "Closing does not throw items away: {} of {} returned None, and {} was left.",
                    self.bare_call(),
                    self.name(),
                    self.held()
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
                Some(_) => self.mark(emptied, "Closing takes the items out, and nobody gets them."),
                None if self.holds.is_empty() => {
                    self.mark(self.last_look(), "The buffer is open: an item may still come.")
                }
                None => self.mark(self.last_look(), format!("The buffer held {}.", self.held())),
            },
            culprits: vec![Culprit::Items],
            ..Diagnosis::default()
        }
    }

    /// The step of a close that emptied the buffer.
    fn emptied(&self) -> Option<usize> {
        let in_close = |index: &usize| self.run.call_at(*index).is_some_and(|call| call.starts_with("close"));
        let pops = |index: &usize| matches!(self.run.moments[*index].change, Change::Pop(_));
        (0..self.run.trace.events.len()).filter(in_close).find(pops)
    }

    /// The last step of the call that looks at the state.
    fn last_look(&self) -> Option<usize> {
        let looks =
            |index: &usize| matches!(self.run.event(*index).step, Step::Read { .. } | Step::Write { .. });
        self.events().into_iter().rfind(looks)
    }

    fn woke_many(&self, woken: &[ThreadId]) -> Diagnosis {
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
            wrong: self.mark(event, format!("{who} wake, and all but one of them sleep again.")),
            endings: vec![End {
                thread: self.thread,
                how: How::WrongValue,
                sentence: format!("woke {who} with one {}.", self.bare_call()),
                kept_by: None,
            }],
            ..Diagnosis::default()
        }
    }
}
