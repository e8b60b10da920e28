//! A pool: a fixed number of threads that do one job after the other.
//!
//! A thread per client is a promise without a limit: ten thousand clients make ten thousand threads. A pool has as many
//! threads as were asked for. What comes while all of them are busy waits in a queue; and when the queue is full too,
//! whoever brings more has to wait. That is called *back-pressure*: it reaches from the workers to the queue, to the
//! accept loop, to the listener's queue, and at last to the clients.

use oslab::Job;
use oslab::sync::Mutex;
use oslab::thread::JoinHandle;
use std::collections::VecDeque;
use std::sync::Arc;

/// A fixed number of threads, the *workers*, that run the jobs they are given. Shared by reference (in an `Arc`, say).
///
/// Jobs are begun in the order in which they were accepted, each is run once, and at most as many at a time as there are
/// workers. A pool that is no longer needed has to be [shut down](Pool::shutdown): its threads do not end by
/// themselves.
pub struct Pool {
    /// What the workers share with those who call.
    shared: Arc<Shared>,
    /// To wait for the workers' ends.
    workers: Mutex<Vec<JoinHandle<()>>>,
}

struct Shared {
    /// All that changes.
    state: Mutex<State>,
    // What do threads wait for here? Name a condition variable for each of these things.
    /// How many jobs may wait for a worker.
    queue: usize,
}

/// What the mutex guards.
///
/// Fields may be added. `Hash` is for the grader: it runs the program in many orders, and the hash lets it recognise a
/// state that it has been in before. Every type in here has to implement it.
#[derive(Hash)]
struct State {
    /// The jobs that wait for a worker, oldest at the front.
    jobs: VecDeque<Job>,
    /// Whether `shutdown` was called. There is no way back.
    shut_down: bool,
}

impl Pool {
    /// A pool with `workers` threads and room for `queue` jobs that wait for one of them.
    ///
    /// Starts all of its threads. They sleep while there is nothing to do, and live until the pool is shut down. A job that
    /// panics costs the pool no worker: there are `workers` threads before and after it.
    ///
    /// # Panics
    /// Where `workers` is 0 ("a pool needs a worker") or `queue` is 0 ("a pool needs room for a job that waits"). And
    /// where the system cannot start so many threads.
    pub fn new(workers: usize, queue: usize) -> Pool {
        assert!(workers > 0, "a pool needs a worker");
        assert!(queue > 0, "a pool needs room for a job that waits");
        let state = Mutex::new(State { jobs: VecDeque::new(), shut_down: false });
        let shared = Arc::new(Shared { state, queue });
        // In the end: Pool { shared, workers: Mutex::new(…) }
        todo!("start the workers; each runs jobs until there are none and none can come")
    }

    /// Accepts a job, to be run by the first worker that is free, and returns `Ok(())`. Does not wait for the job to be
    /// begun or done.
    ///
    /// Blocks while all workers are busy and `queue` jobs wait. After [`shutdown`](Pool::shutdown) returns `Err(job)`, so
    /// that the caller has its job back; so it does for a thread that is blocked here when `shutdown` is called.
    ///
    /// # Panics
    /// Where another thread panicked while it held the lock: the mutex is poisoned then. (A job that panics does not hold
    /// it.)
    pub fn execute(&self, job: Job) -> Result<(), Job> {
        // What there is to work with:
        let Pool { shared, workers } = self;
        let Shared { state, queue } = &**shared;
        todo!("wait while the queue is full; after the end give the job back, else queue it, wake a worker")
    }

    /// Ends the pool: no job is accepted from now on, and those that were accepted are still run.
    ///
    /// Blocks until every job that was accepted has ended, and every worker: all their threads have been joined. To shut
    /// down a pool again is harmless, and it promises the same: when a second call returns, whether the first has returned
    /// or not, all is at an end.
    ///
    /// Not to be called by a job: a worker cannot wait for its own end.
    ///
    /// # Panics
    /// Where another thread panicked while it held the lock, as in [`execute`](Pool::execute).
    pub fn shutdown(&self) {
        todo!("note the end, wake all who sleep, and wait for the workers to do what is left and end")
    }
}
