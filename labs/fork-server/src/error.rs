//! What can go wrong, and in which call.

use nix::errno::Errno;
use std::fmt;

/// A system call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error {
    /// The call's name, as in its manual page: `accept`.
    pub call: &'static str,
    /// The reason it gave.
    pub errno: Errno,
}

impl Error {
    /// Names the call that an error number came from: `listen(…).map_err(Error::of("listen"))?`.
    pub fn of(call: &'static str) -> impl Fn(Errno) -> Error {
        move |errno| Error { call, errno }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.call, self.errno.desc())
    }
}

impl std::error::Error for Error {}
