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
pub const TABLE: &str = "\
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

/// What is wrong with the command line, as a sentence.
#[derive(Debug)]
pub struct Usage(pub String);

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

/// What this machine cannot do although it was demanded, as a sentence.
#[derive(Debug)]
pub struct Unavailable(pub String);

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unavailable {}
