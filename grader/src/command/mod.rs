//! The commands, and what they share.

pub(crate) mod doctor;
pub(crate) mod grade;
pub(crate) mod hint;
pub(crate) mod restart;
pub(crate) mod starters;
mod submission;
pub(crate) mod verify;

use crate::check::Finding;
use crate::compile::{Compiler, PATIENCE};
use crate::course::Course;
use crate::exit_code::ExitCode;
use crate::message;
use crate::rlimits;
use crate::sandbox::{self, Directory, Level};
use crate::stage::{Holder, Stage};
use crate::supervisor::{Job, Supervisors};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;

/// How many supervisors are made ahead of their checks: about as many as cargo leaves time for until it starts compilers.
const MOST_READY: usize = 32;

/// How this machine runs checks: each in a supervisor of its own, which is this program again.
struct Supervised {
    program: PathBuf,
    level: Level,
    supervisors: Supervisors,
}

impl Supervised {
    /// At the level that is demanded, or else at the strictest that this machine can.
    fn at(demanded: Option<Level>) -> Result<Supervised> {
        if let Some(sentence) = rlimits::shortfall() {
            bail!(ExitCode::Unchecked.because(sentence));
        }
        let program = std::env::current_exe().context("cannot find the grader's own program")?;
        if let Some(level) = demanded
            && let Some(obstacle) = level.obstacle(&program)
        {
            bail!(ExitCode::Unchecked.because(message::no_sandbox(level, &obstacle)));
        }
        let level = demanded.unwrap_or_else(|| Level::best(&program));
        sandbox::sweep();
        if level != Level::Full
            && let Err(error) = Directory::make()
        {
            bail!(ExitCode::Unchecked.because(message::no_directory(&error)));
        }
        let supervisors = Supervisors::start(&program).context("checks cannot be run")?;
        Ok(Supervised { program, level, supervisors })
    }

    /// The compiler, kept from the machine as well.
    fn compiler(&self) -> Compiler {
        Compiler::find(PATIENCE).enclosed(&self.program, self.level)
    }

    /// Makes supervisors for so many checks, as far as there is time for that before the first program is compiled.
    fn make_ready(&self, checks: usize) {
        self.supervisors.make_ready(self.level, checks.min(MOST_READY));
    }

    fn run(&self, job: &Job) -> Finding {
        self.supervisors.run(self.level, job)
    }
}

fn open_stage(course: &Course) -> Result<Stage<'_>> {
    Stage::open(course, || eprintln!("{}", message::waiting(Holder::of(&course.stage_dir()))))
}
