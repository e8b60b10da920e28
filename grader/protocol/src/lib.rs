//! What the grader and its drivers say to each other: jobs in, records out, over a private descriptor.
//!
//! A driver is started with one end of a stream socket as descriptor [`CHANNEL_FD`]. The grader writes a [`Key`]
//! and one line, a [`Job`]; the driver answers with records, a line each, the last one [`Body::Done`]. Each is sealed with that
//! key, see [`seal`]. A conversation in which a record is missing or another line comes is worth nothing, and so is one without the
//! final record, whatever came before it.

use serde::{Deserialize, Serialize};

pub mod buffer;
pub mod commitment;
mod content;
pub mod driver;
mod fence;
pub mod fork_server;
pub mod pipes;
pub mod pool;
pub mod program;
pub mod retraced;
pub mod seal;
pub mod search;
pub mod semaphore;
pub mod serving;
pub mod sockets;
pub mod stats;
pub mod threaded_server;
pub mod trace;

pub use content::{Content, pattern};
pub use seal::Key;

/// The descriptor on which a driver finds its channel. The driver moves it out of the student's sight at once.
pub const CHANNEL_FD: i32 = 3;

/// The descriptor on which a driver that searches finds its [`fence`].
pub const FENCE_FD: i32 = 4;

/// The descriptor on which a driver finds its twin's channel, where it is to have a twin: a second process, forked off before
/// anything of the student's has run, with a job and a key of its own.
pub const TWIN_FD: i32 = 5;

/// The descriptor on which a driver reports: its channel, moved to where it is in nobody's way. A program that opens so many
/// comes by it.
pub const REPORTING_FD: i32 = 900;

/// What a driver is told to do: `task` is of the lab's own kind (`buffer::Task`, `sockets::Task`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job<T> {
    /// The calls at which the grader wants the driver to stop; none where it is not traced.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trace: Vec<trace::Instruction>,
    /// What keeps the student's code away from what is the driver's.
    pub guard: Guard,
    /// What to do.
    pub task: T,
}

/// What keeps the student's code away from what is the driver's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Guard {
    /// A filter, installed at once: the driver itself needs no more than it allows.
    Whole(Vec<trace::Instruction>),
    /// A [`fence`] round the thread that runs the student's code: a filter, and the rules that were passed, if any were.
    Fence {
        /// The filter.
        filter: Vec<trace::Instruction>,
        /// Whether there are rules at [`FENCE_FD`].
        rules: bool,
    },
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
