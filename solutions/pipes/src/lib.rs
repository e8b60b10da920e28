//! Pipes: programs joined as a shell joins them, and a server process of one's own.
//!
//! A pipe is a queue of bytes in the kernel with two descriptors: what is written to one end is read from the other, in
//! order and with nothing lost. A child inherits the descriptors of its parent, and that is how two processes come to
//! hold the two ends of one pipe.
//!
//! | file | the lecture's |
//! |---|---|
//! | `io.rs` | `read`, `write`: byte-oriented, kernel buffered |
//! | `pipeline.rs` | `find \| grep \| wc`: composition of programs |
//! | `channel.rs` | request and response: a protocol over two pipes |
//!
//! `std::process::Command` and `std::io::pipe` stay unused: the system calls are the lesson. `nix` offers each of them as
//! a safe function, and [`oslab`] adds `fork`, `_exit`, `on_signal` and `retry`.
//!
//! Descriptors are closed by being dropped: an [`OwnedFd`](std::os::fd::OwnedFd) is `close(2)`d with its owner, a
//! [`BorrowedFd`](std::os::fd::BorrowedFd) is only lent and stays open. `fork` doubles them: the copies in the child are
//! open as well, whoever owns them in the parent.

#![forbid(unsafe_code)]

pub mod channel;
pub mod error;
pub mod io;
pub mod pipeline;

pub use error::Error;
