//! The command line.

use crate::command::{doctor, grade, hint, restart, starters, verify};
use crate::course::Course;
use crate::escape;
use crate::exit_code::{self, ExitCode};
use crate::sandbox::Level;
use crate::trouble::Trouble;
use crate::version;
use anyhow::Result;
use clap::error::ErrorKind;
use clap::{Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Grades the labs: says what is right, what is wrong, and why.
#[derive(Debug, Parser)]
#[command(name = "grader", version, after_help = exit_code::TABLE)]
pub struct Cli {
    /// The course's folder [default: the current one, or the nearest above it that holds a course].
    #[arg(long, global = true, value_name = "DIR")]
    root: Option<PathBuf>,
    /// Run programs at this level of isolation, or not at all [default: the strictest that this machine can].
    #[arg(long, global = true, value_enum, value_name = "LEVEL")]
    sandbox: Option<Level>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Grade(Grade),
    Hint(Hint),
    Verify(Verify),
    Restart(Restart),
    Starters(Starters),
    Doctor(Doctor),
}

/// Grade labs and report on every check.
#[derive(Debug, clap::Args)]
#[command(after_help = exit_code::TABLE)]
pub(crate) struct Grade {
    /// The labs to grade, or parts of them; everything where none is named.
    #[arg(value_name = "LAB[/PART]")]
    pub(crate) labs: Vec<String>,
    /// Where the labs lie: DIR/LAB/src/FILE.rs [default: labs].
    #[arg(long, value_name = "DIR")]
    pub(crate) submission: Option<PathBuf>,
    /// Grade this check of its lab only; may be given more than once.
    #[arg(long = "check", value_name = "LAB/ID")]
    pub(crate) checks: Vec<String>,
    /// The form of the report.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Show every cause of lost points in full, however long the report gets.
    #[arg(long)]
    pub(crate) all: bool,
    /// Write the report to this file instead of printing it.
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// The forms of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Help with one check: asked again, it tells a little more.
#[derive(Debug, clap::Args)]
pub(crate) struct Hint {
    /// A check; or a lab, which stands for the first of its checks that does not pass [default: the first lab that has
    /// one].
    #[arg(value_name = "LAB[/PART]")]
    pub(crate) part: Option<String>,
}

/// Prove the course: solutions earn full marks, starters none, and every wrong variant is caught by its check.
///
/// Of a wrong variant, the check that has to catch it is run; of everything else, all checks.
#[derive(Debug, clap::Args)]
#[command(after_help = exit_code::TABLE)]
pub(crate) struct Verify {
    /// The labs to verify, or parts of them; everything where none is named.
    #[arg(value_name = "LAB[/PART]")]
    pub(crate) labs: Vec<String>,
    /// Run all checks of the wrong variants too.
    #[arg(long)]
    pub(crate) all: bool,
    /// Print what each wrong variant is told first, and where it is sent.
    #[arg(long)]
    pub(crate) show: bool,
}

/// Put the starter's files of a lab back. Each old file that differs is kept beside the new one.
#[derive(Debug, clap::Args)]
pub(crate) struct Restart {
    /// The lab.
    #[arg(value_name = "LAB")]
    pub(crate) lab: String,
    /// Put only this file back, such as src/io.rs [default: all of the lab's files].
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<String>,
}

/// Cut the starters in labs/ from the solutions. Where a file was edited since the last cut, nothing is written.
#[derive(Debug, clap::Args)]
pub(crate) struct Starters {
    /// Only say where labs/ differs from them.
    #[arg(long, conflicts_with = "force")]
    pub(crate) check: bool,
    /// Overwrite edited files as well.
    #[arg(long)]
    pub(crate) force: bool,
}

/// Say what this machine can do, what that means for checks, and what to change.
///
/// It ends with 0 where all is well, 1 where checks can be run, but less well, and 3 where some cannot be run.
#[derive(Debug, clap::Args)]
#[command(after_help = exit_code::TABLE)]
pub(crate) struct Doctor {
    /// The form of what it says.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

impl Cli {
    /// The command line of this process. Where it only asks for help or the version, or makes no sense, the process ends
    /// here.
    pub fn of_this_process() -> Cli {
        Cli::try_parse().unwrap_or_else(|error| {
            if error.kind() == ErrorKind::DisplayVersion {
                anstream::println!("grader {}", version::version());
                std::process::exit(0);
            }
            error.exit()
        })
    }

    /// Does what the command line says.
    pub fn run(self) -> Result<ExitCode> {
        let course = self.root.map_or_else(Course::here, |root| Course::named(&root))?;
        match self.command {
            Command::Grade(arguments) => grade::run(&course, self.sandbox, &arguments),
            Command::Hint(arguments) => hint::run(&course, self.sandbox, &arguments),
            Command::Verify(arguments) => verify::run(&course, self.sandbox, &arguments),
            Command::Restart(arguments) => restart::run(&course, &arguments),
            Command::Starters(arguments) => starters::run(&course, &arguments),
            Command::Doctor(arguments) => doctor::run(&course, &arguments),
        }
    }
}

/// Says why a command failed, and whose doing that is.
pub fn explain(error: &anyhow::Error) -> ExitCode {
    anstream::eprintln!("grader: {}", escape::line(&format!("{error:#}")));
    if let Some(trouble) = error.downcast_ref::<Trouble>() {
        anstream::eprintln!("\n{}", trouble.shown());
    }
    ExitCode::of(error)
}
