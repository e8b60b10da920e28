//! What a check is, and what it finds.

use crate::class::Class;
use crate::steps::Step;
use crate::timeline::Timeline;
use serde::{Deserialize, Serialize};

/// The five outcomes of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// What had to happen was seen.
    Pass,
    /// What was seen is not what had to happen.
    Fail,
    /// The untouched `todo!()` was reached.
    Todo,
    /// A limit ended the run: time, memory, output, or a crash.
    Limit,
    /// The grader could not check. Never the student's loss, never a silent pass.
    Unchecked,
}

/// A line of a file of the submission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// Relative to the lab's directory: `src/buffer.rs`.
    pub file: String,
    /// Counted from 1.
    pub line: u32,
}

/// What one check found out about one submission: all that a report says of it, points and title aside.
///
/// Every sentence is complete, in plain words, and names lanes, calls, lines and descriptors, never pids or addresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The outcome.
    pub status: Status,
    /// One sentence: what went wrong, or (for a pass) what was seen to hold, such as how much was searched.
    pub summary: String,
    /// What the contract promises in this situation.
    pub expected: Option<String>,
    /// What was observed, numbers in full.
    pub seen: Option<String>,
    /// The line to look at.
    pub location: Option<Location>,
    /// A question that the right line answers; never the edit.
    pub question: Option<String>,
    /// The name of the misunderstanding behind the failure: an entry of the lab's data file, which says where to read on.
    pub misconception: Option<String>,
    /// What the field calls it, for a failed schedule.
    pub class: Option<Class>,
    /// The run as a picture; empty where none was recorded.
    pub timeline: Timeline,
    /// The run as numbered steps of the grader's scripted clients; empty where there were none.
    pub steps: Vec<Step>,
    /// What the student's program wrote, capped, not yet escaped.
    pub output: Vec<u8>,
    /// How many schedules were tried; 0 where none were searched.
    pub schedules: u64,
}

impl Finding {
    /// A finding with an outcome and its sentence, and nothing else yet.
    pub fn new(status: Status, summary: impl Into<String>) -> Finding {
        Finding {
            status,
            summary: summary.into(),
            expected: None,
            seen: None,
            location: None,
            question: None,
            misconception: None,
            class: None,
            timeline: Timeline::default(),
            steps: Vec::new(),
            output: Vec::new(),
            schedules: 0,
        }
    }
}
