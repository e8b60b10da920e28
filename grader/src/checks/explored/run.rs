//! A recorded run of a scenario, with what can be known of what was shared at each of its steps.

use super::moment::{Change, Moment, moments};
use super::names::Name;
use super::sources::Sources;
use super::{Called, Recording, Scenario, Words, names};
use explore::On;
use explore::trace::{Event, Step, ThreadId, Trace};
use protocol::search::ThreadPlan;
use std::collections::BTreeMap;

/// A run and its reading.
pub(in crate::checks) struct Run<'a, L: Words> {
    pub(in crate::checks) scenario: &'a Scenario<L>,
    pub(in crate::checks) trace: &'a Trace,
    called: &'a BTreeMap<usize, Called<L>>,
    pub(in crate::checks) sources: &'a Sources,
    /// What the student calls the mutexes, by number.
    pub(in crate::checks) mutexes: Vec<Name>,
    /// What the student calls the condition variables, by number.
    pub(in crate::checks) condvars: Vec<Name>,
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
        recording: &'a Recording<L>,
        sources: &'a Sources,
    ) -> Run<'a, L> {
        let Recording { trace, called } = recording;
        Run {
            scenario,
            trace,
            called,
            sources,
            mutexes: names::mutexes(trace, sources),
            condvars: names::condvars(trace, sources),
            atomics: names::atomics(trace, sources),
            semaphores: names::semaphores(trace, sources),
            cells: names::cells(trace, sources),
            moments: moments(trace, |index| called.get(&index).is_some_and(|called| L::closes(called.call))),
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

    /// The call that an event belongs to: `put(11)`.
    pub(in crate::checks) fn call_at(&self, index: usize) -> Option<L::Call> {
        Some(self.called.get(&self.moments[index].call?)?.call)
    }

    /// The call that an event ends, with what it came back with.
    pub(in crate::checks) fn returned(&self, index: usize) -> Option<Called<L>> {
        self.called_in(index, |step| matches!(step, Step::Return { .. }))
    }

    /// The call that an event begins.
    pub(in crate::checks) fn begun(&self, index: usize) -> Option<L::Call> {
        Some(self.called_in(index, |step| matches!(step, Step::Call { .. }))?.call)
    }

    /// What an event says of a call of the test's own, such as a job that is begun.
    pub(in crate::checks) fn marked(&self, index: usize) -> Option<Called<L>> {
        self.called_in(index, |step| matches!(step, Step::Mark { .. }))
    }

    fn called_in(&self, index: usize, kind: fn(&Step) -> bool) -> Option<Called<L>> {
        self.called.get(&index).filter(|_| kind(&self.event(index).step)).copied()
    }

    /// The events that end a call, in order, each with what it came back with, among the first of all events.
    pub(in crate::checks) fn returns(&self, events: usize) -> impl Iterator<Item = (usize, Called<L>)> {
        (0..events.min(self.trace.events.len())).filter_map(|index| Some((index, self.returned(index)?)))
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
            On::Condvar(condvar) => self.condvars[condvar].owner.as_deref(),
            _ => None,
        }
    }

    /// The student's semaphore that a mutex is part of.
    pub(in crate::checks) fn owner_of(&self, mutex: usize) -> Option<&str> {
        self.mutexes[mutex].owner.as_deref()
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
