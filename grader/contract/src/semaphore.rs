//! The contract of a semaphore.

use crate::{Contract, Monitor, Specification};
use protocol::semaphore::Call;

/// A semaphore.
#[derive(Clone, Copy, Debug)]
pub struct Semaphore {
    /// The permits it has at first.
    pub permits: usize,
}

impl Specification for Semaphore {
    type Call = Call;
    /// Neither call has a result.
    type Outcome = ();
    /// The permits there are.
    type State = usize;

    fn start(&self) -> usize {
        self.permits
    }

    fn steps(&self, &permits: &usize, _: usize, call: Call) -> Vec<(usize, Option<()>)> {
        match call {
            Call::P if permits == 0 => Vec::new(),
            Call::P => vec![(permits - 1, Some(()))],
            Call::V => vec![(permits + 1, Some(()))],
        }
    }

    fn monitor(self, threads: usize) -> Box<dyn Monitor<Semaphore>> {
        Box::new(Contract::new(self, threads))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{START, Sight};
    use Call::{P, V};
    use Sight::{Begins, Ends};

    fn allows(permits: usize, sights: &[(usize, Sight<Call, ()>)]) -> bool {
        let mut contract = Semaphore { permits }.monitor(3);
        sights.iter().try_fold(START, |state, &(thread, sight)| contract.next(state, thread, sight)).is_some()
    }

    #[test]
    fn a_p_ends_only_with_a_permit() {
        let once = [(0, Begins(P)), (0, Ends(()))];
        assert!(allows(1, &once));
        assert!(!allows(0, &once));
        assert!(!allows(1, &[once, once].concat()));
    }

    #[test]
    fn a_permit_is_good_for_one_of_two() {
        let both = [(0, Begins(P)), (1, Begins(P)), (2, Begins(V)), (0, Ends(()))];
        assert!(allows(0, &both));
        assert!(!allows(0, &[&both[..], &[(1, Ends(()))]].concat()));
        assert!(allows(1, &[&both[..], &[(1, Ends(()))]].concat()));
    }

    #[test]
    fn a_p_may_wait_as_long_as_there_is_no_permit_and_a_v_never() {
        let mut contract = Semaphore { permits: 0 }.monitor(3);
        let waiting = contract.next(START, 0, Begins(P)).expect("allowed");
        assert_eq!(contract.could_go_on(waiting), None);
        let given = contract.next(waiting, 1, Begins(V)).expect("allowed");
        assert_eq!(contract.could_go_on(given), Some(vec![1]));
        let given = contract.next(given, 1, Ends(())).expect("allowed");
        assert_eq!(contract.could_go_on(given), Some(vec![0]));
    }
}
