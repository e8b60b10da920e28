//! Sockets: an echo server that serves one client at a time, and its client.
//!
//! A socket is an I/O queue with a descriptor: what one side writes, the other side reads, in order and with nothing
//! lost. Here both sides are made from the system calls themselves, as the lecture shows them.
//!
//! | file | the lecture's |
//! |---|---|
//! | `address.rs` | `setup_address`, `lookup_host` |
//! | `client.rs` | `socket`, `connect`, `run_client` |
//! | `server.rs` | `socket`, `bind`, `listen`, `accept`, `serve_client`; the 5-tuple |
//! | `local.rs` | the same over a "UNIX socket" |
//!
//! The types of `std::net` and `std::os::unix::net` that open sockets stay unused: the system calls are the lesson. `nix`
//! offers each of them as a safe function, and [`oslab`] adds `getaddrinfo`, `accept` and `retry`.
//!
//! Descriptors are closed by being dropped: an [`OwnedFd`](std::os::fd::OwnedFd) is `close(2)`d with its owner, a
//! [`BorrowedFd`](std::os::fd::BorrowedFd) is only lent and stays open.

#![forbid(unsafe_code)]

pub mod address;
pub mod client;
pub mod error;
pub mod five_tuple;
pub mod local;
pub mod server;

pub use error::Error;
pub use five_tuple::FiveTuple;
