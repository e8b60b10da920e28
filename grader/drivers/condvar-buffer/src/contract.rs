//! The contract of a bounded buffer, as a sequential specification, and a monitor that holds executions against it.
//!
//! A call takes effect at one moment between its begin and its end. Nobody outside sees when, so the monitor keeps
//! every [`Configuration`] that is still possible: what would be in the buffer, and which of the calls under way have
//! taken effect, with which result. When a call ends, the configurations in which it has not taken effect with that
//! result are struck out. None left: the execution breaks the contract (it is not *linearizable*).

use protocol::buffer::Call;
use std::collections::BTreeSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

/// What a call comes back with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// A put was accepted.
    Accepted,
    /// A put was refused; the item came back.
    Refused(u32),
    /// A take.
    Took(u32),
    /// A take after the end.
    Ended,
    /// A close.
    Closed,
}

/// One possible truth about the buffer.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Configuration {
    /// The items, oldest first.
    pub queue: Vec<u32>,
    /// Whether it was closed.
    pub closed: bool,
    /// Per thread: the result of its call, where it has taken effect and not yet ended.
    pub effects: Vec<Option<Outcome>>,
}

/// All that is still possible, and the calls under way.
#[derive(Clone, Debug)]
pub struct Monitor {
    capacity: usize,
    possible: BTreeSet<Configuration>,
    /// Per thread: its call under way.
    under_way: Vec<Option<Call>>,
}

impl Monitor {
    /// An empty buffer and no calls.
    pub fn new(capacity: usize, threads: usize) -> Monitor {
        let empty = Configuration { effects: vec![None; threads], ..Configuration::default() };
        Monitor { capacity, possible: BTreeSet::from([empty]), under_way: vec![None; threads] }
    }

    /// A thread's call begins.
    pub fn begins(&mut self, thread: usize, call: Call) {
        self.under_way[thread] = Some(call);
        self.close_under_effects();
    }

    /// A thread has entered a call: if nothing was seen of it so far, it begins now.
    pub fn has_begun(&mut self, thread: usize, call: Call) {
        if self.under_way[thread].is_none() {
            self.begins(thread, call);
        }
    }

    /// A thread's call ends. Err: the contract does not allow this result; the configurations before it are returned.
    pub fn ends(&mut self, thread: usize, outcome: Outcome) -> Result<(), Vec<Configuration>> {
        let fits = |configuration: &Configuration| configuration.effects[thread] == Some(outcome);
        if !self.possible.iter().any(fits) {
            return Err(self.possible.iter().cloned().collect());
        }
        self.under_way[thread] = None;
        self.possible = std::mem::take(&mut self.possible)
            .into_iter()
            .filter(fits)
            .map(|mut configuration| {
                configuration.effects[thread] = None;
                configuration
            })
            .collect();
        Ok(())
    }

    /// Adds what becomes possible when calls under way take effect, in any order.
    fn close_under_effects(&mut self) {
        let mut fresh: Vec<Configuration> = self.possible.iter().cloned().collect();
        while let Some(configuration) = fresh.pop() {
            for (thread, call) in self.under_way.iter().enumerate() {
                if let Some(call) = call
                    && configuration.effects[thread].is_none()
                    && let Some(next) = self.take_effect(&configuration, thread, *call)
                    && self.possible.insert(next.clone())
                {
                    fresh.push(next);
                }
            }
        }
    }

    /// The specification: what a call does. None: it has to wait.
    fn take_effect(&self, before: &Configuration, thread: usize, call: Call) -> Option<Configuration> {
        let mut after = before.clone();
        let outcome = match call {
            Call::Put(item) if before.closed => Outcome::Refused(item),
            Call::Put(_) if before.queue.len() >= self.capacity => return None,
            Call::Put(item) => {
                after.queue.push(item);
                Outcome::Accepted
            }
            Call::Take if !before.queue.is_empty() => Outcome::Took(after.queue.remove(0)),
            Call::Take if before.closed => Outcome::Ended,
            Call::Take => return None,
            Call::Close => {
                after.closed = true;
                Outcome::Closed
            }
        };
        after.effects[thread] = Some(outcome);
        Some(after)
    }

    /// For an execution in which nobody can go on: None where the contract lets every call under way wait; else the
    /// threads whose call could be over, and what the buffer holds.
    pub fn could_go_on(&self) -> Option<(Vec<usize>, Vec<u32>)> {
        let ready = |configuration: &Configuration| -> Vec<usize> {
            let ready = |(thread, call): (usize, &Option<Call>)| {
                let call = (*call)?;
                let done = configuration.effects[thread].is_some();
                (done || self.take_effect(configuration, thread, call).is_some()).then_some(thread)
            };
            self.under_way.iter().enumerate().filter_map(ready).collect()
        };
        if self.possible.iter().any(|configuration| ready(configuration).is_empty()) {
            return None;
        }
        let effects = |configuration: &&Configuration| configuration.effects.iter().flatten().count();
        let plainest = self.possible.iter().min_by_key(effects)?;
        Some((ready(plainest), plainest.queue.clone()))
    }

    /// A hash of all that a verdict can depend on.
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (&self.possible, &self.under_way).hash(&mut hasher);
        hasher.finish()
    }
}
