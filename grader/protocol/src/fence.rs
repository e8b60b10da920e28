//! Rules that the grader makes for the student's code, and a driver imposes once it has done what they forbid: to look at
//! itself in `/proc`, where its memory lies too, with all that is nobody else's business.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

/// Holds the calling thread, the threads and programs that it will start, and nobody else, to these rules, for good. Needs
/// `no_new_privs`, which every program is started with.
pub(crate) fn impose(rules: &OwnedFd) -> io::Result<()> {
    // SAFETY: takes a descriptor, which is open, and a number.
    let result = unsafe { libc::syscall(libc::SYS_landlock_restrict_self, rules.as_raw_fd(), 0) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
