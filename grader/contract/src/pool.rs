//! The contract of a pool of threads.

use crate::{Contract, Monitor, Specification};
use protocol::pool::{Call, Outcome};

/// A pool.
#[derive(Clone, Copy, Debug)]
pub struct Pool {
    /// How many jobs are at work at most.
    pub workers: usize,
    /// How many more there may be that wait.
    pub queue: usize,
}

/// The jobs of a pool.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// Those that wait, oldest first.
    pub waiting: Vec<usize>,
    /// Those at work, in order.
    pub running: Vec<usize>,
    /// Whether nothing is accepted any more.
    pub shut: bool,
}

impl Specification for Pool {
    type Call = Call;
    type Outcome = Outcome;
    type State = State;

    fn start(&self) -> State {
        State::default()
    }

    /// There is room for a job as long as fewer than `workers + queue` are unfinished: a worker that is free, but has not
    /// yet come to fetch its job, is room enough.
    fn steps(&self, before: &State, _: usize, call: Call) -> Vec<(State, Option<Outcome>)> {
        let State { waiting, running, shut } = before;
        let mut after = before.clone();
        let outcome = match call {
            Call::Execute(job) if *shut => Some(Outcome::Refused(job)),
            Call::Execute(job) if waiting.len() + running.len() < self.workers + self.queue => {
                after.waiting.push(job);
                Some(Outcome::Accepted)
            }
            Call::Begin(job) if waiting.first() == Some(&job) && running.len() < self.workers => {
                after.waiting.remove(0);
                after.running.push(job);
                after.running.sort_unstable();
                Some(Outcome::Begun)
            }
            Call::Finish(job) if running.contains(&job) => {
                after.running.retain(|running| *running != job);
                Some(Outcome::Finished)
            }
            Call::Shutdown if !shut => {
                after.shut = true;
                None
            }
            Call::Shutdown if waiting.is_empty() && running.is_empty() => Some(Outcome::ShutDown),
            Call::Execute(_) | Call::Begin(_) | Call::Finish(_) | Call::Shutdown => return Vec::new(),
        };
        vec![(after, outcome)]
    }

    fn monitor(self, threads: usize) -> Box<dyn Monitor<Pool>> {
        Box::new(Contract::new(self, threads))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{START, Sight};
    use Call::{Begin, Execute, Finish, Shutdown};
    use Outcome::{Accepted, Begun, Finished, Refused, ShutDown};
    use Sight::{Begins, Ends};

    type Sights<'a> = &'a [(usize, Sight<Call, Outcome>)];

    /// Threads 0 and 1 call; number 2 + j is job j.
    fn after(sights: Sights<'_>) -> Option<(Box<dyn Monitor<Pool>>, usize)> {
        let mut contract = Pool { workers: 1, queue: 1 }.monitor(6);
        let under_way = [(3, Begins(Begin(1))), (4, Begins(Begin(2))), (5, Begins(Begin(3)))];
        let state = under_way
            .iter()
            .chain(sights)
            .try_fold(START, |state, (thread, sight)| contract.next(state, *thread, *sight))?;
        Some((contract, state))
    }

    fn allows(sights: Sights<'_>) -> bool {
        after(sights).is_some()
    }

    const ONE: [(usize, Sight<Call, Outcome>); 2] = [(0, Begins(Execute(1))), (0, Ends(Accepted))];
    const TWO: [(usize, Sight<Call, Outcome>); 2] = [(0, Begins(Execute(2))), (0, Ends(Accepted))];

    #[test]
    fn a_job_is_begun_once_it_is_accepted_and_in_order() {
        assert!(!allows(&[(3, Ends(Begun))]));
        assert!(allows(&[&ONE[..], &[(3, Ends(Begun))]].concat()));
        assert!(!allows(&[&ONE[..], &TWO, &[(4, Ends(Begun))]].concat()));
    }

    #[test]
    fn no_more_jobs_are_at_work_than_there_are_workers() {
        let both = [&ONE[..], &TWO, &[(3, Ends(Begun))]].concat();
        assert!(!allows(&[&both[..], &[(4, Ends(Begun))]].concat()));
        let one_done = [(3, Begins(Finish(1))), (3, Ends(Finished)), (4, Ends(Begun))];
        assert!(allows(&[&both[..], &one_done].concat()));
    }

    #[test]
    fn one_job_too_many_has_to_wait() {
        let full = [&ONE[..], &TWO, &[(3, Ends(Begun)), (0, Begins(Execute(3)))]].concat();
        assert!(!allows(&[&full[..], &[(0, Ends(Accepted))]].concat()));
        let (contract, state) = after(&full).expect("allowed");
        assert_eq!(contract.could_go_on(state), None);
        let (contract, state) = after(&[&ONE[..], &TWO].concat()).expect("allowed");
        assert_eq!(contract.could_go_on(state), Some(vec![3]), "job 1 is to be begun");
    }

    #[test]
    fn shutdown_waits_for_what_was_accepted_and_nothing_is_accepted_after_it() {
        let shutting = [&ONE[..], &[(1, Begins(Shutdown))]].concat();
        assert!(!allows(&[&shutting[..], &[(1, Ends(ShutDown))]].concat()));
        let done = [(3, Ends(Begun)), (3, Begins(Finish(1))), (3, Ends(Finished)), (1, Ends(ShutDown))];
        let done = [&shutting[..], &done].concat();
        assert!(allows(&[&done[..], &[(0, Begins(Execute(2))), (0, Ends(Refused(2)))]].concat()));
        assert!(!allows(&[&done[..], &TWO].concat()));
        assert!(allows(&[&done[..], &[(1, Begins(Shutdown)), (1, Ends(ShutDown))]].concat()));
    }
}
