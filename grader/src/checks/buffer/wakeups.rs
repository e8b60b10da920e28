//! Why no wake-up reached a sleeper: it went to another, came too early, went to the wrong condition variable, or was
//! never sent.

use super::Run;
use super::sleeper::{Sleeper, Supply};
use crate::checks::explored::{Absent, Change, Diagnosis, Wrong};
use crate::timeline::Side;
use explore::trace::{Step, ThreadId};

impl Sleeper<'_> {
    /// The wake-up went to one that slept again.
    pub(super) fn woke_another(&self, supply: &Supply) -> Option<Diagnosis> {
        let (event, other) = supply.notified.iter().rev().find_map(|&event| {
            let woken = woken(self.run, event).filter(|_| self.is_on_mine(event))?;
            let slept_again = |thread: &&ThreadId| self.slept_again(**thread, event);
            Some((event, *woken.iter().find(slept_again)?))
        })?;
        let (waker, other) = (self.run.name(self.run.event(event).thread), self.run.name(other));
        let name = self.name();
        Some(Diagnosis {
            headline: format!(
                "notify_one wakes any one sleeper: {waker} {}, but its wake-up went to {other}, and {name} sleeps for ever.",
                self.gift(supply)
            ),
            place: self.run.event(event).place.clone(),
            question: "Who may be asleep here at this moment, and who of them can use the change?",
            misconception: Some("notify-one-with-one-condvar"),
            wrong: Some(Wrong {
                event,
                note: format!(
                    "{} Only {name} can use that; the one wake-up goes to {other}.",
                    self.situation(supply.change)
                ),
            }),
            absent: Some(self.wake_too(event)),
            ..Diagnosis::default()
        })
    }

    /// Whether an event notifies the condition variable on which the sleeper sleeps.
    pub(super) fn is_on_mine(&self, event: usize) -> bool {
        matches!(self.run.event(event).step, Step::Notify { condvar, .. } if condvar == self.condvar)
    }

    /// Closing woke one of several sleepers.
    pub(super) fn woke_too_few(&self, supply: &Supply) -> Option<Diagnosis> {
        if self.run.moments[supply.change].change != Change::Close {
            return None;
        }
        let event = supply.notified.iter().copied().rfind(|event| self.is_on_mine(*event))?;
        let woken = self.run.names(woken(self.run, event)?);
        let name = self.name();
        Some(Diagnosis {
            headline: format!(
                "Closing is a change for everyone who sleeps: it woke {woken} only, and {name} sleeps for ever."
            ),
            place: self.run.event(event).place.clone(),
            question: "How many threads may be asleep when the buffer is closed, and who wakes each of them?",
            misconception: Some("close-wakes-some"),
            wrong: Some(Wrong { event, note: format!("{woken} and {name} sleep; only {woken} is woken.") }),
            absent: Some(self.wake_too(event)),
            ..Diagnosis::default()
        })
    }

    /// The only notification came before the change.
    pub(super) fn woke_too_early(&self, supply: &Supply) -> Option<Diagnosis> {
        if !supply.notified.is_empty() {
            return None;
        }
        let notifies = |index: &usize| matches!(self.run.event(*index).step, Step::Notify { .. });
        let early = self.run.same_call(supply.change).into_iter().filter(|index| *index < supply.change);
        let event = early.rev().find(notifies)?;
        let waker = self.run.name(self.run.event(event).thread);
        let name = self.name();
        Some(Diagnosis {
            headline: format!(
                "A wake-up is not remembered: {waker} notified before it {}, and {name} sleeps for ever.",
                self.gift(supply)
            ),
            place: self.run.event(event).place.clone(),
            question: "What does a thread find that wakes, and looks, right after this line?",
            misconception: Some("notify-before-change"),
            wrong: Some(Wrong {
                event,
                note: format!("{waker} has changed nothing yet: a sleeper that looks now sleeps again."),
            }),
            absent: Some(self.wake_before_unlock(supply)),
            ..Diagnosis::default()
        })
    }

    /// A change without any notification.
    pub(super) fn woke_nobody(&self, supply: &Supply) -> Option<Diagnosis> {
        if !supply.notified.is_empty() {
            return None;
        }
        let closing = self.run.moments[supply.change].change == Change::Close;
        let at_edge = self.was_edge(supply.change);
        let end = self.end_of_section(supply.change);
        let changer = self.run.name(self.run.event(supply.change).thread);
        Some(Diagnosis {
            headline: self.unannounced(supply, closing),
            place: self.run.event(supply.change).place.clone(),
            question: if closing {
                "Who may be asleep when the buffer is closed, and what would they find?"
            } else if at_edge {
                "Who may be asleep when this change is made, and who tells them?"
            } else {
                "When two threads sleep and two changes come before the first of them runs, who wakes the second?"
            },
            misconception: Some(match (closing, at_edge) {
                (true, _) => "close-wakes-nobody",
                (false, true) => "unannounced-change",
                (false, false) => "notify-only-at-the-edge",
            }),
            wrong: Some(Wrong {
                event: end,
                note: format!(
                    "{} {changer} lets the lock go and has woken nobody.",
                    self.situation(supply.change)
                ),
            }),
            absent: Some(Absent { event: end, side: Side::Before, ..self.wake(end) }),
            ..Diagnosis::default()
        })
    }

    pub(super) fn unannounced(&self, supply: &Supply, closing: bool) -> String {
        let (changer, name) = (self.run.name(self.run.event(supply.change).thread), self.name());
        if closing {
            format!(
                "Closing is a change too: nobody woke {name}, which sleeps for {} that can no longer come.",
                self.want()
            )
        } else {
            format!(
                "A change that is not announced wakes nobody: {changer} {}, and {name} sleeps for ever.",
                self.gift(supply)
            )
        }
    }

    /// Every notification went to a condition variable on which the sleeper does not sleep.
    pub(super) fn woke_the_wrong_side(&self, supply: &Supply) -> Option<Diagnosis> {
        let event = *supply.notified.last()?;
        let Step::Notify { condvar, .. } = self.run.event(event).step else { return None };
        if condvar == self.condvar {
            return None;
        }
        let (mine, theirs) = (&self.run.condvars[self.condvar], &self.run.condvars[condvar]);
        let (waker, name) = (self.run.name(self.run.event(event).thread), self.name());
        let closing = self.run.moments[supply.change].change == Change::Close;
        Some(Diagnosis {
            headline: if closing {
                format!(
                    "Closing concerns both sides: {waker} notified `{theirs}`, but {name} sleeps on `{mine}`."
                )
            } else {
                format!(
                    "A wake-up reaches one condition variable only: {waker} notified `{theirs}`, but {name} sleeps on `{mine}`."
                )
            },
            place: self.run.event(event).place.clone(),
            question: "What do those who sleep on this condition variable wait for, and what has just changed?",
            misconception: Some(if closing { "close-wakes-some" } else { "wrong-condvar" }),
            wrong: Some(Wrong {
                event,
                note: format!(
                    "{} {name} sleeps on `{mine}`, not on `{theirs}`.",
                    self.situation(supply.change)
                ),
            }),
            absent: Some(Absent { label: format!("wake {name}"), ..self.wake_too(event) }),
            ..Diagnosis::default()
        })
    }
}

fn woken<'a>(run: &Run<'a>, event: usize) -> Option<&'a Vec<ThreadId>> {
    match &run.event(event).step {
        Step::Notify { woken, .. } if !woken.is_empty() => Some(woken),
        _ => None,
    }
}
