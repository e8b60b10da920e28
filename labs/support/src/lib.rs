//! What the labs are given.

mod accept;
mod getaddrinfo;
#[cfg(feature = "grading")]
mod names;
mod retry;

pub use accept::accept;
pub use getaddrinfo::{AddrInfo, AiFlags, GaiError, Hints, getaddrinfo};
#[cfg(feature = "grading")]
pub use names::register_host;
pub use retry::retry;
