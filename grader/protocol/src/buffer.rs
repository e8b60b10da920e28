//! Tasks and results of the driver for the bounded buffers.

use crate::driver::Lab;
use crate::{Job, Record};
use explore::trace::{Event, Place, ThreadId, Trace};
use explore::{Coverage, Schedule};
use serde::{Deserialize, Serialize};

/// The driver's side of the labs on buffers.
pub struct Buffers;

impl Lab for Buffers {
    type Task = Task;
    type Said = Result;

    fn read(line: &str) -> serde_json::Result<Job<Task>> {
        serde_json::from_str(line)
    }

    fn write(record: &Record<Result>) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(record)
    }
}

/// What the driver is to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Search the scenarios one by one, in this order, and stop at the first failure.
    Search {
        /// Smallest first.
        scenarios: Vec<Scenario>,
        /// How far to search each of them, in this order: `(0, 2)` before `(1, 2)` finds failures without spurious
        /// wakeups first.
        phases: Vec<Phase>,
        /// Whether to announce every execution before it is run: for programs that do not come back.
        announce: bool,
    },
    /// Run one schedule again, and report every step of it.
    Replay {
        /// The scenario.
        scenario: Scenario,
        /// The phase of the search that found it.
        phase: Phase,
        /// The schedule, as the search reported it.
        schedule: Schedule,
    },
}

/// How far one search goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phase {
    /// Preemptions and spurious wakeups together; no bound where none.
    pub bound: Option<u32>,
    /// Spurious wakeups allowed in one schedule.
    pub spurious: u32,
}

/// A buffer, and the threads that use it. It has no expectations of its own: every execution is held against the
/// buffer's contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scenario {
    /// In words: "one producer and two consumers, room for 1".
    pub name: String,
    /// Which buffer.
    pub buffer: Buffer,
    /// Its capacity.
    pub capacity: usize,
    /// The threads.
    pub threads: Vec<ThreadPlan>,
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

/// One thread and the calls it makes, one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreadPlan {
    /// `P1`, `C2`, `closer`.
    pub name: String,
    /// `producer`, `consumer`, `closer`.
    pub role: String,
    /// The calls.
    pub calls: Vec<Call>,
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

/// What the driver reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Result {
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
    /// A search goes on; a sign of life.
    Searching,
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
        failure: Failure,
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
    Step(Event),
    /// The replayed schedule is at its end.
    Replayed {
        /// What the numbers in the steps stand for; no steps of its own.
        cast: Trace,
        /// What went wrong, the same as in the search.
        failure: Option<Failure>,
    },
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
pub enum Failure {
    /// Nobody can go on, and at least one of them should.
    Stuck {
        /// Everyone who has not ended.
        blocked: Vec<Blocked>,
        /// Those of them whose call the contract says could complete.
        could_go_on: Vec<ThreadId>,
        /// What the contract says is in the buffer.
        holds: Vec<u32>,
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
        /// The call with its result: `take() = 11`.
        call: String,
        /// What was wrong with it.
        breach: Breach,
        /// What the contract says was in the buffer before the call took effect.
        holds: Vec<u32>,
    },
    /// More steps than any sound execution of the scenario needs.
    BusyWaiting {
        /// Who took most of them.
        thread: ThreadId,
        /// The line it comes back to.
        place: Option<Place>,
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
pub struct Blocked {
    /// Who.
    pub thread: ThreadId,
    /// In which call: `put(11)`.
    pub call: Option<String>,
    /// On what.
    pub on: On,
    /// The line of the call that blocks.
    pub place: Option<Place>,
}

/// What a thread can be blocked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum On {
    /// Sleeps on a condition variable.
    Condvar(usize),
    /// Wants a mutex; the holder has ended or is blocked itself (or is the thread itself).
    Mutex {
        /// The mutex.
        mutex: usize,
        /// Who holds it.
        holder: ThreadId,
    },
    /// Waits for a thread to end.
    Join(ThreadId),
}

/// The ways in which a call can break the contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Breach {
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
