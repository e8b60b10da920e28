//! Threads with the shape of `std::thread`; in a search they are the explorer's.

use crate::engine;
use crate::trace::ThreadId;
use std::panic::Location;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A thread started, to be waited for. Dropping it lets the thread run on by itself.
#[derive(Debug)]
pub struct JoinHandle<T>(Handle<T>);

#[derive(Debug)]
enum Handle<T> {
    Real(std::thread::JoinHandle<T>),
    Searched { thread: ThreadId, result: Arc<Mutex<Option<T>>> },
}

/// Starts a thread that runs `body`.
#[track_caller]
pub fn spawn<T: Send + 'static>(body: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    start(None, body)
}

/// Starts a thread with a name for the timeline.
#[track_caller]
pub fn spawn_named<T: Send + 'static>(
    name: &str,
    body: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    start(Some(name.to_owned()), body)
}

#[track_caller]
fn start<T: Send + 'static>(
    name: Option<String>,
    body: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    let line = Location::caller();
    if !engine::searching() {
        return JoinHandle(Handle::Real(std::thread::spawn(body)));
    }
    let result = Arc::new(Mutex::new(None));
    let slot = Arc::clone(&result);
    let body = move || *slot.lock().expect("nobody panics with it") = Some(body());
    let thread = engine::spawn(name, Box::new(body), line);
    JoinHandle(Handle::Searched { thread, result })
}

impl<T> JoinHandle<T> {
    /// Blocks until the thread has ended, and returns its result.
    ///
    /// # Errors
    /// The payload of the panic that ended it. (In a search such a panic ends the whole execution.)
    #[track_caller]
    pub fn join(self) -> std::thread::Result<T> {
        match self.0 {
            Handle::Real(handle) => handle.join(),
            Handle::Searched { thread, result } => {
                engine::join(thread, Location::caller());
                let result = result.lock().expect("nobody panics with it").take();
                Ok(result.expect("the thread has ended, and with it the search if it panicked"))
            }
        }
    }
}

/// Sleeps for at least `time`. A search takes no time: there it lets every other thread go first, and also, as if the time
/// had been too short, does not.
#[track_caller]
pub fn sleep(time: Duration) {
    if !engine::yield_now(true, Location::caller()) {
        std::thread::sleep(time);
    }
}

/// Lets other threads go first.
#[track_caller]
pub fn yield_now() {
    if !engine::yield_now(false, Location::caller()) {
        std::thread::yield_now();
    }
}
