//! The schedule explorer: runs a small concurrent program under every schedule that can make a difference, up to a
//! bound, and says how each of them ended.
//!
//! The program uses [`sync`] and [`thread`] in place of the standard library's modules. While a search is under way
//! its threads are coroutines on one operating system thread, and every decision of a scheduler is a *pick* of the
//! search; the list of picks is the schedule, and replays it. Without a search the same types are the standard ones.
//!
//! # What is searched
//!
//! [`search::search`] is a depth-first search over the picks. A pick that takes the processor from a thread that could
//! go on is a *preemption* and costs 1, so does a *spurious wakeup*; everything else is free. The search covers all
//! schedules within a bound on the cost. It restarts the program for every schedule.
//!
//! Scheduling points are coarse ([`engine`]): before a lock or a permit is taken, before an atomic is used, before a
//! notification by a thread that does not hold the condition variable's mutex, and in the middle of an access to an [`sync::Unprotected`] value. What a
//! thread does between two points is protected by the locks it holds or is its own business, and unlocking, or giving a
//! permit, only lets others do more, so that moving a point there adds no outcome.
//!
//! A state that was visited before, at no higher cost, is not searched again. A state is known by a hash of
//! - per thread: its history since it last told the explorer to forget it, and what it is about to do;
//! - per mutex and per unprotected value: who is at it, or else the *content*; per semaphore: the permits; per atomic: the
//!   value;
//! - the spurious wakeups left, and the program's own fingerprint;
//! - the thread that ran last, where there is a bound (for it, going on is free).
//!
//! # When this is sound
//!
//! Each condition has a test in `tests/soundness.rs`.
//! 1. All data that threads share is inside [`sync::Mutex`]es, [`sync::Unprotected`] values and [`sync::AtomicU64`]s, and its
//!    `Hash` covers every field. No other atomics, cells or statics beside them.
//! 2. Threads are deterministic: no clock, no randomness, no addresses.
//! 3. Where a program tells the explorer to forget a thread's history ([`forget`]), the thread's local state is a
//!    function of the token it gives.
//! 4. Every verdict depends only on what is hashed: what the program's judge will ever consult is in its fingerprint.
//! 5. With a bound, the key contains the thread that ran last, and a state is skipped only if an earlier visit had
//!    spent no more.
//! 6. A state in which nobody can go on is reported, and where spurious wakeups are left it also has successors.
//! 7. An execution longer than the step bound is reported as such; the step count is no part of the state.
//! 8. Two different states do not have the same 64-bit hash (below 10⁻⁷ for a million states).

mod atomic;
mod condvar;
mod digest;
pub mod engine;
mod lock;
mod mutex;
pub mod search;
mod semaphore;
mod shrink;
mod strategy;
pub mod sync;
pub mod thread;
pub mod trace;
mod unprotected;
mod words;

pub use digest::watched;
pub use engine::{
    Deliberate, aside, call_begins, call_ends, current, fail, forget, identity, mark, name_threads,
    panic_deliberately, started, unfinished, woken,
};
pub use search::{
    Blocked, Coverage, End, Mark, On, Program, Schedule, Search, Summary, Visit, replay, retrace, search,
    search_and_log,
};
pub use shrink::shrink;
