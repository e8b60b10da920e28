//! Producers and consumers: two buffers that threads share, built from a mutex and condition variables.
//!
//! [`BoundedBuffer`] (in `src/buffer.rs`) comes first: one condition variable, and every change wakes everybody.
//! [`SignalBuffer`] (in `src/signal.rs`) wakes one thread per change, and it has an end.
//!
//! Locks, condition variables and threads come from [`oslab::sync`] and [`oslab::thread`]. They behave like those of
//! `std`, and the grader can see them: it runs the buffers in every order of their threads up to a bound, not just in
//! the orders that happen to occur. What is kept elsewhere (an atomic, a lock of `std`) is out of its sight.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod buffer;
pub mod signal;

pub use buffer::BoundedBuffer;
pub use signal::SignalBuffer;
