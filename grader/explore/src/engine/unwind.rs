//! Threads that panic and go on.
//!
//! The standard library counts panics per operating system thread, and all searched threads are one. While none of them
//! is suspended in the middle of a panic, its answer is right; else a thread's own panic is known by the panic hook.

use super::operations::point;
use super::{Engine, Pending, inside};
use crate::trace::{ObjectId, Step, ThreadId};
use corosensei::Yielder;
use std::panic::Location;

/// The payload of a panic that a test wants, to see what the program makes of it. A thread that it ends has ended, and no
/// more.
#[derive(Clone, Copy, Debug)]
pub struct Deliberate;

/// Panics with [`Deliberate`] as the payload. There is a scheduling point before it, because there are none in the middle.
#[track_caller]
pub fn panic_deliberately(message: &str) -> ! {
    point(Pending::Go, Location::caller());
    inside(|engine, me| engine.note(me, None, || Step::Throw { message: message.to_owned() }));
    std::panic::panic_any(Deliberate)
}

/// What is known of a thread's panic.
#[derive(Clone, Copy, Default)]
pub(super) struct Unwinding {
    /// It has begun one, and was not seen without one since.
    begun: bool,
    /// It is suspended in the middle of one.
    pub(super) suspended: bool,
}

/// The running thread begins to panic.
pub(super) fn begins_to_unwind() {
    inside(|engine, me| engine.threads[me].unwinding.begun = true);
}

/// Whether the calling thread is in the middle of a panic.
pub(crate) fn unwinding() -> bool {
    inside(|engine, me| engine.unwinds(me)).unwrap_or(false)
}

/// Whether a thread panicked while it had that mutex.
pub(crate) fn poisoned(mutex: ObjectId) -> bool {
    inside(|engine, _| engine.mutexes[mutex].poisoned).unwrap_or(false)
}

impl Engine {
    /// Whether the running thread is in the middle of a panic.
    pub(super) fn unwinds(&mut self, me: ThreadId) -> bool {
        if !std::thread::panicking() {
            self.threads[me].unwinding.begun = false;
            return false;
        }
        self.threads[me].unwinding.begun || self.threads.iter().all(|thread| !thread.unwinding.suspended)
    }

    /// The running thread is about to be suspended, by what this returns.
    pub(super) fn sets_aside(&mut self, me: ThreadId) -> *const Yielder<(), ()> {
        self.threads[me].unwinding.suspended = self.unwinds(me);
        self.threads[me].yielder
    }

    /// Takes the step that the running thread stands before, where it is in the middle of a panic and can go on.
    pub(super) fn unwinds_past(&mut self, me: ThreadId) -> bool {
        let passes = self.unwinds(me)
            && match self.threads[me].pending {
                Pending::Join(other) => self.threads[other].pending == Pending::Done,
                _ => self.ready(me),
            };
        if passes {
            self.take_step(me);
        }
        passes
    }
}
