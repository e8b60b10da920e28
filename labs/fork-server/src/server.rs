//! The servers: a process per connection. The lecture's "Sockets With Protection", without and with parallelism.

use crate::Error;
use std::os::fd::{BorrowedFd, OwnedFd};

/// Serves for ever, one client at a time, each in a process of its own: accept, fork, wait until the child has ended,
/// accept the next.
///
/// - The child closes the listener, calls `handler` once with the connection, and ends (see [`oslab::_exit`]). It never comes
///   back out of this function, neither by returning nor into the loop.
/// - The parent closes its copy of the connection, and waits for this child whatever happens: a signal (`EINTR`) does not
///   end the wait. No zombie is left. Other clients wait in the listener's queue meanwhile, and are served in that order.
/// - The client sees end of file as soon as its child has ended, and not before the handler has returned.
/// - A handler that crashes (a signal, a panic, an `exit`) ends its child, and harms nobody else.
/// - `accept(2)` failing for a passing reason ends nothing: a signal, a client that left (`ECONNABORTED`), no descriptor or
///   memory free (`EMFILE`, `ENFILE`, `ENOMEM`: a short pause, for asking again at once changes nothing and burns the
///   processor). Neither does a fork that fails (`EAGAIN`, `ENOMEM`): that client's connection is closed, the next one is
///   served.
/// - Returns only when the listener itself is of no use (it is no listening socket: `EINVAL`, `ENOTSOCK`, ...), with that
///   error, and closes it.
///
/// The program has one thread when this is called, and no other children. Source: the lecture's "Sockets With Protection",
/// fork(2), waitpid(2).
pub fn serve_protected(listener: OwnedFd, handler: impl Fn(BorrowedFd<'_>)) -> Error {
    todo!("accept, fork; the child serves and exits, the parent waits; each closes what is the other's")
}

/// Serves for ever, all clients at once, each in a process of its own: accept, fork, accept the next.
///
/// Promises what [`serve_protected`] does, but for the waiting:
///
/// - A client is accepted, and its child begins, without any other having ended.
/// - A child that has ended is reaped at once, also while no new client comes: when the server is at rest, there is no
///   zombie. Never does the server wait for one child while another has ended, or while a client waits.
/// - Children end in any order. Several may end before the server is told of the first: one `SIGCHLD` can stand for many.
/// - However many clients have come and gone, the server holds no more descriptors and memory than after the first few.
///
/// Source: the lecture's "Sockets With Protection and Parallelism", which leaves its zombies; waitpid(2), signal(7).
pub fn serve_parallel(listener: OwnedFd, handler: impl Fn(BorrowedFd<'_>)) -> Error {
    todo!("accept and fork as before, without waiting; hear of every child that ends, and reap it")
}
