//! Locks with the shape of `std::sync`, and what else threads can share; in a search they are the explorer's.

pub use crate::atomic::AtomicU64;
pub use crate::condvar::Condvar;
pub use crate::mutex::{Mutex, MutexGuard};
pub use crate::semaphore::Semaphore;
pub use crate::unprotected::Unprotected;
pub use std::sync::atomic::Ordering;
