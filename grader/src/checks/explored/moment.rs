//! What is known of what is shared just after each event: which values are in it, and which event put them there.

use explore::trace::{Event, Step, ThreadId, Trace};
use std::collections::HashMap;

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

impl Change {
    pub(super) fn puts_in(&self, item: &str) -> bool {
        matches!(self, Change::Push(items) if items.iter().any(|other| other == item))
    }

    pub(super) fn takes_out(&self, item: &str) -> bool {
        matches!(self, Change::Pop(items) if items.iter().any(|other| other == item))
    }
}

/// What is known just after each event of a run. `closes` says of the event that begins a call whether it is one that closes.
pub(super) fn moments(trace: &Trace, closes: impl Fn(usize) -> bool) -> Vec<Moment> {
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

fn fold(trace: &Trace, reader: Reader, closes: impl Fn(usize) -> bool) -> Vec<Moment> {
    let mut now = Moment::default();
    let mut moments = Vec::with_capacity(trace.events.len());
    for (index, event) in trace.events.iter().enumerate() {
        now.call = reader.calls[index];
        now.change = Change::None;
        if matches!(event.step, Step::Write { .. }) && !now.closed && now.call.is_some_and(&closes) {
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
