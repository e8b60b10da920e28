//! A step of a run: who did what, where, and how things stand after it.

use super::{LaneId, LaneState, ObjectId};
use crate::check::Location;
use serde::{Deserialize, Serialize};

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
