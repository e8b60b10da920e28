//! Tasks and results of a driver whose lab is explored: scenarios go in, and schedules that break a contract come out.
//!
//! What is made, what is called, and what a call can do wrong is of the lab's own kind.

use crate::commitment::{Commitment, Shown};
use crate::driver::Lab;
use crate::retraced::Retraced;
use explore::trace::{Event, Place, ThreadId, Trace};
use explore::{Coverage, Mark, On, Schedule, Visit};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fmt::{Debug, Display};

/// What is explored: the kinds of data that tasks and results are made of.
pub trait Explored:
    Lab<Task = Task<Self::Subject, Self::Call>, Said = ResultOf<Self>> + Copy + Debug + Eq + Send + 'static
{
    /// What the threads of a scenario share, and how it is made.
    type Subject: Plain;
    /// One call of a function of the lab. It is shown as in a program: `put(10)`.
    type Call: Plain + Copy + Display;
    /// What a call comes back with.
    type Outcome: Plain + Copy;
    /// How a call can break the contract.
    type Breach: Plain;

    /// What is shown of an outcome; none where the call returns nothing.
    fn result(_outcome: Self::Outcome) -> Option<String> {
        None
    }

    /// The call, with its outcome where there is something to show of it: `take() = 10`.
    fn words(called: Called<Self::Call, Self::Outcome>) -> String {
        with_result::<Self>(called)
    }
}

/// The words for a call that are usual.
pub(crate) fn with_result<L: Explored>(called: Called<L::Call, L::Outcome>) -> String {
    match called.outcome.and_then(L::result) {
        Some(result) => format!("{} = {result}", called.call),
        None => called.call.to_string(),
    }
}

/// What the driver of a lab reports.
pub type ResultOf<L> = Result<<L as Explored>::Call, <L as Explored>::Outcome, <L as Explored>::Breach>;
/// How an execution breaks the contract of a lab.
pub type FailureOf<L> = Failure<<L as Explored>::Call, <L as Explored>::Outcome, <L as Explored>::Breach>;

/// A call of a function of the lab.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Called<C, O> {
    /// Which.
    pub call: C,
    /// What it came back with; none while it is under way.
    pub outcome: Option<O>,
}

impl<C, O> Called<C, O> {
    /// A call under way.
    pub fn begun(call: C) -> Called<C, O> {
        Called { call, outcome: None }
    }

    /// A call that has come back.
    pub fn ended(call: C, outcome: O) -> Called<C, O> {
        Called { call, outcome: Some(outcome) }
    }
}

/// Plain data, which can be sent and compared.
pub trait Plain: Clone + Debug + Eq + Send + Serialize + DeserializeOwned + 'static {}

impl<T: Clone + Debug + Eq + Send + Serialize + DeserializeOwned + 'static> Plain for T {}

/// What the driver is to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task<S, C> {
    /// Search the scenarios one by one, in this order, and report one failure, if there is any.
    Search {
        /// Smallest first.
        scenarios: Vec<Scenario<S, C>>,
        /// How far to search each of them; each phase contains the schedules of those before it. A failure is reported
        /// from the first phase that has one.
        phases: Vec<Phase>,
        /// Whether to announce every execution before it is run: for programs that do not come back.
        announce: bool,
    },
    /// Run one schedule again, and report every step of it.
    Replay {
        /// The scenario.
        scenario: Scenario<S, C>,
        /// The phase of the search that found it.
        phase: Phase,
        /// The schedule, as the search reported it.
        schedule: Schedule,
    },
    /// Run some executions of a search again, each as far as the search had run it, and report what they come to.
    Retrace {
        /// The scenarios of the search.
        scenarios: Vec<Scenario<S, C>>,
        /// What the search says that it has run.
        executions: Vec<Ran>,
    },
}

/// One execution of a search, and what it came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ran {
    /// The scenario, counted from 0.
    pub scenario: usize,
    /// The phase.
    pub phase: Phase,
    /// The decisions that were taken.
    pub schedule: Schedule,
    /// What it came to.
    pub mark: Mark,
}

/// What the grader asks after a search that has found nothing: to show these blocks of what was committed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Their numbers, counted from 0.
    pub blocks: Vec<u64>,
}

/// What the grader says instead of a [`Question`] when it has no more.
pub const NOTHING_MORE: Option<Question> = None;

/// How far one search goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phase {
    /// Preemptions and spurious wakeups together; no bound where none.
    pub bound: Option<u32>,
    /// Spurious wakeups allowed in one schedule.
    pub spurious: u32,
}

/// Threads, and what they share. A scenario has no expectations of its own: every execution is held against the contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scenario<S, C> {
    /// In words: "one producer and two consumers, room for 1".
    pub name: String,
    /// What the threads share.
    pub subject: S,
    /// The threads.
    pub threads: Vec<ThreadPlan<C>>,
}

/// One thread and the calls it makes, one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreadPlan<C> {
    /// `P1`, `C2`, `closer`.
    pub name: String,
    /// `producer`, `consumer`, `closer`.
    pub role: String,
    /// The calls.
    pub calls: Vec<C>,
}

/// What the driver reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Result<C, O, B> {
    /// One scenario was searched in one phase, and nothing was wrong.
    Searched {
        /// The scenario, counted from 0.
        scenario: usize,
        /// The phase.
        phase: Phase,
        /// Executions started, those cut short in a known state included.
        schedules: u64,
        /// How much of all there is that was.
        coverage: Coverage,
    },
    /// One execution comes after the other; a sign of life.
    Alive,
    /// All was searched and nothing found: what binds the driver to the executions that it has run. A [`Question`] is
    /// awaited.
    Committed(Commitment),
    /// The blocks that were asked for, in that order.
    Shown(Vec<Shown>),
    /// A schedule that breaks the contract.
    Found {
        /// The scenario, counted from 0.
        scenario: usize,
        /// The phase.
        phase: Phase,
        /// Executions started until then, in this scenario and phase.
        schedules: u64,
        /// What to replay.
        schedule: Schedule,
        /// What went wrong.
        failure: Failure<C, O, B>,
    },
    /// After [`Result::Found`]: the simplest schedule that was found with that failure.
    Simpler {
        /// What to replay instead.
        schedule: Schedule,
    },
    /// An execution is about to be run.
    Trying {
        /// The scenario, counted from 0.
        scenario: usize,
        /// The phase.
        phase: Phase,
        /// The decisions it begins with.
        schedule: Schedule,
    },
    /// An execution does not come back; the driver ends after this.
    Stalled {
        /// The scenario, counted from 0; 0 in a replay.
        scenario: usize,
        /// The phase.
        phase: Phase,
        /// The decisions it began with.
        schedule: Schedule,
        /// What keeps it.
        how: Stall,
    },
    /// The next step of the replayed schedule.
    Step {
        /// What was done.
        event: Event,
        /// The call that it begins or ends; none for any other step.
        called: Option<Called<C, O>>,
    },
    /// The replayed schedule is at its end.
    Replayed {
        /// What the numbers in the steps stand for; no steps of its own.
        cast: Trace,
        /// What went wrong, the same as in the search.
        failure: Option<Failure<C, O, B>>,
    },
    /// The executions were run again, each as far as the search had run it. In one record: the grader looks at the whole program
    /// whenever one comes.
    Retraced(Vec<Retraced>),
}

/// What keeps an execution from coming back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stall {
    /// It uses processor time without a call that the search could see.
    Spins,
    /// It waits in a call that the search does not know.
    Waits,
}

/// How an execution breaks the contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure<C, O, B> {
    /// Nobody can go on, and at least one of them should.
    Stuck {
        /// Everyone who has not ended.
        blocked: Vec<Blocked<C>>,
        /// Those of them whose call the contract says could complete.
        could_go_on: Vec<ThreadId>,
        /// Calls that no thread makes, and that the contract says could complete.
        undone: Vec<C>,
    },
    /// The student's code panicked.
    Panicked {
        /// Who.
        thread: ThreadId,
        /// The message.
        message: String,
        /// The line.
        place: Option<Place>,
    },
    /// A call did what the contract forbids.
    Breach {
        /// Who made the call.
        thread: ThreadId,
        /// The call; none where something was wrong before the first one.
        called: Option<Called<C, O>>,
        /// What was wrong with it.
        breach: B,
    },
    /// More steps than any sound execution of the scenario needs.
    BusyWaiting {
        /// Who took most of them.
        thread: ThreadId,
        /// The line it comes back to.
        place: Option<Place>,
    },
    /// Two threads were at one unprotected value at the same time.
    Overlap {
        /// The value.
        cell: usize,
        /// Who was there.
        first: Visit,
        /// Who came.
        second: Visit,
    },
    /// A thread sleeps for a time while it holds the lock.
    SleepsWithLock {
        /// Who.
        thread: ThreadId,
        /// Where.
        place: Option<Place>,
    },
}

/// A thread that cannot go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocked<C> {
    /// Who.
    pub thread: ThreadId,
    /// In which call.
    pub call: Option<C>,
    /// On what.
    pub on: On,
    /// The line of the call that blocks.
    pub place: Option<Place>,
}
