//! Threads with the shape of `std::thread`; in a search they are the explorer's.

use crate::engine::{self, Deliberate};
use crate::trace::ThreadId;
use std::hash::{Hash, Hasher};
use std::io;
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

/// Which thread it is: a search can tell a state by the handles in it.
impl<T> Hash for JoinHandle<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        if let Handle::Searched { thread, .. } = self.0 {
            thread.hash(state);
        }
    }
}

/// Starts a thread that runs `body`.
///
/// # Panics
/// Where the system cannot start another thread.
#[track_caller]
pub fn spawn<T: Send + 'static>(body: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    Builder::new().spawn(body).expect("failed to spawn thread")
}

/// Starts a thread with a name for the timeline.
#[track_caller]
pub fn spawn_named<T: Send + 'static>(
    name: &str,
    body: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    Builder::new().name(name.to_owned()).spawn(body).expect("failed to spawn thread")
}

/// A thread about to be started.
#[derive(Debug, Default)]
pub struct Builder {
    name: Option<String>,
}

impl Builder {
    /// One without a name.
    pub fn new() -> Builder {
        Builder::default()
    }

    /// Gives it a name.
    pub fn name(self, name: String) -> Builder {
        Builder { name: Some(name) }
    }

    /// Starts it.
    ///
    /// # Errors
    /// That of the system, where it cannot start another thread. (In a search it always can.)
    #[track_caller]
    pub fn spawn<T: Send + 'static>(
        self,
        body: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<JoinHandle<T>> {
        let line = Location::caller();
        if !engine::searching() {
            let builder = self.name.into_iter().fold(std::thread::Builder::new(), std::thread::Builder::name);
            return builder.spawn(body).map(|handle| JoinHandle(Handle::Real(handle)));
        }
        let result = Arc::new(Mutex::new(None));
        let slot = Arc::clone(&result);
        let body = move || {
            let value = body();
            *slot.lock().expect("nobody panics with it") = Some(value);
        };
        let thread = engine::spawn(self.name, Box::new(body), line);
        Ok(JoinHandle(Handle::Searched { thread, result }))
    }
}

impl<T> JoinHandle<T> {
    /// Blocks until the thread has ended, and returns its result.
    ///
    /// # Errors
    /// The payload of the panic that ended it. (In a search such a panic ends the whole execution, except for one that
    /// the test wants: [`Deliberate`].)
    #[track_caller]
    pub fn join(self) -> std::thread::Result<T> {
        match self.0 {
            Handle::Real(handle) => handle.join(),
            Handle::Searched { thread, result } => {
                engine::join(thread, Location::caller());
                let result = result.lock().expect("nobody panics with it").take();
                result.ok_or_else(|| Box::new(Deliberate) as _)
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
