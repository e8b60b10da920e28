//! Work for another thread.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::panic::UnwindSafe;

/// Work that is done once, by the thread that calls [`run`](Job::run).
///
/// It can be hashed, so that it can be kept in a [`Mutex`](crate::sync::Mutex).
///
/// ```
/// let job = oslab::Job::new(|| println!("done"));
/// std::thread::spawn(|| job.run()).join().unwrap();
/// ```
pub struct Job {
    work: Box<dyn FnOnce() + Send>,
    #[cfg(feature = "explore")]
    mark: Mark,
}

impl Job {
    /// A job that calls `work`. The values that `work` owns are dropped with it: after the call, or with a job that
    /// never runs.
    pub fn new(work: impl FnOnce() + Send + 'static) -> Job {
        Job {
            work: Box::new(work),
            #[cfg(feature = "explore")]
            mark: Mark::Number(explore::identity()),
        }
    }

    /// Does the work, in the calling thread, and returns when it is done.
    ///
    /// # Panics
    /// If the work panics. [`catch_unwind`](std::panic::catch_unwind) stops a panic there.
    pub fn run(self) {
        (self.work)();
    }
}

/// What distinguishes a job from others, where a search asks.
#[cfg(feature = "explore")]
enum Mark {
    Number(u64),
    #[cfg(feature = "grading")]
    Name(String),
}

#[cfg(feature = "grading")]
impl Job {
    /// A job that a timeline shows by this name. No other job of the program has it.
    pub fn named(name: &str, work: impl FnOnce() + Send + 'static) -> Job {
        Job { mark: Mark::Name(name.to_owned()), ..Job::new(work) }
    }

    /// Its name, if it has one.
    pub fn name(&self) -> Option<&str> {
        match &self.mark {
            Mark::Name(name) => Some(name),
            Mark::Number(_) => None,
        }
    }
}

#[cfg(feature = "explore")]
impl Hash for Job {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.mark {
            Mark::Number(number) => number.hash(state),
            #[cfg(feature = "grading")]
            Mark::Name(name) => {
                explore::watched(|| name.clone());
                name.hash(state);
            }
        }
    }
}

#[cfg(not(feature = "explore"))]
impl Hash for Job {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

/// A job is used up when it runs: no code sees what a panic leaves behind of it.
impl UnwindSafe for Job {}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Job")
    }
}
