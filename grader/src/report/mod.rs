//! The one record of a grading. Terminal and JSON are renderings of it.

mod block;
mod cause;
mod change;
mod compiler;
mod extent;
pub mod json;
mod list;
mod message;
mod next;
mod numbered;
pub mod terminal;
mod view;

pub use change::{Change, Outcomes, outcomes};
pub use message::{Author, Message};
pub use view::View;

use crate::check::{Finding, Location, Status};
use crate::class::Class;
use crate::escape;
pub use crate::sandbox::Level as Sandbox;
use crate::steps::Step;
use crate::timeline::Timeline;
use serde::{Deserialize, Serialize};

/// A grading.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The version of this format.
    pub version: u32,
    /// The seed of everything random; the same seed gives the same report.
    pub seed: u64,
    /// The level of isolation the programs ran at.
    pub sandbox: Sandbox,
    /// Points earned.
    pub score: u32,
    /// Points there were to earn.
    pub max_score: u32,
    /// Lab by lab.
    pub labs: Vec<LabReport>,
}

/// How the grading of one lab went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabStatus {
    /// Graded.
    Graded,
    /// Graded, and nothing of it is begun.
    Todo,
    /// The compiler refused it.
    DoesNotCompile,
    /// The grader could not grade it.
    Unchecked,
}

/// The grading of one lab.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabReport {
    /// `condvar-buffer`.
    pub lab: String,
    /// How it went.
    pub status: LabStatus,
    /// Points earned.
    pub score: u32,
    /// Points there were to earn.
    pub max_score: u32,
    /// What stands before the checks: the compiler's messages, or why a file was refused. Student paths, no escapes yet.
    pub messages: Vec<Message>,
    /// Check by check.
    pub checks: Vec<CheckReport>,
    /// How many checks of the lab were not asked for.
    #[serde(skip)]
    pub not_run: usize,
    /// What the compiler warns of in the student's files, as it shows it.
    #[serde(skip)]
    pub warnings: Vec<String>,
}

/// The outcome of one check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CheckReport {
    /// `rechecks-after-waking`.
    pub id: String,
    /// The property as a sentence.
    pub title: String,
    /// The outcome.
    pub status: Status,
    /// Points earned.
    pub score: u32,
    /// Points there were to earn.
    pub max_score: u32,
    /// The misunderstanding behind a failure.
    pub misconception: Option<String>,
    /// What the field calls the failure, where a schedule shows it.
    pub class: Option<Class>,
    /// One sentence.
    pub summary: String,
    /// What the contract promises here.
    pub expected: Option<String>,
    /// What was observed.
    pub seen: Option<String>,
    /// The line to look at.
    pub location: Option<Location>,
    /// That line, trimmed.
    pub source: Option<String>,
    /// A question that the line answers.
    pub question: Option<String>,
    /// The run in time: its fields stand beside these, its events as `timeline`.
    #[serde(flatten)]
    pub run: Timeline,
    /// The run as numbered steps.
    pub steps: Vec<Step>,
    /// What the student's program wrote, control characters escaped.
    pub output: String,
    /// How many schedules were tried; 0 where none were searched.
    pub schedules: u64,
    /// Where to read on: `condvar-buffer.md#a-wakeup-can-reach-the-wrong-thread`.
    pub handout: Option<String>,
    /// Whether what is wrong stands in the lab's messages: a file that was refused, or does not compile.
    #[serde(skip)]
    pub in_messages: bool,
    /// How long the check took, in milliseconds. Left out where reports are compared.
    #[serde(skip)]
    pub millis: u64,
}

impl CheckReport {
    /// Joins what a check found with what its data file says of it.
    pub fn new(
        id: &str,
        title: &str,
        max_score: u32,
        handout: Option<String>,
        finding: Finding,
    ) -> CheckReport {
        CheckReport {
            id: id.to_owned(),
            title: title.to_owned(),
            status: finding.status,
            score: if finding.status == Status::Pass { max_score } else { 0 },
            max_score,
            misconception: finding.misconception,
            class: finding.class,
            summary: finding.summary,
            expected: finding.expected,
            seen: finding.seen,
            location: finding.location,
            source: None,
            question: finding.question,
            run: finding.timeline,
            steps: finding.steps,
            output: escape::output(&finding.output),
            schedules: finding.schedules,
            handout,
            in_messages: false,
            millis: 0,
        }
    }
}
