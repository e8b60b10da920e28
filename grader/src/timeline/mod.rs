//! The one record of a run in time: schedules and system calls alike become a [`Timeline`], and one set of renderers
//! draws it.

mod columns;
pub mod rows;
mod slice;
pub mod text;

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
    /// The line in which it went wrong, where that is marked and known.
    pub fn went_wrong(&self) -> Option<Location> {
        self.events.iter().find(|event| event.mark == Mark::Wrong)?.place.clone()
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

/// One step of one lane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Who.
    pub lane: LaneId,
    /// What kind of step.
    pub kind: EventKind,
    /// The step in words: `notify_one wakes C1`.
    pub label: String,
    /// At most 14 columns, for the terminal: `notify → C1`.
    pub short: String,
    /// The public function that this step begins: `take()`.
    pub call: Option<String>,
    /// Where in the submission.
    pub place: Option<Location>,
    /// That line of source, trimmed.
    pub source: Option<String>,
    /// The lane's state after the step, where it changes.
    pub lane_after: Option<LaneState>,
    /// What changed in the shared objects.
    pub deltas: Vec<Delta>,
    /// How things stand after the step, the most important first; the same objects in every event of a run, or none.
    pub state: Vec<Reading>,
    /// Whom the step touches besides its lane.
    pub links: Vec<Link>,
    /// Whether a short rendering keeps it.
    pub weight: Weight,
    /// Whether this is where it went wrong, or where it is stuck.
    pub mark: Mark,
    /// A sentence below the row.
    pub note: Option<String>,
}

/// The kinds of steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the variants are the verbs themselves")]
pub enum EventKind {
    Lock,
    Unlock,
    Read,
    Write,
    Wait,
    Wake,
    Notify,
    Spawn,
    Join,
    Panic,
    Sleep,
    Yield,
    Work,
    Exit,
    Open,
    Pipe,
    Dup,
    Fork,
    Exec,
    Reap,
    Listen,
    Accept,
    Connect,
    Send,
    Receive,
    HalfClose,
    Close,
    Reset,
}

/// One cell of the matrix of objects and lanes gets a new text, or loses it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delta {
    /// The row.
    pub object: ObjectId,
    /// The column; none for an object without owners, such as a queue.
    pub lane: Option<LaneId>,
    /// The new text; none clears the cell.
    pub value: Option<String>,
}

/// How one object stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// Which.
    pub object: ObjectId,
    /// `1/2`: one item, room for two. A lock's is the name of who holds it, or `free`; a semaphore's, its permits.
    pub value: String,
}

/// One lane acts on another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// How.
    pub kind: LinkKind,
    /// On whom.
    pub to: LaneId,
    /// That lane's state afterwards, where it changes.
    pub lane_after: Option<LaneState>,
}

/// How a lane acts on another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the variants are the verbs themselves")]
pub enum LinkKind {
    Wakes,
    Creates,
    Sends,
    Ends,
}

/// How much an event matters in a short rendering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// Kept.
    Key,
    /// Left out first.
    Detail,
}

/// Whether an event is the decisive one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// No.
    None,
    /// Here it goes wrong.
    Wrong,
    /// Here its lane is stuck for ever.
    Stuck,
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
