//! A recorded run of a scenario, with what can be known of what was shared at each of its steps.

use super::moment::{Change, Moment, moments};
use super::sources::Sources;
use super::{Scenario, Words, names};
use explore::On;
use explore::trace::{Event, Step, ThreadId, Trace};
use protocol::search::ThreadPlan;

/// A run and its reading.
pub(in crate::checks) struct Run<'a, L: Words> {
    pub(in crate::checks) scenario: &'a Scenario<L>,
    pub(in crate::checks) trace: &'a Trace,
    pub(in crate::checks) sources: &'a Sources,
    /// What the student calls the mutexes, by number.
    pub(in crate::checks) mutexes: Vec<String>,
    /// What the student calls the condition variables, by number.
    pub(in crate::checks) condvars: Vec<String>,
    /// What the student calls the atomics, by number.
    pub(in crate::checks) atomics: Vec<String>,
    /// What the student calls the semaphores, by number, where they are the grader's.
    pub(in crate::checks) semaphores: Vec<String>,
    /// What the student calls the unprotected values, by number.
    pub(in crate::checks) cells: Vec<String>,
    /// For each event of the trace.
    pub(in crate::checks) moments: Vec<Moment>,
}

impl<'a, L: Words> Run<'a, L> {
    pub(in crate::checks) fn new(
        scenario: &'a Scenario<L>,
        trace: &'a Trace,
        sources: &'a Sources,
    ) -> Run<'a, L> {
        Run {
            scenario,
            trace,
            sources,
            mutexes: names::mutexes(trace, sources),
            condvars: names::condvars(trace, sources),
            atomics: names::atomics(trace, sources),
            semaphores: names::semaphores(trace, sources),
            cells: names::cells(trace, sources),
            moments: moments(trace, L::closes),
        }
    }

    pub(in crate::checks) fn event(&self, index: usize) -> &'a Event {
        &self.trace.events[index]
    }

    pub(in crate::checks) fn name(&self, thread: ThreadId) -> &'a str {
        self.trace.threads.get(thread).map_or("a thread", String::as_str)
    }

    /// What the scenario has a thread do; none for the main thread, and for those that the student's code has started.
    pub(in crate::checks) fn plan(&self, thread: ThreadId) -> Option<&'a ThreadPlan<L::Call>> {
        self.scenario.threads.iter().find(|plan| plan.name == self.name(thread))
    }

    /// The names of some threads: "C1", "C1 and C2", "C1, C2 and C3".
    pub(in crate::checks) fn names(&self, threads: &[ThreadId]) -> String {
        match threads {
            [] => "nobody".to_owned(),
            [one] => self.name(*one).to_owned(),
            [some @ .., last] => {
                let some: Vec<&str> = some.iter().map(|thread| self.name(*thread)).collect();
                format!("{} and {}", some.join(", "), self.name(*last))
            }
        }
    }

    /// `put(11)`: the call that an event belongs to.
    pub(in crate::checks) fn call_at(&self, index: usize) -> Option<&'a str> {
        match &self.event(self.moments[index].call?).step {
            Step::Call { label } => Some(label),
            _ => None,
        }
    }

    /// The events of the same call, in order.
    pub(in crate::checks) fn same_call(&self, index: usize) -> Vec<usize> {
        let thread = self.event(index).thread;
        let call = self.moments[index].call;
        let same = |other: &usize| self.event(*other).thread == thread && self.moments[*other].call == call;
        (0..self.trace.events.len()).filter(same).collect()
    }

    /// The events of a thread, in order.
    pub(in crate::checks) fn own(&self, thread: ThreadId) -> Vec<usize> {
        (0..self.trace.events.len()).filter(|index| self.event(*index).thread == thread).collect()
    }

    /// The last event of a thread that is of some kind.
    pub(in crate::checks) fn last(&self, thread: ThreadId, kind: impl Fn(&Step) -> bool) -> Option<usize> {
        self.trace.events.iter().rposition(|event| event.thread == thread && kind(&event.step))
    }

    /// The semaphore that a thread is blocked on: the grader's, or a student's own that holds the condition variable.
    pub(in crate::checks) fn semaphore_of(&self, on: On) -> Option<&str> {
        match on {
            On::Semaphore(semaphore) => Some(&self.semaphores[semaphore]),
            On::Condvar(condvar) => part_of(&self.condvars[condvar]),
            _ => None,
        }
    }

    /// The student's semaphore that a mutex is part of.
    pub(in crate::checks) fn owner_of(&self, mutex: usize) -> Option<&str> {
        part_of(&self.mutexes[mutex])
    }

    /// The semaphores of which a thread has taken more permits than it has given since its present call began, each with
    /// the event that took the last one.
    pub(in crate::checks) fn held(&self, thread: ThreadId) -> Vec<(usize, usize)> {
        let Some(began) = self.last_call(thread) else { return Vec::new() };
        let mut held: Vec<(usize, usize)> = Vec::new();
        for index in self.same_call(began) {
            match self.event(index).step {
                Step::P { semaphore, .. } => held.push((semaphore, index)),
                Step::V { semaphore, .. } => {
                    if let Some(at) = held.iter().rposition(|(taken, _)| *taken == semaphore) {
                        held.remove(at);
                    }
                }
                _ => {}
            }
        }
        held
    }

    /// The permits that a semaphore had at first, where that can be told.
    pub(in crate::checks) fn permits_at_first(&self, semaphore: usize) -> Option<usize> {
        self.trace.events.iter().find_map(|event| match event.step {
            Step::P { semaphore: other, permits } if other == semaphore => Some(permits + 1),
            Step::V { semaphore: other, permits } if other == semaphore => Some(permits - 1),
            Step::NoPermit { semaphore: other } if other == semaphore => Some(0),
            _ => None,
        })
    }

    /// The event with which a thread fell asleep for the last time.
    pub(in crate::checks) fn last_sleep(&self, thread: ThreadId) -> Option<usize> {
        self.last(thread, |step| matches!(step, Step::Wait { .. }))
    }

    /// The last step of the call of an event that changed something.
    pub(in crate::checks) fn last_change(&self, index: usize) -> Option<usize> {
        self.same_call(index).into_iter().rfind(|index| self.moments[*index].change != Change::None)
    }

    /// The step that took a value out for the last time.
    pub(in crate::checks) fn removal(&self, item: &str) -> Option<usize> {
        self.moments.iter().rposition(|moment| moment.change.takes_out(item))
    }

    /// The step that put a value in for the first time, where it went in before values that had come earlier.
    pub(in crate::checks) fn jumped_the_queue(&self, item: &str) -> Option<usize> {
        let push = self.moments.iter().position(|moment| moment.change.puts_in(item))?;
        let items = &self.moments[push].items;
        (items.len() > 1 && items[0] == item).then_some(push)
    }

    /// The last call that a thread began: an event that belongs to it.
    pub(in crate::checks) fn last_call(&self, thread: ThreadId) -> Option<usize> {
        self.last(thread, |step| matches!(step, Step::Call { .. }))
    }
}

/// `empty_slots` of `empty_slots.permits`.
fn part_of(name: &str) -> Option<&str> {
    name.split_once('.').map(|(owner, _)| owner)
}
