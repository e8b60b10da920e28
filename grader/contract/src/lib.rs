//! The contract of a bounded buffer, as a sequential specification, and a monitor that holds executions against it.
//!
//! A call takes effect at one moment between its begin and its end. Nobody outside sees when, so the monitor keeps
//! every [`Configuration`] that is still possible: what would be in the buffer, and which of the calls under way have
//! taken effect, with which result. When a call ends, the configurations in which it has not taken effect with that
//! result are struck out. None left: the execution breaks the contract (it is not *linearizable*).
//!
//! The sets of configurations are the states of an automaton. A search goes through the same few hundred of them again
//! and again, so each is worked out once; and its number is all that a verdict can depend on.

use protocol::buffer::Call;
use std::collections::HashMap;

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

/// What is seen of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sight {
    /// It begins a call.
    Begins(Call),
    /// Its call ends.
    Ends(Outcome),
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
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    /// In order, each once.
    possible: Vec<Configuration>,
    /// Per thread: its call under way.
    under_way: Vec<Option<Call>>,
}

/// The contract of a buffer of some capacity, used by some threads.
#[derive(Debug)]
pub struct Contract {
    capacity: usize,
    states: Vec<State>,
    numbers: HashMap<State, usize>,
    next: HashMap<(usize, usize, Sight), Option<usize>>,
}

/// Nothing was seen yet: the buffer is empty.
pub const START: usize = 0;

impl Contract {
    /// For a buffer with room for `capacity` items, and threads 0 to `threads` - 1.
    pub fn new(capacity: usize, threads: usize) -> Contract {
        let empty = Configuration { effects: vec![None; threads], ..Configuration::default() };
        let start = State { possible: vec![empty], under_way: vec![None; threads] };
        let mut contract =
            Contract { capacity, states: Vec::new(), numbers: HashMap::new(), next: HashMap::new() };
        contract.number(start);
        contract
    }

    /// The state after something was seen of a thread; None: the contract does not allow it.
    pub fn next(&mut self, state: usize, thread: usize, sight: Sight) -> Option<usize> {
        if let Some(&known) = self.next.get(&(state, thread, sight)) {
            return known;
        }
        let next = self.states[state].clone();
        let next = match sight {
            Sight::Begins(call) => Some(self.begins(next, thread, call)),
            Sight::Ends(outcome) => ends(next, thread, outcome),
        };
        let next = next.map(|next| self.number(next));
        self.next.insert((state, thread, sight), next);
        next
    }

    /// Everything that may be true in a state.
    pub fn possible(&self, state: usize) -> &[Configuration] {
        &self.states[state].possible
    }

    /// Whether a thread has a call under way.
    pub fn is_under_way(&self, state: usize, thread: usize) -> bool {
        self.states[state].under_way[thread].is_some()
    }

    /// For a state in which nobody can go on: None where the contract lets every call under way wait; else the threads
    /// whose call could be over, and what the buffer holds.
    pub fn could_go_on(&self, state: usize) -> Option<(Vec<usize>, Vec<u32>)> {
        let State { possible, under_way } = &self.states[state];
        let ready = |configuration: &Configuration| -> Vec<usize> {
            let ready = |(thread, call): (usize, &Option<Call>)| {
                let call = (*call)?;
                let over = configuration.effects[thread].is_some();
                (over || self.take_effect(configuration, thread, call).is_some()).then_some(thread)
            };
            under_way.iter().enumerate().filter_map(ready).collect()
        };
        if possible.iter().any(|configuration| ready(configuration).is_empty()) {
            return None;
        }
        let effects = |configuration: &&Configuration| configuration.effects.iter().flatten().count();
        let plainest = possible.iter().min_by_key(effects)?;
        Some((ready(plainest), plainest.queue.clone()))
    }

    fn number(&mut self, state: State) -> usize {
        let number = *self.numbers.entry(state.clone()).or_insert(self.states.len());
        if number == self.states.len() {
            self.states.push(state);
        }
        number
    }

    fn begins(&self, mut state: State, thread: usize, call: Call) -> State {
        state.under_way[thread] = Some(call);
        let mut next = 0;
        while next < state.possible.len() {
            for thread in 0..state.under_way.len() {
                if let Some(call) = state.under_way[thread]
                    && state.possible[next].effects[thread].is_none()
                    && let Some(after) = self.take_effect(&state.possible[next], thread, call)
                    && !state.possible.contains(&after)
                {
                    state.possible.push(after);
                }
            }
            next += 1;
        }
        state.possible.sort_unstable();
        state
    }

    /// The specification: what a call does. None: it has to wait.
    fn take_effect(&self, before: &Configuration, thread: usize, call: Call) -> Option<Configuration> {
        let full = before.queue.len() >= self.capacity;
        let waits = match call {
            Call::Put(_) => full && !before.closed,
            Call::Take => before.queue.is_empty() && !before.closed,
            Call::Close => false,
        };
        if waits {
            return None;
        }
        let mut after = before.clone();
        after.effects[thread] = Some(match call {
            Call::Put(item) if before.closed => Outcome::Refused(item),
            Call::Put(item) => {
                after.queue.push(item);
                Outcome::Accepted
            }
            Call::Take if before.queue.is_empty() => Outcome::Ended,
            Call::Take => Outcome::Took(after.queue.remove(0)),
            Call::Close => {
                after.closed = true;
                Outcome::Closed
            }
        });
        Some(after)
    }
}

fn ends(mut state: State, thread: usize, outcome: Outcome) -> Option<State> {
    state.under_way[thread] = None;
    state.possible.retain(|configuration| configuration.effects[thread] == Some(outcome));
    state.possible.iter_mut().for_each(|configuration| configuration.effects[thread] = None);
    (!state.possible.is_empty()).then_some(state)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Call::{Close, Put, Take};
    use Outcome::{Accepted, Closed, Ended, Refused, Took};
    use Sight::{Begins, Ends};

    fn allows(capacity: usize, sights: &[(usize, Sight)]) -> bool {
        let mut contract = Contract::new(capacity, 3);
        let step = |state, &(thread, sight): &(usize, Sight)| contract.next(state, thread, sight);
        sights.iter().try_fold(START, step).is_some()
    }

    #[test]
    fn items_leave_in_the_order_they_came() {
        let two = [(0, Begins(Put(1))), (0, Ends(Accepted)), (0, Begins(Put(2))), (0, Ends(Accepted))];
        assert!(allows(2, &[&two[..], &[(1, Begins(Take)), (1, Ends(Took(1)))]].concat()));
        assert!(!allows(2, &[&two[..], &[(1, Begins(Take)), (1, Ends(Took(2)))]].concat()));
    }

    #[test]
    fn overlapping_calls_may_take_effect_in_either_order() {
        let both = [(0, Begins(Put(1))), (1, Begins(Put(2))), (0, Ends(Accepted)), (1, Ends(Accepted))];
        for item in [1, 2] {
            assert!(allows(2, &[&both[..], &[(2, Begins(Take)), (2, Ends(Took(item)))]].concat()));
        }
    }

    #[test]
    fn a_put_into_a_full_buffer_does_not_end_before_a_take_begins() {
        let full = [(0, Begins(Put(1))), (0, Ends(Accepted)), (0, Begins(Put(2)))];
        assert!(!allows(1, &[&full[..], &[(0, Ends(Accepted))]].concat()));
        assert!(allows(1, &[&full[..], &[(1, Begins(Take)), (0, Ends(Accepted))]].concat()));
    }

    #[test]
    fn after_the_close_puts_are_refused_and_takes_drain() {
        let closed = [(0, Begins(Put(1))), (0, Ends(Accepted)), (1, Begins(Close)), (1, Ends(Closed))];
        assert!(allows(1, &[&closed[..], &[(0, Begins(Put(2))), (0, Ends(Refused(2)))]].concat()));
        assert!(!allows(1, &[&closed[..], &[(0, Begins(Put(2))), (0, Ends(Accepted))]].concat()));
        assert!(!allows(1, &[&closed[..], &[(2, Begins(Take)), (2, Ends(Ended))]].concat()));
        let drained =
            [&closed[..], &[(2, Begins(Take)), (2, Ends(Took(1))), (2, Begins(Take)), (2, Ends(Ended))]];
        assert!(allows(1, &drained.concat()));
    }

    #[test]
    fn a_full_buffer_lets_a_put_wait_and_an_open_empty_one_a_take() {
        let mut contract = Contract::new(1, 3);
        let mut at = START;
        for (thread, sight) in [(0, Begins(Put(1))), (0, Ends(Accepted)), (0, Begins(Put(2)))] {
            at = contract.next(at, thread, sight).expect("allowed");
        }
        assert_eq!(contract.could_go_on(at), None);
        at = contract.next(at, 1, Begins(Take)).expect("allowed");
        assert_eq!(contract.could_go_on(at), Some((vec![1], vec![1])));
    }
}
