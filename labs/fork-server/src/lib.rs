//! Two servers that protect themselves: each connection is handled in a process of its own.
//!
//! A handler that crashes takes its process with it, and nothing else. The lecture has this twice: "Sockets With
//! Protection", where the server waits for each child, and "Sockets With Protection and Parallelism", where it does not.
//!
//! | file | the lecture's |
//! |---|---|
//! | `server.rs` | the two loops of `accept` and `fork`: yours |
//! | `listener.rs` | "Socket setup code elided": given |
//! | `handler.rs` | `serve_client`: given |
//!
//! Processes are made with [`oslab::fork`] and waited for with `waitpid(2)`, a safe function of `nix`. Connections are
//! accepted with [`oslab::accept`]. What a signal does is said with [`oslab::on_signal`], where that is of use.
//!
//! Descriptors are closed by being dropped: an [`OwnedFd`](std::os::fd::OwnedFd) is `close(2)`d with its owner, a
//! [`BorrowedFd`](std::os::fd::BorrowedFd) is only lent and stays open. A fork copies all of them.

#![forbid(unsafe_code)]

pub mod error;
pub mod handler;
pub mod listener;
pub mod server;

pub use error::Error;
