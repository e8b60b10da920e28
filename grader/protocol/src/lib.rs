//! What the grader and its drivers say to each other: jobs in, records out, over a private descriptor.
//!
//! A driver is started with one end of a stream socket as descriptor [`CHANNEL_FD`]. The grader writes one line,
//! a [`Job`]; the driver answers with lines, each a [`Record`] that repeats the job's nonce, the last one
//! [`Body::Done`]. Lines without the nonce are not the driver's. A conversation without the final record is worth
//! nothing, whatever came before it.

use serde::{Deserialize, Serialize};

pub mod buffer;
mod content;
pub mod driver;
mod fence;
pub mod fork_server;
pub mod pipes;
pub mod pool;
pub mod program;
pub mod search;
pub mod semaphore;
pub mod serving;
pub mod sockets;
pub mod stats;
pub mod threaded_server;
pub mod trace;

pub use content::{Content, pattern};

/// The descriptor on which a driver finds its channel. The driver moves it out of the student's sight at once.
pub const CHANNEL_FD: i32 = 3;

/// The descriptor on which a driver that searches finds its [`fence`].
pub const FENCE_FD: i32 = 4;

/// From here on descriptors are the driver's own: the student's never reach so far.
pub const DRIVER_FDS: i32 = 900;

/// What a driver is told to do: `task` is of the lab's own kind (`buffer::Task`, `sockets::Task`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job<T> {
    /// Random, different for every start of a driver; every record repeats it.
    pub nonce: String,
    /// The calls at which the grader wants the driver to stop; none where it is not traced.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trace: Vec<trace::Instruction>,
    /// Whether there is a [`fence`] for the student's code.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fenced: bool,
    /// What to do.
    pub task: T,
}

/// One line from a driver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record<R> {
    /// The job's nonce.
    pub nonce: String,
    /// What the driver has to say.
    pub body: Body<R>,
}

/// What a driver says: results of the lab's own kind, then, as the last word, that it is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body<R> {
    /// A result.
    Result(R),
    /// The job was carried out to its end.
    Done,
}
