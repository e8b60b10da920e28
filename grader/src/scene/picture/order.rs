//! Calls of several processes between two steps of the grader: in an order that is the same in every run.
//!
//! Which of two calls that have nothing to do with each other came first is chance. As far as causes are known (a process
//! does one thing after the other, a child begins with its fork, a wait ends with a child's end) they are kept; else the
//! older process goes on as long as it can.

use crate::trace::{Call, Log, Record};
use std::collections::{BTreeMap, VecDeque};

type Placed<'a> = (usize, &'a Record);

/// The same calls, in that order.
pub(super) fn settled<'a>(calls: &[Placed<'a>], log: &Log) -> Vec<Placed<'a>> {
    let mut left: BTreeMap<usize, VecDeque<Placed<'a>>> = BTreeMap::new();
    calls.iter().for_each(|call| left.entry(call.1.process).or_default().push_back(*call));
    let mut order = Vec::new();
    while let Some(process) = next(&left, log) {
        let queue = left.get_mut(&process).expect("it has a call left");
        order.extend(queue.pop_front());
        left.retain(|_, queue| !queue.is_empty());
    }
    order
}

/// The oldest process whose next call has all its causes behind it; the oldest of all where causes go round in a circle.
fn next(left: &BTreeMap<usize, VecDeque<Placed<'_>>>, log: &Log) -> Option<usize> {
    let free = |(process, queue): &(&usize, &VecDeque<Placed<'_>>)| {
        let forked = |(_, call): &Placed<'_>| call.call == Call::Fork && call.other == Some(**process);
        let parent = log.processes[**process].parent.and_then(|parent| left.get(&parent));
        let unborn = parent.is_some_and(|calls| calls.iter().any(forked));
        let (_, call) = queue[0];
        let awaited = call.other.filter(|_| call.call == Call::Wait);
        !unborn && awaited.is_none_or(|child| !left.contains_key(&child))
    };
    left.iter().find(free).or_else(|| left.iter().next()).map(|(process, _)| *process)
}
