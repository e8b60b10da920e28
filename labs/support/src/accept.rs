//! `accept(2)`, returning a descriptor that closes itself.

use nix::sys::socket::{SockFlag, accept4};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};

/// Takes the next waiting connection from a listener, as a new socket of its own.
///
/// - Blocks while no client is waiting.
/// - The connection belongs to the caller: dropping it is `close(2)`, and until then the client sees no end of file.
///   The listener stays open and goes on queueing other clients.
/// - The descriptor is closed on exec (`SOCK_CLOEXEC`): a program that this one starts does not inherit it.
/// - Errors are those of `accept(2)`. Many of them are one client's trouble (`ECONNABORTED`: it left while it waited),
///   or pass (`EINTR`: a signal; `EMFILE`, `ENFILE`, `ENOMEM`: nothing left to open it with), and say nothing about the
///   listener.
///
/// The lecture's `accept(server_socket, NULL, NULL)`; who the client is can still be asked with `getpeername(2)`.
pub fn accept(listener: &impl AsFd) -> nix::Result<OwnedFd> {
    let connection = accept4(listener.as_fd().as_raw_fd(), SockFlag::SOCK_CLOEXEC)?;
    // SAFETY: accept4 has just made this descriptor, and nobody else knows of it.
    Ok(unsafe { OwnedFd::from_raw_fd(connection) })
}
