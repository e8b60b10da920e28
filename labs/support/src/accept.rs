//! `accept(2)`, which returns a descriptor that closes itself.

use nix::sys::socket::{SockFlag, accept4};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};

/// Takes the next waiting connection from a listening socket, as a new socket.
///
/// - Blocks while no client waits.
/// - The connection belongs to the caller. Dropping it calls `close(2)`; before that, the client sees no end of file.
///   The listening socket stays open, and other clients wait in its queue.
/// - The descriptor is closed on exec (`SOCK_CLOEXEC`): a program that this one starts does not inherit it.
/// - Errors are those of `accept(2)`. Many of them concern one client (`ECONNABORTED`: it left while it waited).
///   Others are temporary: `EINTR` (a signal), or `EMFILE`, `ENFILE`, `ENOMEM` (nothing free). They say nothing about
///   the listening socket.
///
/// The lecture's `accept(server_socket, NULL, NULL)`. `getpeername(2)` returns the address of the client.
pub fn accept(listener: &impl AsFd) -> nix::Result<OwnedFd> {
    let connection = accept4(listener.as_fd().as_raw_fd(), SockFlag::SOCK_CLOEXEC)?;
    // SAFETY: accept4 has just made this descriptor, and no other code knows it.
    Ok(unsafe { OwnedFd::from_raw_fd(connection) })
}
