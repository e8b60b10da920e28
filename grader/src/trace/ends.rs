//! The two ends of a traced program's connection.

use crate::observe::{Ends, ends};
use nix::unistd::Pid;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

/// Asks the connection itself, through a copy of the descriptor that is closed again at once.
pub(super) fn of(thread: Pid, fd: i32) -> Option<Ends> {
    let process = descriptor(libc::SYS_pidfd_open, i64::from(thread.as_raw()), 0)?;
    let connection = descriptor(libc::SYS_pidfd_getfd, i64::from(process.as_raw_fd()), i64::from(fd))?;
    ends(&connection)
}

/// The new descriptor that a call of two numbers returns.
fn descriptor(call: libc::c_long, first: i64, second: i64) -> Option<OwnedFd> {
    // SAFETY: both calls take numbers only, and return a descriptor that nobody else knows of.
    let fd = unsafe { libc::syscall(call, first, second, 0) };
    // SAFETY: see above.
    (fd >= 0).then(|| unsafe { OwnedFd::from_raw_fd(fd as i32) })
}
