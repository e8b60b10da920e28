//! The servers: a process per connection. The lecture's "Sockets With Protection", without and with parallelism.

use crate::Error;
use std::os::fd::{BorrowedFd, OwnedFd};
// SOLUTION
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::ForkResult;
use oslab::{_exit, accept, fork, retry};
use std::os::fd::AsFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;
// END

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
    // SOLUTION
    loop {
        let connection = match next_client(&listener) {
            Ok(Some(connection)) => connection,
            Ok(None) => continue,
            Err(error) => return error,
        };
        match fork() {
            Ok(ForkResult::Child) => serve_and_exit(listener, connection, handler),
            Ok(ForkResult::Parent { child }) => {
                drop(connection);
                let _ = retry(|| waitpid(child, None));
            }
            // No process to be had: this client goes unserved, and sees its connection closed.
            Err(_) => {}
        }
    }
    // STARTER
    // todo!("accept, fork; the child serves and exits, the parent waits; each closes what is the other's")
    // END
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
    // SOLUTION
    let endings = match Endings::of_children() {
        Ok(endings) => endings,
        Err(error) => return error,
    };
    loop {
        let connection = match endings.reap_until_client(&listener) {
            Ok(Some(connection)) => connection,
            Ok(None) => continue,
            Err(error) => return error,
        };
        if let Ok(ForkResult::Child) = fork() {
            drop(endings);
            serve_and_exit(listener, connection, handler);
        }
        // Dropping the connection closes the server's copy; where there is no child, that was the last one.
    }
    // STARTER
    // todo!("accept and fork as before, without waiting; hear of every child that ends, and reap it")
    // END
}
// SOLUTION

/// How long to wait for descriptors or memory to be freed.
const PAUSE: Duration = Duration::from_millis(10);

/// Accepts a client. None where that failed for a reason that passes.
fn next_client(listener: &OwnedFd) -> Result<Option<OwnedFd>, Error> {
    match accept(listener) {
        Ok(connection) => Ok(Some(connection)),
        Err(errno @ (Errno::EBADF | Errno::EINVAL | Errno::ENOTSOCK | Errno::EOPNOTSUPP)) => {
            Err(Error::of("accept")(errno))
        }
        Err(Errno::EMFILE | Errno::ENFILE | Errno::ENOBUFS | Errno::ENOMEM) => {
            std::thread::sleep(PAUSE);
            Ok(None)
        }
        Err(_) => Ok(None),
    }
}

/// The child's whole life. A panic must not unwind into what the parent was doing when it forked, and what the parent has not
/// written out yet is the parent's to write.
fn serve_and_exit(listener: OwnedFd, connection: OwnedFd, handler: impl Fn(BorrowedFd<'_>)) -> ! {
    drop(listener);
    let served = catch_unwind(AssertUnwindSafe(|| handler(connection.as_fd())));
    drop(connection);
    _exit(if served.is_ok() { 0 } else { 1 })
}

/// The ends of children as something to read: as long as it lives, SIGCHLD interrupts nothing and is kept in a descriptor.
struct Endings(SignalFd);

impl Endings {
    fn of_children() -> Result<Endings, Error> {
        let signals = SigSet::from(Signal::SIGCHLD);
        signals.thread_block().map_err(Error::of("sigprocmask"))?;
        let flags = SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC;
        SignalFd::with_flags(&signals, flags).map(Endings).map_err(Error::of("signalfd"))
    }

    /// Waits for whichever comes first, a client or a child's end. None where it was no client.
    fn reap_until_client(&self, listener: &OwnedFd) -> Result<Option<OwnedFd>, Error> {
        let mut fds = [listener.as_fd(), self.0.as_fd()].map(|fd| PollFd::new(fd, PollFlags::POLLIN));
        retry(|| poll(&mut fds, PollTimeout::NONE)).map_err(Error::of("poll"))?;
        // A listener that is none is "ready" as well: it hangs up, and accept says why.
        let [client, ending] = fds.map(|fd| fd.any().unwrap_or(true));
        if ending {
            self.reap();
        }
        if client { next_client(listener) } else { Ok(None) }
    }

    /// Asks of every child that has ended how it did, which is what makes it go away.
    fn reap(&self) {
        // A signal that is pending is not queued again: one may stand for many children.
        while let Ok(Some(_)) = self.0.read_signal() {}
        let asked = || waitpid(None, Some(WaitPidFlag::WNOHANG));
        while asked().is_ok_and(|status| status != WaitStatus::StillAlive) {}
    }
}

impl Drop for Endings {
    fn drop(&mut self) {
        let _ = SigSet::from(Signal::SIGCHLD).thread_unblock();
    }
}
// END
