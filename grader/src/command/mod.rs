//! The commands, and what they share.

pub(crate) mod grade;
pub(crate) mod hint;
pub(crate) mod starters;
pub(crate) mod verify;

use crate::check::Finding;
use crate::course::Course;
use crate::message;
use crate::stage::Stage;
use crate::supervisor::{self, Job};
use anyhow::{Context, Result};

/// Runs checks, each in a supervisor of its own.
fn supervised() -> Result<impl Fn(&Job) -> Finding + Sync> {
    let program = std::env::current_exe().context("cannot find the grader's own program")?;
    Ok(move |job: &Job| supervisor::run(&program, job))
}

fn open_stage(course: &Course) -> Result<Stage<'_>> {
    Stage::open(course, || eprintln!("{}", message::WAITING))
}
