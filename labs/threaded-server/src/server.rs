//! The servers: a thread per client, and a pool of threads for all of them.

use crate::{Error, Pool};
use std::os::fd::{BorrowedFd, OwnedFd};

/// Serves for ever, all clients at once, each in a thread of its own: accept, start a thread, accept the next.
///
/// - Each thread calls `handler` once with its client's connection, closes the connection when the handler has returned,
///   and ends. No thread waits for another: a client is accepted, and its thread started, whatever the others do.
/// - A handler that panics ends its thread, and its client sees the connection closed; nobody else is harmed. (This is all
///   the protection there is: a handler that writes to the wrong place, or exits, harms everybody.)
/// - However many clients have come and gone, the server holds no more threads, descriptors and memory than after the first
///   few: nothing is kept of a client that is gone.
/// - `accept(2)` failing for a passing reason ends nothing: a signal (`EINTR`), a client that left (`ECONNABORTED`), no
///   descriptor or memory free (`EMFILE`, `ENFILE`, `ENOMEM`: a short pause, for asking again at once changes nothing and
///   burns the processor). Neither does a thread that cannot be started: that client's connection is closed, the next one is
///   served.
/// - Returns only when the listener itself is of no use (it is no listening socket: `EINVAL`, `ENOTSOCK`, ...), with that
///   error, and closes it.
///
/// Source: the lecture's "Sockets With Parallelism, Without Protection"; pthread_create(3), pthread_detach(3).
pub fn serve_threaded<H>(listener: OwnedFd, handler: H) -> Error
where
    H: Fn(BorrowedFd<'_>) + Send + Sync + 'static,
{
    todo!("for ever: accept a connection, and start a thread that calls the handler and closes it")
}

/// Serves for ever, as many clients at once as the pool has workers: accept, hand the connection to the pool, accept the
/// next.
///
/// Promises what [`serve_threaded`] does, but for the threads: here a job of the pool calls `handler` and closes the
/// connection.
///
/// - While all workers are busy and the pool's queue is full, no further client is accepted: it waits in the listener's
///   queue. A client that waits, in either place, is served when its turn comes.
/// - Once the pool has been shut down it serves no new client: the next one that is accepted, or is waiting for the pool to
///   take it, sees its connection closed, and this function closes the listener and returns [`Error::ShutDown`]. Clients
///   that the pool had accepted are served to the end.
/// - The pool is only lent: it is not shut down here.
pub fn serve_pooled<H>(listener: OwnedFd, pool: &Pool, handler: H) -> Error
where
    H: Fn(BorrowedFd<'_>) + Send + Sync + 'static,
{
    todo!("for ever: accept a connection, and execute a job that calls the handler and closes it")
}
