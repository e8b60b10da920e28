//! What is known of a buffer at a step of a run.

use super::{Blocked, Run};
use crate::checks::explored::Moment;
use protocol::buffer::{Call, Outcome};

impl Run<'_> {
    pub(super) fn capacity(&self) -> usize {
        self.scenario.subject.capacity
    }

    /// Whether the contract lets a call complete just after an event.
    pub(super) fn could(&self, call: Call, index: usize) -> bool {
        let moment = &self.moments[index];
        match call {
            Call::Put(_) => moment.closed || moment.items.len() < self.capacity(),
            Call::Take => moment.closed || !moment.items.is_empty(),
            Call::Close => true,
        }
    }

    /// Whether the contents can be seen: a state with a `Hash` of its own may leave the items out.
    pub(super) fn sees_items(&self) -> bool {
        let holds = |moment: &Moment| !moment.items.is_empty();
        self.ended(self.trace.events.len(), |outcome| outcome == Outcome::Accepted) == 0
            || self.moments.iter().any(holds)
    }

    /// What is in the buffer just after an event, as a clause: "is empty", "holds 10, 11".
    pub(super) fn filling(&self, index: usize) -> String {
        match self.moments[index].items.as_slice() {
            [] => "is empty".to_owned(),
            items => format!("holds {}", items.join(", ")),
        }
    }

    /// What is in the buffer just after an event, for a cell: "empty", "10, full", "10, 11".
    pub(super) fn contents(&self, index: usize) -> String {
        let items = &self.moments[index].items;
        let full = if items.len() >= self.capacity() { ", full" } else { "" };
        if items.is_empty() { "empty".to_owned() } else { format!("{}{full}", items.join(", ")) }
    }

    /// How many items there are of how many: those that are seen, or else those that were put and not taken by calls that
    /// have ended.
    pub(super) fn level(&self, index: usize) -> String {
        let items = if self.sees_items() {
            self.moments[index].items.len()
        } else {
            let accepted = self.ended(index + 1, |outcome| outcome == Outcome::Accepted);
            accepted.saturating_sub(self.ended(index + 1, |outcome| matches!(outcome, Outcome::Took(_))))
        };
        format!("{items}/{}", self.capacity())
    }

    /// How many calls have come back with such an outcome in the first events.
    fn ended(&self, events: usize, such: impl Fn(Outcome) -> bool) -> usize {
        self.returns(events).filter(|(_, called)| called.outcome.is_some_and(&such)).count()
    }

    /// What a look at the queue shows.
    pub(super) fn sees(&self, index: usize) -> String {
        let (held, capacity) = (self.moments[index].items.len(), self.capacity());
        match held {
            0 => "queue empty".to_owned(),
            _ if held >= capacity => "queue full".to_owned(),
            _ => format!("holds {held} of {capacity}"),
        }
    }

    /// What is to be said of a thread asleep at the end, as a clause.
    pub(super) fn why_asleep(&self, blocked: &Blocked, could: bool) -> String {
        let end = self.trace.events.len() - 1;
        let moment = &self.moments[end];
        let putting = blocked.call.is_some_and(Call::puts);
        match (could, putting) {
            (true, _) if !self.sees_items() => ", although it could go on".to_owned(),
            (false, _) if !self.sees_items() => String::new(),
            (true, _) if moment.closed => ", although the buffer is closed".to_owned(),
            (true, true) => ", although there is room".to_owned(),
            (true, false) => format!(", although the buffer {}", self.filling(end)),
            (false, true) => "; the buffer is full".to_owned(),
            (false, false) => "; the buffer is empty".to_owned(),
        }
    }
}
