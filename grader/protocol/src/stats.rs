//! What is explored of the counters that connections share.

use crate::driver::lab;
use crate::search::{self, Explored};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counters;

/// What the driver is to do.
pub type Task = search::Task<(), Call>;
/// Threads that count, and look.
pub type Scenario = search::Scenario<(), Call>;
/// What the driver reports.
pub type Result = search::Result<Call, Outcome, Breach>;

/// A call of its functions.
pub type Called = search::Called<Call, Outcome>;

lab!(Counters: Task => Result);

impl Explored for Counters {
    type Subject = ();
    type Call = Call;
    type Outcome = Outcome;
    type Breach = Breach;

    fn result(outcome: Outcome) -> Option<String> {
        match outcome {
            Outcome::Saw(counts) => Some(counts.to_string()),
            Outcome::Counted => None,
        }
    }
}

/// One call of a function of `Stats`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// `connection_opened()`.
    Opened,
    /// `connection_closed()`.
    Closed,
    /// `bytes(count)`.
    Bytes(u64),
    /// `snapshot()`.
    Snapshot,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Call::Opened => f.write_str("connection_opened()"),
            Call::Closed => f.write_str("connection_closed()"),
            Call::Bytes(count) => write!(f, "bytes({count})"),
            Call::Snapshot => f.write_str("snapshot()"),
        }
    }
}

/// What a call comes back with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Something was counted.
    Counted,
    /// A snapshot.
    Saw(Counts),
}

/// Three numbers: connections opened, connections closed, bytes served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Counts {
    /// Connections opened.
    pub opened: u64,
    /// Connections closed.
    pub closed: u64,
    /// Bytes served.
    pub bytes: u64,
}

/// One of the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counter {
    /// Connections opened.
    Opened,
    /// Connections closed.
    Closed,
    /// Bytes served.
    Bytes,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} opened, {} closed, {} bytes", self.opened, self.closed, self.bytes)
    }
}

impl Counts {
    /// The number of that counter.
    pub fn of(&self, counter: Counter) -> u64 {
        match counter {
            Counter::Opened => self.opened,
            Counter::Closed => self.closed,
            Counter::Bytes => self.bytes,
        }
    }
}

/// The ways in which a snapshot can break the contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Breach {
    /// Less than what calls have counted that had returned.
    Less {
        /// Which number.
        counter: Counter,
        /// What it says.
        got: u64,
        /// The least it may say.
        least: u64,
    },
    /// More than what calls have counted that had begun.
    More {
        /// Which number.
        counter: Counter,
        /// What it says.
        got: u64,
        /// The most it may say.
        most: u64,
    },
    /// More connections closed than opened.
    MoreClosedThanOpened {
        /// What it says.
        got: Counts,
    },
}
