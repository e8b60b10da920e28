//! What is explored of the pool of threads.

use crate::driver::lab;
use crate::search::{self, Explored};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Pools of threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pools;

/// What the driver is to do.
pub type Task = search::Task<Subject, Call>;
/// A pool, its jobs, and the threads that bring them.
pub type Scenario = search::Scenario<Subject, Call>;
/// What the driver reports.
pub type Result = search::Result<Call, Outcome, Breach>;

/// A call of its functions.
pub type Called = search::Called<Call, Outcome>;

lab!(Pools: Task => Result);

impl Explored for Pools {
    type Subject = Subject;
    type Call = Call;
    type Outcome = Outcome;
    type Breach = Breach;

    fn result(outcome: Outcome) -> Option<String> {
        match outcome {
            Outcome::Refused(back) => Some(format!("Err(job {back})")),
            Outcome::Accepted | Outcome::ShutDown | Outcome::Begun | Outcome::Finished => None,
        }
    }

    fn words(called: Called) -> String {
        match called {
            Called { call: Call::Begin(_), outcome: Some(_) } => format!("begins {}", called.call),
            Called { call: Call::Finish(_), outcome: Some(_) } => format!("ends {}", called.call),
            _ => search::with_result::<Pools>(called),
        }
    }
}

/// A pool that threads share, and what its jobs are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Threads of the pool.
    pub workers: usize,
    /// Jobs that may wait.
    pub queue: usize,
    /// What each job does; they are numbered from 1.
    pub jobs: Vec<Work>,
    /// Threads of the scenario.
    pub callers: usize,
    /// Whether all of the pool's threads have to have ended when `shutdown` returns.
    pub joined: bool,
}

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// One step, before and after which others may go on.
    Step,
    /// Waits until every job of this kind has begun.
    Meet,
    /// Never ends.
    Stay,
    /// Panics.
    Panic,
}

/// A call of a function of `Pool`, or something that a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// `execute(job)`.
    Execute(usize),
    /// `shutdown()`.
    Shutdown,
    /// A job is begun: by a worker, whenever that can be.
    Begin(usize),
    /// A job that was begun ends.
    Finish(usize),
}

impl Call {
    /// Whether it brings a job.
    pub fn brings(self) -> bool {
        matches!(self, Call::Execute(_))
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Call::Execute(job) => write!(f, "execute(job {job})"),
            Call::Shutdown => f.write_str("shutdown()"),
            Call::Begin(job) | Call::Finish(job) => write!(f, "job {job}"),
        }
    }
}

/// What a call comes back with, or what was seen of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A job was accepted.
    Accepted,
    /// A job was refused; this one came back.
    Refused(usize),
    /// The pool has ended.
    ShutDown,
    /// A job was begun.
    Begun,
    /// A job has ended.
    Finished,
}

/// What a call did, and to what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breach {
    /// What was wrong with it.
    pub fault: Fault,
    /// The jobs that were accepted and not begun, oldest first, as the contract has it.
    pub waiting: Vec<usize>,
    /// The jobs that were at work.
    pub running: Vec<usize>,
}

/// The ways in which a pool can break the contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The pool has started another number of threads.
    Threads {
        /// How many.
        got: usize,
    },
    /// A job was accepted although all workers were busy and the queue was full.
    Overfull,
    /// A job was accepted after the end.
    AcceptedAfterShutdown,
    /// A job was refused before the end.
    RefusedBeforeShutdown,
    /// A job was refused, and another one given back.
    GaveBackAnother {
        /// Which.
        got: usize,
    },
    /// A job was begun by the thread that brought it, or by another of the scenario's.
    InTheCaller,
    /// A job was begun that had not been accepted.
    BegunUnasked,
    /// A job was begun before an older one.
    WrongOrder {
        /// The oldest that waits.
        oldest: usize,
    },
    /// A job was begun while as many as there are workers were at work.
    TooMany,
    /// A job was dropped that had been accepted and was not begun.
    Lost {
        /// Which.
        job: usize,
    },
    /// `shutdown` returned before all that was accepted was done.
    EndedEarly,
    /// `shutdown` returned before all threads had ended.
    NotJoined {
        /// How many are left.
        left: usize,
    },
}
