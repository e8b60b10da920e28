//! The contract of counters that are exact, one by one.

use crate::{Contract, Monitor, Specification};
use protocol::stats::{Call, Counter, Counts, Outcome};

/// Three counters.
#[derive(Clone, Copy, Debug)]
pub struct Counters;

/// The counters, and the snapshots that are being taken.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// What was counted so far.
    pub counts: Counts,
    /// Per thread and counter: what a snapshot under way has read.
    read: Vec<(usize, Counter, u64)>,
}

const ALL: [Counter; 3] = [Counter::Opened, Counter::Closed, Counter::Bytes];

impl Specification for Counters {
    type Call = Call;
    type Outcome = Outcome;
    type State = State;

    fn start(&self) -> State {
        State::default()
    }

    fn steps(&self, before: &State, thread: usize, call: Call) -> Vec<(State, Option<Outcome>)> {
        let mut after = before.clone();
        match call {
            Call::Opened => after.counts.opened += 1,
            Call::Closed => after.counts.closed += 1,
            Call::Bytes(count) => after.counts.bytes += count,
            Call::Snapshot => return before.looks(thread),
        }
        vec![(after, Some(Outcome::Counted))]
    }

    fn monitor(self, threads: usize) -> Box<dyn Monitor<Counters>> {
        Box::new(Contract::new(self, threads))
    }
}

impl State {
    /// A snapshot looks at one counter after the other, in any order, and is done with the last.
    fn looks(&self, thread: usize) -> Vec<(State, Option<Outcome>)> {
        let seen = |counter: Counter| {
            self.read.iter().find(|read| read.0 == thread && read.1 == counter).map(|read| read.2)
        };
        if let [Some(opened), Some(closed), Some(bytes)] = ALL.map(seen) {
            let mut after = self.clone();
            after.read.retain(|read| read.0 != thread);
            let possible = closed <= opened;
            return possible
                .then_some((after, Some(Outcome::Saw(Counts { opened, closed, bytes }))))
                .into_iter()
                .collect();
        }
        let unseen = ALL.into_iter().filter(|counter| seen(*counter).is_none());
        let look = |counter| {
            let mut after = self.clone();
            after.read.push((thread, counter, self.counts.of(counter)));
            after.read.sort_unstable();
            (after, None)
        };
        unseen.map(look).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{START, Sight};
    use Call::{Closed, Opened, Snapshot};
    use Outcome::{Counted, Saw};
    use Sight::{Begins, Ends};

    fn allows(sights: &[(usize, Sight<Call, Outcome>)]) -> bool {
        let mut contract = Counters.monitor(3);
        let step =
            |state, &(thread, sight): &(usize, Sight<Call, Outcome>)| contract.next(state, thread, sight);
        sights.iter().try_fold(START, step).is_some()
    }

    fn saw(opened: u64, closed: u64) -> Outcome {
        Saw(Counts { opened, closed, bytes: 0 })
    }

    #[test]
    fn what_has_returned_is_in_the_snapshot() {
        let counted = [(0, Begins(Opened)), (0, Ends(Counted)), (1, Begins(Snapshot))];
        assert!(allows(&[&counted[..], &[(1, Ends(saw(1, 0)))]].concat()));
        assert!(!allows(&[&counted[..], &[(1, Ends(saw(0, 0)))]].concat()));
    }

    #[test]
    fn what_is_under_way_may_be_in_it_or_not() {
        let counts = [(0, Begins(Opened)), (1, Begins(Snapshot))];
        for opened in [0, 1] {
            assert!(allows(&[&counts[..], &[(1, Ends(saw(opened, 0)))]].concat()));
        }
        assert!(!allows(&[&counts[..], &[(1, Ends(saw(2, 0)))]].concat()));
    }

    #[test]
    fn the_numbers_may_be_of_different_moments_as_long_as_they_are_possible() {
        let moves = [
            (0, Begins(Opened)),
            (0, Ends(Counted)),
            (1, Begins(Snapshot)),
            (0, Begins(Closed)),
            (0, Ends(Counted)),
            (0, Begins(Opened)),
            (0, Ends(Counted)),
            (0, Begins(Closed)),
            (0, Ends(Counted)),
        ];
        for (opened, closed, allowed) in [(2, 0, true), (1, 1, true), (2, 2, true), (1, 2, false)] {
            assert_eq!(allows(&[&moves[..], &[(1, Ends(saw(opened, closed)))]].concat()), allowed);
        }
    }
}
