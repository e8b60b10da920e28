//! Threads, with the shape of [`std::thread`]. While the grader searches schedules (feature `explore`) they are the
//! explorer's.

#[cfg(feature = "explore")]
pub use explore::thread::{JoinHandle, sleep, spawn, yield_now};
#[cfg(not(feature = "explore"))]
pub use std::thread::{JoinHandle, sleep, spawn, yield_now};
