//! The commands, and what they share.

pub(crate) mod grade;
pub(crate) mod hint;
pub(crate) mod starters;
pub(crate) mod verify;

use crate::check::Finding;
use crate::course::Course;
use crate::grade::Run;
use crate::message;
use crate::process::Limits;
use crate::stage::Stage;
use crate::supervisor::{self, Job};
use anyhow::{Context, Result};

/// The seed of everything random. It is fixed: the same submission gets the same report.
const SEED: u64 = 1;

/// Runs checks, each in a supervisor of its own.
fn supervised() -> Result<impl Fn(&Run) -> Finding + Sync> {
    let program = std::env::current_exe().context("cannot find the grader's own program")?;
    Ok(move |run: &Run| {
        let job = Job {
            lab: run.lab.clone(),
            check: run.check.clone(),
            driver: run.driver.clone(),
            source: run.source.clone(),
            limits: Limits::default(),
            seed: SEED,
        };
        supervisor::run(&program, &job)
    })
}

fn open_stage(course: &Course) -> Result<Stage<'_>> {
    Stage::open(course, || eprintln!("{}", message::WAITING))
}
