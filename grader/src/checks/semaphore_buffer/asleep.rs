//! A thread that sleeps in a semaphore although its call could end: what was given since it fell asleep, and who was told.

use super::words::{Blocked, Run, permits, there};
use crate::checks::explored::{Absent, Culprit, Diagnosis, Wrong, slept_on_stale_look, wake_ups};
use crate::timeline::Side;
use explore::On;
use explore::trace::{Step, ThreadId};
use protocol::semaphore::Call;
use std::ops::Range;

struct Sleeper<'a> {
    run: &'a Run<'a>,
    thread: ThreadId,
    condvar: usize,
    /// The event with which it fell asleep.
    slept: usize,
}

/// The words, and the event with which the thread fell asleep.
pub(super) fn diagnose(run: &Run, blocked: &Blocked) -> Option<(usize, Diagnosis)> {
    let On::Condvar(condvar) = blocked.on else { return None };
    let sleeper = Sleeper { run, thread: blocked.thread, condvar, slept: run.last_sleep(blocked.thread)? };
    let diagnosis = if blocked.call == Some(Call::V) {
        sleeper.v_waits()
    } else {
        sleeper
            .for_nothing()
            .or_else(|| sleeper.not_told())
            .or_else(|| sleeper.told_too_early())
            .unwrap_or_else(|| sleeper.unexplained())
    };
    let name = run.name(blocked.thread);
    let expected = match blocked.call {
        Some(Call::V) => format!("v() of {name} returns: it has nothing to wait for"),
        _ => {
            format!("p() of {name} returns: there {}", there(permits(run, run.trace.events.len() - 1).max(1)))
        }
    };
    Some((sleeper.slept, Diagnosis { expected, culprits: vec![Culprit::Condvar(condvar)], ..diagnosis }))
}

impl<'a> Sleeper<'a> {
    fn name(&self) -> &'a str {
        self.run.name(self.thread)
    }

    fn v_waits(&self) -> Diagnosis {
        Diagnosis {
            headline: format!("V never waits: {} sleeps in v() for somebody to come.", self.name()),
            place: self.run.event(self.slept).place.clone(),
            question: "What does a V wait for here, and what if nobody ever comes?",
            misconception: Some("v-waits"),
            ..Diagnosis::default()
        }
    }

    /// There was a permit when it fell asleep.
    fn for_nothing(&self) -> Option<Diagnosis> {
        let (run, name) = (self.run, self.name());
        let had = permits(run, self.slept);
        if had == 0 {
            return None;
        }
        let place = run.event(self.slept).place.clone();
        let known = slept_on_stale_look(run, self.slept, "a permit came").or_else(|| self.permit_lost(had));
        Some(known.unwrap_or_else(|| Diagnosis {
            headline: format!(
                "A P waits only while there is no permit: {name} sleeps, and there {}.",
                there(had)
            ),
            place,
            question: "When exactly does a P have to wait, and is that what this condition says?",
            misconception: Some("waits-with-permits"),
            wrong: Some(Wrong { event: self.slept, note: format!("There {} now.", there(had)) }),
            ..Diagnosis::default()
        }))
    }

    /// There is one because of the V's before: somebody did not leave, or did not take, just one.
    fn permit_lost(&self, had: usize) -> Option<Diagnosis> {
        let (run, name) = (self.run, self.name());
        let given: Vec<usize> = given(run, 0..self.slept);
        let last = *given.last()?;
        let changes = |index: &usize| matches!(run.event(*index).step, Step::Write { .. });
        let change = run.same_call(last).into_iter().rfind(changes);
        let (first, given) = (run.scenario.subject.permits, given.len());
        Some(Diagnosis {
            headline: format!(
                "Permits do not vanish: {first} at first, {given} given, {} taken, and {name} sleeps for one.",
                first + given - had
            ),
            place: change.and_then(|change| run.event(change).place.clone()),
            question: "By how much does this line change the number of permits, and by how much does a P?",
            misconception: Some("permit-lost"),
            wrong: Some(Wrong { event: self.slept, note: format!("There {} now.", there(had)) }),
            ..Diagnosis::default()
        })
    }

    /// The V's of other threads that ended after it fell asleep: an event of each.
    fn given(&self) -> Vec<usize> {
        given(self.run, self.slept..self.run.trace.events.len())
    }

    fn notifies(&self, index: usize) -> bool {
        matches!(self.run.event(index).step, Step::Notify { condvar, .. } if condvar == self.condvar)
    }

    /// A permit was given, and nobody was woken for it.
    fn not_told(&self) -> Option<Diagnosis> {
        let run = self.run;
        let told = |index: &usize| run.same_call(*index).iter().any(|event| self.notifies(*event));
        let given = self.given();
        let silent = *given.iter().rfind(|index| !told(index))?;
        let some_told = run.trace.events.iter().enumerate().any(|(index, _)| self.notifies(index));
        let (giver, name) = (run.name(run.event(silent).thread), self.name());
        let call = run.same_call(silent);
        let leaves = |index: &&usize| matches!(run.event(**index).step, Step::Unlock { .. });
        let last = *call.iter().rfind(leaves)?;
        let change = call.iter().copied().rfind(|index| matches!(run.event(*index).step, Step::Write { .. }));
        Some(Diagnosis {
            headline: format!(
                "A permit that is not announced wakes nobody: {giver} gave one, and {name} sleeps for ever."
            ),
            place: change.and_then(|change| run.event(change).place.clone()),
            question: if some_told {
                "When two threads sleep and two permits come before the first of them runs, who wakes the second?"
            } else {
                "Who may be asleep when a permit is given, and who tells them?"
            },
            misconception: Some(if some_told { "notify-only-at-the-edge" } else { "unannounced-permit" }),
            wrong: Some(Wrong {
                event: last,
                note: format!("{giver} lets the lock go and has woken nobody."),
            }),
            absent: Some(Absent {
                event: last,
                side: Side::Before,
                label: format!("wake {name}"),
                helped: format!("{name} would have found a permit."),
            }),
            ..Diagnosis::default()
        })
    }

    /// Whoever gave the permit notified before the sleeper could find it.
    fn told_too_early(&self) -> Option<Diagnosis> {
        let run = self.run;
        let (giver, notified) = self.given().into_iter().rev().find_map(|given| {
            let call = run.same_call(given);
            let notified = call.iter().copied().rfind(|index| self.notifies(*index))?;
            let later = |index: &&usize| **index > notified;
            let changes = |index: &usize| matches!(run.event(*index).step, Step::Lock { .. });
            call.iter().filter(later).any(changes).then(|| (run.name(run.event(given).thread), notified))
        })?;
        let name = self.name();
        Some(Diagnosis {
            headline: format!(
                "A wake-up is not remembered: {giver} notified before there was a permit, and {name} sleeps for ever."
            ),
            place: run.event(notified).place.clone(),
            question: "What does a thread find that wakes, and looks, right after this line?",
            misconception: Some("notify-before-change"),
            wrong: Some(Wrong {
                event: notified,
                note: format!("{giver} has given nothing yet: who looks now finds no permit."),
            }),
            ..Diagnosis::default()
        })
    }

    fn unexplained(&self) -> Diagnosis {
        Diagnosis {
            headline: format!(
                "Whoever could have a permit has to be woken: {} sleeps in p(), and {}.",
                self.name(),
                wake_ups(self.run, self.slept)
            ),
            place: self.run.event(self.slept).place.clone(),
            question: "Who wakes the threads that sleep here, and after which change?",
            ..Diagnosis::default()
        }
    }
}

/// The events among these that end a V.
fn given(run: &Run, events: Range<usize>) -> Vec<usize> {
    let ends = |index: &usize| run.returned(*index).is_some_and(|called| called.call == Call::V);
    events.filter(ends).collect()
}
