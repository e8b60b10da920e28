//! Quiescence: every thread of a program blocked, and none has run between two looks.

use super::family::Member;
use super::proc;
use super::syscall::Blocked;

/// How a program's threads were found at one look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rest {
    /// Somebody runs, or is about to.
    pub(crate) running: bool,
    /// Somebody waits with a time limit: comes back by itself.
    pub(crate) timed: bool,
    /// Somebody does nothing but let time pass, or is in a call that ends by itself.
    pub(crate) sleeping: bool,
    /// Somebody is held by the tracer.
    pub(crate) held: bool,
    /// Somebody is stopped, by SIGSTOP or the like.
    pub(crate) stopped: bool,
    /// Every thread with its count of switches: equal twice, nobody ran in between.
    threads: Vec<(i32, u64)>,
}

impl Rest {
    /// Looks at these processes. Where none lives, all is at rest.
    pub(crate) fn of(processes: &[Member]) -> Rest {
        let mut rest = Rest::default();
        for Member { pid, threads } in processes {
            threads.iter().for_each(|tid| rest.add(*pid, *tid));
        }
        rest
    }

    /// How many threads there are, in all processes.
    pub(crate) fn tasks(&self) -> usize {
        self.threads.len()
    }

    /// The count is read before the call: where the next look finds the same count, the thread was in this call from the
    /// one to the other.
    fn add(&mut self, pid: i32, tid: i32) {
        let Some(turns) = proc::turns(pid, tid).filter(|turns| !turns.over) else { return };
        self.threads.push((tid, turns.switches));
        self.held |= turns.held;
        self.stopped |= turns.stopped;
        if turns.running || turns.held {
            self.running = true;
            return;
        }
        match Blocked::of(pid, tid) {
            None => self.running = true,
            Some(blocked) => {
                self.timed |= !blocked.forever;
                self.sleeping |= blocked.passes_time;
            }
        }
    }
}

/// Consecutive looks at the same programs.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    last: Option<Vec<Rest>>,
    equal: u32,
}

impl Watch {
    /// Adds a look; says at how many looks in a row, this one included, everybody was blocked and nobody had run.
    /// A program in a poll loop with a time limit is blocked as long as it does not run; one that sleeps is not.
    pub(crate) fn look(&mut self, now: Vec<Rest>) -> u32 {
        let blocked = now.iter().all(|rest| !rest.running && !rest.sleeping);
        let same = self.last.as_ref().is_some_and(|last| threads(last).eq(threads(&now)));
        self.equal = match (blocked, same) {
            (false, _) => 0,
            (true, true) => self.equal + 1,
            (true, false) => 1,
        };
        self.last = Some(now);
        self.equal
    }

    /// Whether nobody in the last look comes back by itself.
    pub(crate) fn for_good(&self) -> bool {
        self.last.as_ref().is_some_and(|last| last.iter().all(|rest| !rest.timed))
    }

    /// Whether somebody ran in the last look.
    pub(crate) fn running(&self) -> bool {
        self.last.as_ref().is_some_and(|last| last.iter().any(|rest| rest.running))
    }
}

fn threads(rests: &[Rest]) -> impl Iterator<Item = &(i32, u64)> {
    rests.iter().flat_map(|rest| &rest.threads)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rest(switches: u64) -> Rest {
        Rest { threads: vec![(7, switches)], ..Rest::default() }
    }

    #[test]
    fn rest_is_two_looks_between_which_nobody_ran() {
        let mut watch = Watch::default();
        assert_eq!(watch.look(vec![rest(1)]), 1);
        assert_eq!(watch.look(vec![rest(2)]), 1, "the thread ran between the looks");
        assert_eq!(watch.look(vec![rest(2)]), 2);
        assert_eq!(watch.look(vec![Rest { running: true, ..rest(2) }]), 0);
        assert_eq!(watch.look(vec![rest(2)]), 1, "it ran at the last look");
    }

    #[test]
    fn who_waits_for_a_time_is_at_rest_but_not_for_good() {
        let mut watch = Watch::default();
        assert_eq!(watch.look(vec![Rest { timed: true, ..rest(1) }]), 1);
        assert!(!watch.for_good());
        assert_eq!(watch.look(vec![Rest { sleeping: true, ..rest(1) }]), 0);
    }
}
