//! The servers: a thread per client, and a pool of threads for all of them.

use crate::{Error, Pool};
use std::os::fd::{BorrowedFd, OwnedFd};
// SOLUTION
use nix::errno::Errno;
use oslab::{Job, accept, thread};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Duration;
// END

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
    // SOLUTION
    let handler = Arc::new(handler);
    loop {
        let connection = match next_client(&listener) {
            Ok(Some(connection)) => connection,
            Ok(None) => continue,
            Err(error) => return error,
        };
        let handler = Arc::clone(&handler);
        // The thread owns the connection, and drops it when the handler has returned or panicked. Where no thread can be
        // started it is dropped at once. Nobody waits for the thread: with its handle dropped, it leaves nothing behind.
        let _ = thread::Builder::new().spawn(move || handler(connection.as_fd()));
    }
    // STARTER
    // todo!("for ever: accept a connection, and start a thread that calls the handler and closes it")
    // END
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
    // SOLUTION
    let handler = Arc::new(handler);
    loop {
        let connection = match next_client(&listener) {
            Ok(Some(connection)) => connection,
            Ok(None) => continue,
            Err(error) => return error,
        };
        let handler = Arc::clone(&handler);
        if pool.execute(Job::new(move || handler(connection.as_fd()))).is_err() {
            return Error::ShutDown;
        }
    }
    // STARTER
    // todo!("for ever: accept a connection, and execute a job that calls the handler and closes it")
    // END
}
// SOLUTION

/// How long to wait for descriptors or memory to be freed.
const PAUSE: Duration = Duration::from_millis(10);

/// Accepts a client; `None` where there is none this time, for a reason that passes.
fn next_client(listener: &OwnedFd) -> Result<Option<OwnedFd>, Error> {
    match accept(listener) {
        Ok(connection) => Ok(Some(connection)),
        Err(errno @ (Errno::EBADF | Errno::EINVAL | Errno::ENOTSOCK)) => Err(Error::of("accept")(errno)),
        Err(Errno::EMFILE | Errno::ENFILE | Errno::ENOBUFS | Errno::ENOMEM) => {
            thread::sleep(PAUSE);
            Ok(None)
        }
        Err(_) => Ok(None),
    }
}
// END
