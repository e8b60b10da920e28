//! What can go wrong, and in which call.

use nix::errno::Errno;
use std::fmt;

/// Why a function of this lab did not do what it promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// A system call failed.
    Call {
        /// The call's name, as in its manual page: `write`.
        call: &'static str,
        /// The reason it gave.
        errno: Errno,
    },
    /// The end of file came too early: more bytes were due.
    Ended {
        /// How many of them had come.
        came: usize,
    },
}

impl Error {
    /// Names the call that an error number came from: `pipe2(…).map_err(Error::of("pipe2"))?`.
    pub fn of(call: &'static str) -> impl Fn(Errno) -> Error {
        move |errno| Error::Call { call, errno }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Call { call, errno } => write!(f, "{call}: {}", errno.desc()),
            Error::Ended { came } => write!(f, "read: end of file after {came} bytes"),
        }
    }
}

impl std::error::Error for Error {}
