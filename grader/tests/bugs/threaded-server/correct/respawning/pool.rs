//! The pool that lets a panic end a worker, and starts another one in its place.

use oslab::Job;
use oslab::sync::{Condvar, Mutex};
use oslab::thread::{self, JoinHandle};
use std::collections::VecDeque;
use std::sync::Arc;

/// A fixed number of threads that run jobs.
pub struct Pool {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    workers: Mutex<Vec<JoinHandle<()>>>,
    ending: Mutex<()>,
    job_waits: Condvar,
    room: Condvar,
    queue: usize,
}

#[derive(Hash)]
struct State {
    jobs: VecDeque<Job>,
    shut_down: bool,
}

/// Starts the next worker where this one ends in a panic.
struct Sentinel(Arc<Shared>);

impl Drop for Sentinel {
    fn drop(&mut self) {
        if std::thread::panicking() {
            start(&self.0);
        }
    }
}

fn start(shared: &Arc<Shared>) {
    let own = Arc::clone(shared);
    let worker = thread::spawn(move || {
        let sentinel = Sentinel(own);
        while let Some(job) = sentinel.0.next_job() {
            job.run();
        }
    });
    shared.workers.lock().unwrap().push(worker);
}

impl Shared {
    fn next_job(&self) -> Option<Job> {
        let mut state = self.state.lock().unwrap();
        while state.jobs.is_empty() && !state.shut_down {
            state = self.job_waits.wait(state).unwrap();
        }
        let job = state.jobs.pop_front();
        self.room.notify_one();
        job
    }
}

impl Pool {
    /// Starts the workers.
    pub fn new(workers: usize, queue: usize) -> Pool {
        assert!(workers > 0, "a pool needs a worker");
        assert!(queue > 0, "a pool needs room for a job that waits");
        let shared = Arc::new(Shared {
            state: Mutex::new(State { jobs: VecDeque::new(), shut_down: false }),
            workers: Mutex::new(Vec::new()),
            ending: Mutex::new(()),
            job_waits: Condvar::new(),
            room: Condvar::new(),
            queue,
        });
        (0..workers).for_each(|_| start(&shared));
        Pool { shared }
    }

    /// Accepts a job, or gives it back.
    pub fn execute(&self, job: Job) -> Result<(), Job> {
        let mut state = self.shared.state.lock().unwrap();
        while state.jobs.len() == self.shared.queue && !state.shut_down {
            state = self.shared.room.wait(state).unwrap();
        }
        if state.shut_down {
            return Err(job);
        }
        state.jobs.push_back(job);
        self.shared.job_waits.notify_one();
        Ok(())
    }

    /// Finishes what was accepted.
    pub fn shutdown(&self) {
        let mut state = self.shared.state.lock().unwrap();
        state.shut_down = true;
        drop(state);
        self.shared.job_waits.notify_all();
        self.shared.room.notify_all();
        // A worker that is joined has put its successor into the list before it ended.
        let _one_at_a_time = self.shared.ending.lock().unwrap();
        loop {
            let worker = self.shared.workers.lock().unwrap().pop();
            let Some(worker) = worker else { return };
            let _ = worker.join();
        }
    }
}
