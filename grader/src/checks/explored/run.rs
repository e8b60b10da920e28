//! A recorded run of a scenario, with what can be known of what was shared at each of its steps.

use super::sources::Sources;
use super::{Scenario, Words, names};
use explore::On;
use explore::trace::{Event, Step, ThreadId, Trace};
use std::collections::HashMap;

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

/// What is known just after an event.
#[derive(Clone, Debug, Default)]
pub(in crate::checks) struct Moment {
    /// The values that announced themselves in what is shared.
    pub(in crate::checks) items: Vec<String>,
    /// Whether it was closed.
    pub(in crate::checks) closed: bool,
    /// What the event changed.
    pub(in crate::checks) change: Change,
    /// The event that began the call which this event belongs to.
    pub(in crate::checks) call: Option<usize>,
}

/// A change of what is shared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::checks) enum Change {
    #[default]
    None,
    /// These values went in.
    Push(Vec<String>),
    /// These values went out.
    Pop(Vec<String>),
    /// It was closed.
    Close,
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

    /// The last call that a thread began: an event that belongs to it.
    pub(in crate::checks) fn last_call(&self, thread: ThreadId) -> Option<usize> {
        self.last(thread, |step| matches!(step, Step::Call { .. }))
    }
}

/// `empty_slots` of `empty_slots.permits`.
fn part_of(name: &str) -> Option<&str> {
    name.split_once('.').map(|(owner, _)| owner)
}

fn moments(trace: &Trace, closes: fn(&str) -> bool) -> Vec<Moment> {
    let mut reader = Reader::default();
    for (index, event) in trace.events.iter().enumerate() {
        reader.read(index, event);
    }
    fold(trace, reader, closes)
}

/// Where values can be.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Holder {
    Mutex(usize),
    Cell(usize),
}

/// Finds out which event changed what: the contents are known where a lock is let go, so the change is that of the
/// last write before.
#[derive(Default)]
struct Reader {
    /// The values in each mutex and each unprotected value.
    contents: HashMap<Holder, Vec<String>>,
    last_write: HashMap<ThreadId, usize>,
    current_call: HashMap<ThreadId, usize>,
    calls: Vec<Option<usize>>,
    /// The change and all contents after it, by event.
    changes: HashMap<usize, (Change, Vec<String>)>,
}

impl Reader {
    fn read(&mut self, index: usize, event: &Event) {
        if let Step::Call { .. } = event.step {
            self.current_call.insert(event.thread, index);
        }
        self.calls.push(self.current_call.get(&event.thread).copied());
        match &event.step {
            Step::Lock { .. } | Step::Wake { .. } => drop(self.last_write.remove(&event.thread)),
            Step::Write { .. } => drop(self.last_write.insert(event.thread, index)),
            Step::Unlock { mutex, contents } | Step::Wait { mutex, contents, .. } => {
                let by = self.last_write.remove(&event.thread).unwrap_or(index);
                self.compare(Holder::Mutex(*mutex), contents, by);
            }
            Step::Leave { cell, contents } => self.compare(Holder::Cell(*cell), contents, index),
            Step::Return { .. } => drop(self.current_call.remove(&event.thread)),
            _ => {}
        }
    }

    fn compare(&mut self, holder: Holder, now: &[String], by: usize) {
        let before = self.contents.insert(holder, now.to_vec()).unwrap_or_default();
        let added = without(now, &before);
        let removed = without(&before, now);
        if added.is_empty() && removed.is_empty() {
            return;
        }
        let change = if added.is_empty() { Change::Pop(removed) } else { Change::Push(added) };
        let mut places: Vec<_> = self.contents.iter().collect();
        places.sort();
        let all = places.into_iter().flat_map(|(_, items)| items.clone()).collect();
        self.changes.insert(by, (change, all));
    }
}

fn without(these: &[String], those: &[String]) -> Vec<String> {
    these.iter().filter(|item| !those.contains(item)).cloned().collect()
}

fn fold(trace: &Trace, reader: Reader, closes: fn(&str) -> bool) -> Vec<Moment> {
    let mut now = Moment::default();
    let mut moments = Vec::with_capacity(trace.events.len());
    for (index, event) in trace.events.iter().enumerate() {
        now.call = reader.calls[index];
        now.change = Change::None;
        if matches!(event.step, Step::Write { .. }) && !now.closed && is_close(trace, now.call, closes) {
            now.closed = true;
            now.change = Change::Close;
        }
        if let Some((change, items)) = reader.changes.get(&index) {
            now.change = change.clone();
            now.items = items.clone();
        }
        moments.push(now.clone());
    }
    moments
}

fn is_close(trace: &Trace, call: Option<usize>, closes: fn(&str) -> bool) -> bool {
    let label = call.map(|index| &trace.events[index].step);
    matches!(label, Some(Step::Call { label }) if closes(label))
}
