//! What is explored of the bounded buffers.

use crate::driver::lab;
use crate::search::{self, Explored};
use explore::trace::ThreadId;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The bounded buffers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buffers;

/// What the driver is to do.
pub type Task = search::Task<Subject, Call>;
/// A buffer, and the threads that use it.
pub type Scenario = search::Scenario<Subject, Call>;
/// What the driver reports.
pub type Result = search::Result<Call, Outcome, Breach>;
/// How an execution breaks the contract.
pub type Failure = search::Failure<Call, Outcome, Breach>;

/// A call of its functions.
pub type Called = search::Called<Call, Outcome>;

lab!(Buffers: Task => Result);

impl Explored for Buffers {
    type Subject = Subject;
    type Call = Call;
    type Outcome = Outcome;
    type Breach = Breach;

    fn result(outcome: Outcome) -> Option<String> {
        match outcome {
            Outcome::Took(item) => Some(item.to_string()),
            Outcome::Ended => Some("None".to_owned()),
            Outcome::Refused(item) => Some(format!("Err({item})")),
            Outcome::Accepted | Outcome::Closed => None,
        }
    }
}

/// A buffer that threads share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Which buffer.
    pub buffer: Buffer,
    /// Its capacity.
    pub capacity: usize,
    /// Whether a put or a take may wake one sleeper at the most.
    pub wakes_one: bool,
}

/// The two buffers of the lab.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Buffer {
    /// `BoundedBuffer`.
    Bounded,
    /// `SignalBuffer`.
    Signal,
}

/// One call of a buffer's function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// `put(item)`.
    Put(u32),
    /// `take()`.
    Take,
    /// `close()`.
    Close,
}

impl Call {
    /// The item that it puts, if it does.
    pub fn item(self) -> Option<u32> {
        match self {
            Call::Put(item) => Some(item),
            Call::Take | Call::Close => None,
        }
    }

    /// Whether it puts an item.
    pub fn puts(self) -> bool {
        matches!(self, Call::Put(_))
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Call::Put(item) => write!(f, "put({item})"),
            Call::Take => f.write_str("take()"),
            Call::Close => f.write_str("close()"),
        }
    }
}

/// What a call comes back with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A put was accepted.
    Accepted,
    /// A put was refused; the item came back.
    Refused(u32),
    /// A take.
    Took(u32),
    /// A take after the end.
    Ended,
    /// A close.
    Closed,
}

/// What a call did, and what it did it to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breach {
    /// What was wrong with it.
    pub fault: Fault,
    /// What the contract says was in the buffer before the call took effect.
    pub holds: Vec<u32>,
}

/// The ways in which a call can break the contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// A put returned although the buffer was full.
    Overfull,
    /// A take returned an item that was not the oldest.
    WrongOrder {
        /// What it returned.
        got: u32,
        /// The oldest.
        oldest: u32,
    },
    /// A take returned an item that nobody had put, or that was taken before.
    NotThere {
        /// What it returned.
        got: u32,
    },
    /// A take returned an item that had to have left before, as what other calls had come back with shows.
    TakenLate {
        /// What it returned.
        got: u32,
    },
    /// An item left the buffer without being taken.
    Lost {
        /// The item.
        item: u32,
    },
    /// A put was accepted after close had returned.
    AcceptedAfterClose,
    /// A put was refused while the buffer was open.
    RefusedWhileOpen,
    /// A refused put gave back another item than the one it was given.
    GaveBackAnother {
        /// What it gave back.
        got: u32,
    },
    /// A take returned None while the buffer was open, or still held items.
    EndedEarly,
    /// One put or take woke more than one sleeper.
    WokeMany {
        /// Those woken.
        woken: Vec<ThreadId>,
    },
}
