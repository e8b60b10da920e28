//! A thread under search: where it is, and what it is about to do.

use super::Line;
use super::unwind::Unwinding;
use crate::trace::{ObjectId, ThreadId};
use corosensei::stack::DefaultStack;
use corosensei::{Coroutine, Yielder};

pub(super) type Fiber = Coroutine<(), (), (), DefaultStack>;

/// What a thread is about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pending {
    /// Run its first lines.
    Start,
    /// Go on: nothing can keep it.
    Go,
    /// Go on after everybody else had a chance to.
    Yield,
    /// Take a mutex.
    Lock(ObjectId),
    /// Take a permit.
    P(ObjectId),
    /// Nothing, until it is notified.
    Asleep { condvar: ObjectId, mutex: ObjectId },
    /// Take the mutex back after a wait.
    Wake { condvar: ObjectId, mutex: ObjectId, by: ThreadId },
    /// Go on once that thread has ended.
    Join(ThreadId),
    /// Nothing any more.
    Done,
}

impl Pending {
    pub(super) fn code(self) -> u64 {
        match self {
            Pending::Start => 1,
            Pending::Go => 2,
            Pending::Yield => 3,
            Pending::Done => 4,
            Pending::Lock(mutex) => 5 | (mutex as u64) << 8,
            // The thread cannot tell who woke it, nor whether anybody did.
            Pending::Wake { condvar, mutex, .. } => 6 | (mutex as u64) << 8 | (condvar as u64) << 24,
            Pending::Asleep { condvar, mutex } => 7 | (mutex as u64) << 8 | (condvar as u64) << 24,
            Pending::Join(thread) => 8 | (thread as u64) << 8,
            Pending::P(semaphore) => 9 | (semaphore as u64) << 8,
        }
    }
}

/// What a thread did, as far as its history tells states apart.
#[derive(Clone, Copy)]
pub(super) enum Did {
    Lock,
    TryLockFailed,
    Unlock,
    Wait,
    Notify,
    Yield,
    Spawn,
    Join,
    Load,
    Store,
    Update,
    P,
    V,
    Enter,
    Leave,
}

pub(super) struct Thread {
    pub(super) fiber: Option<Fiber>,
    pub(super) yielder: *const Yielder<(), ()>,
    pub(super) name: String,
    pub(super) pending: Pending,
    pub(super) line: Option<Line>,
    pub(super) history: u64,
    pub(super) steps: usize,
    pub(super) yielded: bool,
    /// Those woken since the marked call began, as bits.
    pub(super) woken: u64,
    /// Run when the marked call takes its first step.
    pub(super) begins: Option<Box<dyn FnOnce()>>,
    /// Values it has asked an identity for.
    pub(super) identities: u64,
    pub(super) unwinding: Unwinding,
    /// What it does is the test's own business, and not recorded.
    pub(super) aside: bool,
}
