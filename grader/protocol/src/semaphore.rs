//! What the driver of semaphore-buffer is told to do: to explore a semaphore, or a buffer made of semaphores.

use crate::buffer;
use crate::driver::lab;
use crate::search::{self, Explored};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What the driver is to do. It answers with results of the task's own kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Explore a semaphore.
    Semaphore(search::Task<Subject, Call>),
    /// Explore a buffer.
    Buffer(buffer::Task),
}

/// The driver of the lab.
pub struct SemaphoreBuffer;

/// Semaphores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Semaphores;

/// A semaphore, and the threads that use it.
pub type Scenario = search::Scenario<Subject, Call>;
/// What the driver reports of a semaphore.
pub type Result = search::Result<Call, (), Breach>;

/// A call of its functions.
pub type Called = search::Called<Call, ()>;

lab!(SemaphoreBuffer: Task => Result);

lab!(Semaphores: search::Task<Subject, Call> => Result);

impl Explored for Semaphores {
    type Subject = Subject;
    type Call = Call;
    type Outcome = ();
    type Breach = Breach;
}

/// A semaphore that threads share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The permits it has at first.
    pub permits: usize,
}

/// One call of a semaphore's function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// `p()`.
    P,
    /// `v()`.
    V,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Call::P => "p()",
            Call::V => "v()",
        })
    }
}

/// The way in which a call can break the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Breach {
    /// A P returned, and there was no permit for it.
    NoPermit,
}
