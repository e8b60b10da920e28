//! Producers and consumers with semaphores: first the semaphore itself, then a buffer in which there is nothing else.
//!
//! [`Semaphore`] (in `src/semaphore.rs`) is made of a mutex and a condition variable. [`BoundedBuffer`] (in `src/buffer.rs`)
//! is made of three semaphores, round a queue that nothing else protects; there, mutexes and condition variables are off
//! limits.
//!
//! All of it comes from [`oslab::sync`] and [`oslab::thread`]. They behave like those of `std`, and the grader can see them:
//! it runs semaphore and buffer in every order of their threads up to a bound, not just in the orders that happen to occur.
//! What is kept elsewhere (an atomic, a lock of `std`) is out of its sight.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod buffer;
pub mod semaphore;

pub use buffer::BoundedBuffer;
pub use semaphore::Semaphore;
