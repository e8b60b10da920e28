//! The exit codes, which scripts rely on.

use crate::check::Status;
use crate::report::Report;
use std::fmt;

/// How the grader ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitCode {
    /// Full marks; for other commands than `grade`: all is well.
    Full = 0,
    /// Points were lost; for other commands: something is amiss in the course.
    Lost = 1,
    /// The command line asks for what there is not.
    Usage = 2,
    /// Something could not be checked, or nothing at all in the way that was demanded. Nobody has lost a point by that, and
    /// nobody has earned one.
    Unchecked = 3,
    /// The grader itself failed.
    Failed = 4,
}

/// The table, for `--help`.
pub(crate) const TABLE: &str = "\
Exit codes:
  0  full marks
  1  points lost
  2  the command line asks for what there is not
  3  something could not be checked, or nothing at the level of isolation that was demanded
  4  the grader itself failed";

impl From<&Report> for ExitCode {
    fn from(report: &Report) -> ExitCode {
        let mut checks = report.labs.iter().flat_map(|lab| &lab.checks);
        if checks.any(|check| check.status == Status::Unchecked) {
            return ExitCode::Unchecked;
        }
        if report.score == report.max_score { ExitCode::Full } else { ExitCode::Lost }
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> std::process::ExitCode {
        std::process::ExitCode::from(code as u8)
    }
}

impl ExitCode {
    /// Why a command is not carried out, as a sentence; by it, the grader ends with this code.
    pub(crate) fn because(self, sentence: impl Into<String>) -> Declined {
        Declined { code: self, sentence: sentence.into() }
    }

    /// How the grader ends by an error: whatever is nobody else's doing is its own failure.
    pub(crate) fn of(error: &anyhow::Error) -> ExitCode {
        error.downcast_ref::<Declined>().map_or(ExitCode::Failed, |declined| declined.code)
    }
}

/// A command that is not carried out, though the grader has not failed.
#[derive(Debug)]
pub(crate) struct Declined {
    code: ExitCode,
    sentence: String,
}

impl fmt::Display for Declined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl std::error::Error for Declined {}
