//! The pool that counts the jobs it has not finished: there is room for one per worker, and for those that wait.

use oslab::Job;
use oslab::sync::{Condvar, Mutex, MutexGuard};
use oslab::thread::{self, JoinHandle};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// A fixed number of threads that run jobs.
pub struct Pool(Arc<Shared>);

struct Shared {
    most: usize,
    state: Mutex<State>,
    bell: Condvar,
}

#[derive(Hash, Default)]
struct State {
    jobs: VecDeque<Job>,
    unfinished: usize,
    alive: usize,
    shut_down: bool,
    handles: Vec<JoinHandle<()>>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics with the lock")
    }

    fn sleep<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.bell.wait(state).expect("nobody panics with the lock")
    }

    fn work(&self) {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.jobs.pop_front() {
                drop(state);
                let _ = catch_unwind(AssertUnwindSafe(|| job.run()));
                state = self.lock();
                state.unfinished -= 1;
                self.bell.notify_all();
            } else if state.shut_down {
                state.alive -= 1;
                self.bell.notify_all();
                return;
            } else {
                state = self.sleep(state);
            }
        }
    }
}

impl Pool {
    /// Starts the workers.
    pub fn new(workers: usize, queue: usize) -> Pool {
        assert!(workers > 0, "a pool needs a worker");
        assert!(queue > 0, "a pool needs room for a job that waits");
        let state = State { alive: workers, ..State::default() };
        let shared =
            Arc::new(Shared { most: workers + queue, state: Mutex::new(state), bell: Condvar::new() });
        for _ in 0..workers {
            let own = Arc::clone(&shared);
            let handle = thread::spawn(move || own.work());
            shared.lock().handles.push(handle);
        }
        Pool(shared)
    }

    /// Accepts a job, or gives it back.
    pub fn execute(&self, job: Job) -> Result<(), Job> {
        let mut state = self.0.lock();
        loop {
            if state.shut_down {
                return Err(job);
            }
            if state.unfinished < self.0.most {
                state.unfinished += 1;
                state.jobs.push_back(job);
                self.0.bell.notify_all();
                return Ok(());
            }
            state = self.0.sleep(state);
        }
    }

    /// Finishes what was accepted.
    pub fn shutdown(&self) {
        let mut state = self.0.lock();
        state.shut_down = true;
        self.0.bell.notify_all();
        while state.alive > 0 {
            state = self.0.sleep(state);
        }
        // Nobody needs the lock any more in order to end.
        let handles = std::mem::take(&mut state.handles);
        for handle in handles {
            handle.join().expect("workers do not panic");
        }
    }
}
