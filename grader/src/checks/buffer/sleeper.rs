//! A thread that sleeps although its call could complete: what has changed since it fell asleep, and whether it had to
//! sleep at all.

use super::{Blocked, Run, words};
use crate::checks::explored::{Absent, Change, Culprit, Diagnosis, Wrong, slept_on_stale_look, wake_ups};
use crate::class::Class;
use crate::timeline::Side;
use explore::On;
use explore::trace::{Step, ThreadId};
use protocol::buffer::Call;

/// A thread that sleeps although it could go on.
pub(super) struct Sleeper<'a> {
    pub(super) run: &'a Run<'a>,
    pub(super) thread: ThreadId,
    /// Its call: `put(11)`.
    pub(super) call: Call,
    pub(super) condvar: usize,
    /// The event with which it fell asleep.
    pub(super) slept: usize,
}

/// A change after which the sleeper could go on, and what its thread did about it.
pub(super) struct Supply {
    /// The change.
    pub(super) change: usize,
    /// Notifications later in the same call.
    pub(super) notified: Vec<usize>,
}

impl<'a> Sleeper<'a> {
    pub(super) fn new(run: &'a Run<'a>, blocked: &'a Blocked) -> Option<Sleeper<'a>> {
        let On::Condvar(condvar) = blocked.on else { return None };
        let slept = run.last_sleep(blocked.thread)?;
        Some(Sleeper { run, thread: blocked.thread, call: blocked.call?, condvar, slept })
    }

    pub(super) fn name(&self) -> &'a str {
        self.run.name(self.thread)
    }

    pub(super) fn diagnose(&self) -> Diagnosis {
        let supplies = self.supplies();
        let mut diagnosis = if !self.run.sees_items() {
            self.unexplained()
        } else if self.run.could(self.call, self.slept) {
            self.slept_for_nothing()
        } else {
            let latest = |find: &dyn Fn(&Supply) -> Option<Diagnosis>| supplies.iter().rev().find_map(find);
            latest(&|supply| self.woke_another(supply))
                .or_else(|| latest(&|supply| self.woke_too_few(supply)))
                .or_else(|| latest(&|supply| self.woke_too_early(supply)))
                .or_else(|| latest(&|supply| self.woke_nobody(supply)))
                .or_else(|| latest(&|supply| self.woke_the_wrong_side(supply)))
                .unwrap_or_else(|| self.unexplained())
        };
        diagnosis.expected = self.expected();
        diagnosis.culprits = vec![Culprit::Condvar(self.condvar), Culprit::Items];
        diagnosis
    }

    /// It sleeps in a semaphore of the student's own, which the buffer is made of.
    pub(super) fn in_a_semaphore(&self) -> Option<Diagnosis> {
        let semaphore = self.run.semaphore_of(On::Condvar(self.condvar))?;
        Some(Diagnosis {
            headline: format!(
                "A permit has to reach whoever sleeps for it: {} sleeps on `{semaphore}`, and {}.",
                self.name(),
                wake_ups(self.run, self.slept)
            ),
            expected: self.expected(),
            place: self.run.event(self.slept).place.clone(),
            question: "Is there a permit by now, and who told the thread that sleeps here?",
            culprits: vec![Culprit::Condvar(self.condvar), Culprit::Items],
            ..Diagnosis::default()
        })
    }

    /// The changes since the sleeper fell asleep after which it could go on.
    pub(super) fn supplies(&self) -> Vec<Supply> {
        let later = self.slept + 1..self.run.trace.events.len();
        let helps = |index: &usize| {
            let changed = &self.run.moments[*index].change;
            let right_way = match changed {
                Change::None => false,
                Change::Push(_) => self.call == Call::Take,
                Change::Pop(_) => self.call.puts(),
                Change::Close => true,
            };
            right_way && self.run.could(self.call, *index)
        };
        later.filter(helps).map(|change| Supply { change, notified: self.notified_after(change) }).collect()
    }

    pub(super) fn notified_after(&self, change: usize) -> Vec<usize> {
        let notifies = |index: &usize| matches!(self.run.event(*index).step, Step::Notify { .. });
        // A notification under the lock but before the change reaches its sleepers after the change all the same.
        let first = self.critical_section(change);
        self.run.same_call(change).into_iter().filter(|index| *index > first).filter(notifies).collect()
    }

    /// Where the critical section of an event begins.
    pub(super) fn critical_section(&self, index: usize) -> usize {
        let thread = self.run.event(index).thread;
        let enters = |step: &Step| matches!(step, Step::Lock { .. } | Step::Wake { .. });
        let own = |at: &usize| self.run.event(*at).thread == thread && enters(&self.run.event(*at).step);
        (0..index).rfind(own).unwrap_or(index)
    }

    /// It fell asleep when its call could have completed.
    pub(super) fn slept_for_nothing(&self) -> Diagnosis {
        let (run, name) = (self.run, self.name());
        let place = run.event(self.slept).place.clone();
        let closed = run.moments[self.slept].closed;
        if let Some(diagnosis) = slept_on_stale_look(run, self.slept, "others changed the buffer") {
            return diagnosis;
        }
        let (headline, question, misconception, class) = if self.call == Call::Close {
            (
                format!("Closing waits for nobody: {name} sleeps in {}.", self.call),
                "What does this call wait for, and who promised that it would come?",
                "close-waits",
                None,
            )
        } else if closed {
            (
                format!(
                    "After close nobody waits: {name} sleeps in {} for {} that can no longer come.",
                    self.call,
                    self.want()
                ),
                "What has to end this wait besides the change it waits for?",
                "closed-not-in-condition",
                None,
            )
        } else if self.call.puts() {
            (
                format!(
                    "A buffer is full when it holds its capacity: {name} sleeps in {} with {} in it.",
                    self.call,
                    words::of_capacity(run, self.slept)
                ),
                "For how many items does this condition leave room?",
                "wrong-capacity",
                Some(Class::WrongCapacity),
            )
        } else {
            (
                format!(
                    "A take waits only while the buffer is empty: {name} sleeps although it {}.",
                    run.filling(self.slept)
                ),
                "When exactly does a take have to wait?",
                "wrong-capacity",
                Some(Class::WrongCapacity),
            )
        };
        Diagnosis {
            headline,
            place,
            question,
            misconception: Some(misconception),
            class,
            wrong: Some(Wrong { event: self.slept, note: self.situation(self.slept) }),
            ..Diagnosis::default()
        }
    }

    /// None of the rules fits: no step is marked.
    pub(super) fn unexplained(&self) -> Diagnosis {
        let place = self.run.event(self.slept).place.clone();
        Diagnosis {
            headline: format!(
                "Whoever could go on has to be woken: {} sleeps in {}, and {}.",
                self.name(),
                self.call,
                wake_ups(self.run, self.slept)
            ),
            place,
            question: "Who wakes the threads that sleep here, and after which change?",
            ..Diagnosis::default()
        }
    }

    pub(super) fn expected(&self) -> String {
        format!("{} of {} returns: {}", self.call, self.name(), self.reason())
    }

    pub(super) fn reason(&self) -> String {
        let end = self.run.trace.events.len() - 1;
        let moment = &self.run.moments[end];
        match (self.call.puts(), moment.closed) {
            _ if self.call == Call::Close => "it has nothing to wait for".to_owned(),
            _ if !self.run.sees_items() => "nothing keeps it from going on".to_owned(),
            (true, true) => "the buffer is closed, so the item is refused".to_owned(),
            (true, false) => "there is room".to_owned(),
            (false, _) if !moment.items.is_empty() => format!("the buffer {}", self.run.filling(end)),
            (false, _) => "the buffer is closed and empty, so there is no item to wait for".to_owned(),
        }
    }

    /// What the sleeper waits for.
    pub(super) fn want(&self) -> &'static str {
        if self.call.puts() { "room" } else { "an item" }
    }

    /// What a change did for the sleeper: "put 10 for C1".
    pub(super) fn gift(&self, supply: &Supply) -> String {
        match &self.run.moments[supply.change].change {
            Change::Push(items) => format!("put {}", items.join(", ")),
            Change::Pop(_) => format!("made room for {}", self.name()),
            _ => "closed the buffer".to_owned(),
        }
    }

    /// Where things stand after an event: "The buffer holds 10 now."
    pub(super) fn situation(&self, index: usize) -> String {
        let closed =
            if self.run.moments[index].closed { "The buffer is closed, and it" } else { "The buffer" };
        format!("{closed} {} now.", self.run.filling(index))
    }

    /// Whether a change made an empty buffer hold something, or a full one have room.
    pub(super) fn was_edge(&self, change: usize) -> bool {
        let moment = &self.run.moments[change];
        match &moment.change {
            Change::Push(added) => moment.items.len() == added.len(),
            Change::Pop(removed) => moment.items.len() + removed.len() == self.run.capacity(),
            _ => true,
        }
    }

    /// The step that lets the lock go after a change.
    pub(super) fn end_of_section(&self, change: usize) -> usize {
        let ends = |step: &Step| matches!(step, Step::Unlock { .. } | Step::Wait { .. });
        let later = self.run.same_call(change).into_iter().filter(|index| *index > change);
        later.into_iter().find(|index| ends(&self.run.event(*index).step)).unwrap_or(change)
    }

    /// Whether a thread that an event woke went back to sleep without a change of its own.
    pub(super) fn slept_again(&self, thread: ThreadId, woken: usize) -> bool {
        let mut own =
            (woken + 1..self.run.trace.events.len()).filter(|index| self.run.event(*index).thread == thread);
        let decides = |index: &usize| {
            matches!(self.run.event(*index).step, Step::Wait { .. })
                || self.run.moments[*index].change != Change::None
        };
        own.find(decides).is_some_and(|index| matches!(self.run.event(index).step, Step::Wait { .. }))
    }

    pub(super) fn wake(&self, event: usize) -> Absent {
        let helped = words::would_have(self.run, self.name(), self.call, event);
        Absent { event, side: Side::After, label: format!("wake {}", self.name()), helped }
    }

    pub(super) fn wake_too(&self, event: usize) -> Absent {
        Absent { label: format!("wake {} too", self.name()), ..self.wake(event) }
    }

    pub(super) fn wake_before_unlock(&self, supply: &Supply) -> Absent {
        Absent { side: Side::Before, ..self.wake(self.end_of_section(supply.change)) }
    }
}
