//! The client: reach the server by its name, then talk to it.

use crate::Error;
use std::os::fd::{BorrowedFd, OwnedFd};

/// Connects to a service of a host and returns the connected socket.
///
/// - A host may have several addresses, and not all of them need answer: each is tried in the order of
///   [`lookup_host`](crate::address::lookup_host), with a socket of its own, until one connects.
/// - Blocks until a server answers or every address has failed.
/// - The socket belongs to the caller. Sockets of failed attempts are closed.
/// - Fails with the error of the last attempt when no address answers, or of the look-up.
///
/// A signal (`EINTR`) does not end `connect(2)`: it goes on in the background. Wait with `poll(2)` until the socket is
/// writable, then ask for its `SO_ERROR` (connect(2), on `EINPROGRESS`).
pub fn connect_to(host: &str, port: &str) -> Result<OwnedFd, Error> {
    todo!("look the host up; try its addresses in turn: socket, connect; return the first that answers")
}

/// Carries bytes both ways until the server ends the conversation: from `input` to the server, and from the server to
/// `output`.
///
/// - Both directions flow at the same time: what the server says appears at once, also while `input` has nothing to
///   say; and a server that answers before it has read everything is listened to meanwhile.
/// - At the end of `input` only the sending direction is closed (`shutdown(2)`): the server sees end of file, and its
///   answers still arrive.
/// - Returns as soon as the server has closed its side and all it sent is written to `output`, even if `input` goes on.
/// - Any bytes, any amount. Signals (`EINTR`) and short counts make no difference.
/// - Fails with the error of the first call that fails, `ECONNRESET` among them. Closes none of the three descriptors.
///
/// `socket` is a connected stream socket; `input` and `output` are anything that can be read and written: a terminal, a
/// pipe, a file.
pub fn run_client(
    socket: BorrowedFd<'_>,
    input: BorrowedFd<'_>,
    output: BorrowedFd<'_>,
) -> Result<(), Error> {
    todo!("poll socket and input; copy what is there; half-close at end of input; return at the server's end")
}
