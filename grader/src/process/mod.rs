//! The process controller: starts a program contained, keeps its output flowing, and knows how it ended.

mod channel;
mod ending;
mod filter;
mod guard;
mod io;
mod launch;
mod limits;
mod offline;
mod random;
mod refusal;
mod running;
mod spawn;
mod stream;
pub(crate) mod sweep;

pub(crate) use channel::Channel;
pub(crate) use ending::seconds;
pub use ending::{Ending, Outcome};
pub use launch::{Input, Launch, Trace};
pub use limits::Limits;
pub(crate) use random::random;
pub(crate) use running::Running;
pub(crate) use spawn::{DESCRIPTORS, PROCESSOR_SECONDS, STACK_BYTES, leave, pidfd, spawn};
pub(crate) use stream::receive;
