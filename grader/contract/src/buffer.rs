//! The contract of a bounded buffer.

use crate::{Contract, Monitor, Specification};
use protocol::buffer::{Call, Outcome};

/// A buffer with room for so many items.
#[derive(Clone, Copy, Debug)]
pub struct Buffer {
    /// How many.
    pub capacity: usize,
}

/// What is in a buffer.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// The items, oldest first.
    pub queue: Vec<u32>,
    /// Whether it was closed.
    pub closed: bool,
}

impl Specification for Buffer {
    type Call = Call;
    type Outcome = Outcome;
    type State = State;

    fn start(&self) -> State {
        State::default()
    }

    fn steps(&self, before: &State, _: usize, call: Call) -> Vec<(State, Option<Outcome>)> {
        let full = before.queue.len() >= self.capacity;
        let waits = match call {
            Call::Put(_) => full && !before.closed,
            Call::Take => before.queue.is_empty() && !before.closed,
            Call::Close => false,
        };
        if waits {
            return Vec::new();
        }
        let mut after = before.clone();
        let outcome = match call {
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
        };
        vec![(after, Some(outcome))]
    }

    fn monitor(self, threads: usize) -> Box<dyn Monitor<Buffer>> {
        Box::new(Contract::new(self, threads))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{START, Sight};
    use Call::{Close, Put, Take};
    use Outcome::{Accepted, Closed, Ended, Refused, Took};
    use Sight::{Begins, Ends};

    fn allows(capacity: usize, sights: &[(usize, Sight<Call, Outcome>)]) -> bool {
        let mut contract = Buffer { capacity }.monitor(3);
        let step =
            |state, &(thread, sight): &(usize, Sight<Call, Outcome>)| contract.next(state, thread, sight);
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
        let mut contract = Buffer { capacity: 1 }.monitor(3);
        let mut at = START;
        for (thread, sight) in [(0, Begins(Put(1))), (0, Ends(Accepted)), (0, Begins(Put(2)))] {
            at = contract.next(at, thread, sight).expect("allowed");
        }
        assert_eq!(contract.could_go_on(at), None);
        at = contract.next(at, 1, Begins(Take)).expect("allowed");
        assert_eq!(contract.could_go_on(at), Some(vec![1]));
    }
}
