//! Why a server ended.

use nix::errno::Errno;
use std::fmt;

/// Why a function of this lab did not do what it promises, or does not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// A system call failed.
    Call {
        /// The call's name, as in its manual page: `accept`.
        call: &'static str,
        /// The reason it gave.
        errno: Errno,
    },
    /// The pool that was to serve a client has been shut down.
    ShutDown,
}

impl Error {
    /// Names the call that an error number came from: `listen(…).map_err(Error::of("listen"))?`.
    pub fn of(call: &'static str) -> impl Fn(Errno) -> Error {
        move |errno| Error::Call { call, errno }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Call { call, errno } => write!(f, "{call}: {}", errno.desc()),
            Error::ShutDown => f.write_str("the pool has been shut down"),
        }
    }
}

impl std::error::Error for Error {}
