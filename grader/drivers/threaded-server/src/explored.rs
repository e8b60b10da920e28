//! The student's counters and pool, as subjects of a search.

use driver::pool::TestPool;
use driver::stats::TestStats;
use oslab::Job;
use protocol::stats::Counts;
use threaded_server::{Pool, Snapshot, Stats};

pub struct Counters(Stats);

impl Counters {
    pub fn make() -> Box<dyn TestStats> {
        Box::new(Counters(Stats::new()))
    }
}

impl TestStats for Counters {
    fn came(&self) {
        Stats::connection_opened(&self.0);
    }
    fn left(&self) {
        Stats::connection_closed(&self.0);
    }
    fn carried(&self, count: u64) {
        Stats::bytes(&self.0, count);
    }
    fn look(&self) -> Counts {
        let Snapshot { opened, closed, bytes } = Stats::snapshot(&self.0);
        Counts { opened, closed, bytes }
    }
}

pub struct Workers(Pool);

impl Workers {
    pub fn make(workers: usize, queue: usize) -> Box<dyn TestPool> {
        Box::new(Workers(Pool::new(workers, queue)))
    }
}

impl TestPool for Workers {
    fn accept(&self, job: Job) -> Result<(), Job> {
        Pool::execute(&self.0, job)
    }
    fn end(&self) {
        Pool::shutdown(&self.0);
    }
}
