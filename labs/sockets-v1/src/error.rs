//! What can go wrong, and in which call.

use nix::errno::Errno;
use oslab::GaiError;
use std::fmt;

/// Why a function of this lab did not do what it promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// `getaddrinfo(3)` knows no address.
    Lookup(GaiError),
    /// A system call failed.
    Call {
        /// The call's name, as in its manual page: `bind`.
        call: &'static str,
        /// The reason it gave.
        errno: Errno,
    },
}

impl Error {
    /// Names the call that an error number came from: `listen(…).map_err(Error::of("listen"))?`.
    pub fn of(call: &'static str) -> impl Fn(Errno) -> Error {
        move |errno| Error::Call { call, errno }
    }
}

impl From<GaiError> for Error {
    fn from(error: GaiError) -> Error {
        Error::Lookup(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Lookup(error) => write!(f, "getaddrinfo: {error}"),
            Error::Call { call, errno } => write!(f, "{call}: {}", errno.desc()),
        }
    }
}

impl std::error::Error for Error {}
