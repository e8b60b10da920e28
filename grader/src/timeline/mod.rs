//! The one record of a run in time: schedules and system calls alike become a [`Timeline`], and one set of renderers
//! draws it.

mod columns;
mod event;
pub mod rows;
mod slice;
pub mod text;

pub use event::{Delta, Event, EventKind, Link, LinkKind, Mark, Reading, Weight};

use crate::check::Location;
use serde::{Deserialize, Serialize};

/// The number of a lane: its place in [`Timeline::lanes`].
pub type LaneId = usize;

/// The number of an object: its place in [`Timeline::objects`].
pub type ObjectId = usize;

/// A run: a lane per thread or process, an event per step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline {
    /// The threads, processes and clients that took part.
    pub lanes: Vec<Lane>,
    /// What they shared: locks, condition variables, queues, descriptors.
    pub objects: Vec<Object>,
    /// The steps, in order; "step 12" is the twelfth of them everywhere.
    #[serde(rename = "timeline")]
    pub events: Vec<Event>,
    /// The step that did not happen and would have helped.
    pub missing: Option<Missing>,
    /// How each lane ended, for those of which there is something to say.
    pub endings: Vec<Ending>,
    /// The objects the failure is about.
    pub culprits: Vec<ObjectId>,
    /// What rows that are not shown do, such as "the others only lock, look or unlock"; empty where it does not matter.
    pub omitted: String,
}

impl Timeline {
    /// The first line in which it went wrong, where that is marked and known.
    pub(crate) fn went_wrong(&self) -> Option<Location> {
        let mut wrong = self.events.iter().filter(|event| event.mark == Mark::Wrong);
        wrong.find_map(|event| event.place.clone())
    }
}

/// One thread, process or client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lane {
    /// `P1`, `C1`, `client 1`, `server`.
    pub name: String,
    /// `producer`, `consumer`, `client`, `server`.
    pub role: String,
    /// What it is.
    pub kind: LaneKind,
    /// Its state before the first event.
    pub start: LaneState,
}

/// What a lane stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LaneKind {
    /// A thread of the student's program.
    Thread,
    /// A process of the student's program.
    Process,
    /// One of the grader's own clients or servers.
    Peer,
}

/// The state of a lane between two events: it drives the life-line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LaneState {
    /// Not there yet.
    Absent,
    /// Runs, or could.
    Runs,
    /// Holds the lock.
    Holds,
    /// Stands in line for the lock: woken, or blocked on it.
    Wants,
    /// Sleeps, or waits in a call.
    Waits,
    /// Has ended.
    Ended,
    /// Has ended, and its parent has not asked how.
    Zombie,
}

/// Something that lanes share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// `queue`, `mutex`, `changed`, `pipe B write end`.
    pub name: String,
    /// What it is.
    pub kind: ObjectKind,
    /// Where it was made.
    pub declared: Option<Location>,
}

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the variants are the nouns themselves")]
pub enum ObjectKind {
    Mutex,
    Condvar,
    Atomic,
    Queue,
    Semaphore,
    PipeEnd,
    Listener,
    Connection,
    Child,
}

/// The event that should have been there. It names the event, never the code to type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// The event beside which it is missing: an index into [`Timeline::events`].
    pub event: usize,
    /// On which side of it.
    pub side: Side,
    /// Who should have done it.
    pub lane: LaneId,
    /// `wake P1 too`.
    pub label: String,
    /// What it would have changed: "P1 would have found room, put 11 and woken C2."
    pub helped: String,
}

/// Before or after an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the variants say it")]
pub enum Side {
    Before,
    After,
}

/// How a lane ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// Who.
    pub lane: LaneId,
    /// How.
    pub how: How,
    /// "in `changed.wait`, line 24: sleeps, although the queue has room."
    pub sentence: String,
    /// Who keeps it there.
    pub kept_by: Option<LaneId>,
}

/// The ways a lane can end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// Waits for what cannot come.
    Stuck,
    /// Waits for what may come: a server in accept.
    AtRest,
    /// Panicked, or was ended by a signal.
    Crashed,
    /// Returned, with a wrong result.
    WrongValue,
}
