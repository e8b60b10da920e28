//! The pool with semaphores of its own: one counts jobs, one counts room.

use oslab::Job;
use oslab::sync::{Condvar, Mutex};
use oslab::thread::{self, JoinHandle};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

struct Semaphore {
    permits: Mutex<usize>,
    more: Condvar,
}

impl Semaphore {
    fn new(permits: usize) -> Semaphore {
        Semaphore { permits: Mutex::new(permits), more: Condvar::new() }
    }

    fn p(&self) {
        let mut permits = self.permits.lock().unwrap();
        while *permits == 0 {
            permits = self.more.wait(permits).unwrap();
        }
        *permits -= 1;
    }

    fn v(&self) {
        *self.permits.lock().unwrap() += 1;
        self.more.notify_one();
    }
}

/// A fixed number of threads that run jobs.
pub struct Pool {
    shared: Arc<Shared>,
    workers: Mutex<Vec<JoinHandle<()>>>,
}

struct Shared {
    state: Mutex<State>,
    jobs: Semaphore,
    room: Semaphore,
}

#[derive(Hash)]
struct State {
    queue: VecDeque<Job>,
    shut_down: bool,
}

impl Pool {
    /// Starts the workers.
    pub fn new(workers: usize, queue: usize) -> Pool {
        assert!(workers > 0 && queue > 0, "a pool needs a worker and room");
        let shared = Arc::new(Shared {
            state: Mutex::new(State { queue: VecDeque::new(), shut_down: false }),
            jobs: Semaphore::new(0),
            room: Semaphore::new(queue),
        });
        let mut handles = Vec::new();
        for _ in 0..workers {
            let shared = shared.clone();
            handles.push(thread::spawn(move || {
                loop {
                    shared.jobs.p();
                    let Some(job) = shared.state.lock().unwrap().queue.pop_front() else {
                        // The end, for the next worker, too.
                        shared.jobs.v();
                        break;
                    };
                    shared.room.v();
                    let _ = catch_unwind(AssertUnwindSafe(move || job.run()));
                }
            }));
        }
        Pool { shared, workers: Mutex::new(handles) }
    }

    /// Accepts a job, or gives it back.
    pub fn execute(&self, job: Job) -> Result<(), Job> {
        self.shared.room.p();
        let mut state = self.shared.state.lock().unwrap();
        if state.shut_down {
            drop(state);
            self.shared.room.v();
            return Err(job);
        }
        state.queue.push_back(job);
        drop(state);
        self.shared.jobs.v();
        Ok(())
    }

    /// Finishes what was accepted.
    pub fn shutdown(&self) {
        self.shared.state.lock().unwrap().shut_down = true;
        self.shared.jobs.v();
        self.shared.room.v();
        let mut workers = self.workers.lock().unwrap();
        while let Some(worker) = workers.pop() {
            worker.join().unwrap();
        }
    }
}
