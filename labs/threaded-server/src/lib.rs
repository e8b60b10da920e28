//! Servers with a thread per client: in parallel, and without protection.
//!
//! Threads of one process share everything: the descriptors, the memory, and so the means to help each other and to harm
//! each other. The lecture's "Sockets With Parallelism, Without Protection".
//!
//! | file | |
//! |---|---|
//! | `stats.rs` | counters that all threads share: yours |
//! | `server.rs` | the loop of `accept` and `spawn`, and the same with a pool: yours |
//! | `pool.rs` | a fixed number of threads, fed by a bounded queue: yours |
//! | `listener.rs` | "Socket setup code elided": given |
//! | `handler.rs` | `serve_client`, which counts what it does: given |
//!
//! Locks, condition variables, atomics and threads come from [`oslab::sync`] and [`oslab::thread`]. They behave like
//! those of `std`, and the grader can see them: it runs [`Stats`] and [`Pool`] in every order of their threads up to a
//! bound, not just in the orders that happen to occur.
//!
//! Descriptors are closed by being dropped: an [`OwnedFd`](std::os::fd::OwnedFd) is `close(2)`d with its owner, a
//! [`BorrowedFd`](std::os::fd::BorrowedFd) is only lent and stays open.

#![forbid(unsafe_code)]

pub mod error;
pub mod handler;
pub mod listener;
pub mod pool;
pub mod server;
pub mod stats;

pub use error::Error;
pub use pool::Pool;
pub use stats::{Snapshot, Stats};
