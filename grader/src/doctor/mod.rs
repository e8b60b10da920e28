//! What this machine can do, and what that means for checks: found out by doing what a grading does.

mod advice;
mod machine;
mod subject;
mod trial;
mod workshop;

use crate::compile::{Compiler, PATIENCE};
use crate::course::Course;
use crate::exit_code::ExitCode;
use crate::sandbox::{self, Level};
use crate::supervisor::Supervisors;
use anyhow::{Context, Result};
use serde::{Serialize, Serializer};
use std::path::Path;
pub use subject::{ARGUMENT as SUBJECT, main as subject};
use trial::Trial;
pub(crate) use trial::{LAB as TRIALS, play};
use workshop::Workshop;

/// What was looked at, and what came out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Examination {
    pub(crate) what: Subject,
    pub(crate) state: State,
    /// A number, a path, or the step that failed.
    pub(crate) found: String,
    /// What it means for checks, as a sentence, and what to change; empty where all is well.
    pub(crate) means: String,
    pub(crate) change: String,
}

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    Toolchain,
    Compiling,
    Clippy,
    Full,
    Landlock,
    Programs,
    Tracing,
    BlockedCalls,
    SockDiag,
    Loopback,
    Loopback6,
    Make,
    Processors,
    Memory,
    Disk,
}

impl Subject {
    /// In a word or two: `tracing`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Subject::Toolchain => "toolchain",
            Subject::Compiling => "compiling",
            Subject::Clippy => "clippy",
            Subject::Full => "full",
            Subject::Landlock => "landlock",
            Subject::Programs => "programs",
            Subject::Tracing => "tracing",
            Subject::BlockedCalls => "blocked calls",
            Subject::SockDiag => "sock_diag",
            Subject::Loopback => "loopback",
            Subject::Loopback6 => "IPv6 loopback",
            Subject::Make => "make",
            Subject::Processors => "processors",
            Subject::Memory => "memory",
            Subject::Disk => "free disk",
        }
    }
}

impl Serialize for Subject {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// How well it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    Well,
    /// Every check can be run, less well.
    Weak,
    /// Some checks cannot be run.
    Missing,
}

impl Examination {
    fn well(what: Subject, found: impl Into<String>) -> Examination {
        let (means, change) = (String::new(), String::new());
        Examination { what, state: State::Well, found: found.into(), means, change }
    }

    fn not(self, state: State, means: &str, change: impl Into<String>) -> Examination {
        Examination { state, means: means.to_owned(), change: change.into(), ..self }
    }

    /// Well where there is nothing that stands against it.
    fn of(what: Subject, obstacle: Option<String>, state: State, means: &str, change: &str) -> Examination {
        match obstacle {
            None => Examination::well(what, "yes"),
            Some(obstacle) => Examination::well(what, obstacle).not(state, means, change),
        }
    }
}

/// Looks at everything. `grader` is the grader's own program.
pub(crate) fn examine(grader: &Path, course: &Course) -> Result<Vec<Examination>> {
    let supervisors = Supervisors::start(grader).context("checks cannot be run")?;
    let levels = Level::possible(grader);
    let level = levels[0];
    let mut all = vec![full(grader, &supervisors), landlock(grader, &supervisors)];
    let evidence = evidence(grader, &supervisors, &levels);
    let programs_run = evidence.iter().any(|one| one.what == Subject::Programs && one.state == State::Well);
    all.extend(evidence);
    let compiler = Compiler::find(PATIENCE).enclosed(grader, level);
    let runs =
        |program: &Path| Trial::RunsCompiled.obstacle(&supervisors, level, program).filter(|_| programs_run);
    all.extend(compiling(course, &compiler, runs));
    all.extend(resources(course));
    Ok(all)
}

/// 0 where all is well, 1 where checks can be run less well, 3 where some cannot be run.
pub(crate) fn code(all: &[Examination]) -> ExitCode {
    match all.iter().map(|examination| examination.state).max() {
        Some(State::Missing) => ExitCode::Unchecked,
        Some(State::Weak) => ExitCode::Lost,
        Some(State::Well) | None => ExitCode::Full,
    }
}

/// The level at which programs run on this machine: the strictest at which nothing was found amiss.
pub(crate) fn level(all: &[Examination]) -> Level {
    let well = |level: &Level| {
        let is_it = |what| {
            matches!((level, what), (Level::Full, Subject::Full) | (Level::Landlock, Subject::Landlock))
        };
        all.iter().any(|one| is_it(one.what) && one.state == State::Well)
    };
    Level::ALL.into_iter().find(well).unwrap_or(Level::Plain)
}

/// Why this level cannot be had: it cannot be set up, or a check cannot be run at it.
fn obstacle(level: Level, grader: &Path, supervisors: &Supervisors) -> Option<String> {
    level.obstacle(grader).or_else(|| Trial::Starts.obstacle(supervisors, level, grader))
}

fn full(grader: &Path, supervisors: &Supervisors) -> Examination {
    let means = "Programs are not shut into a box. They share ports and the network with everything else on this machine.";
    let change = advice::on_namespaces();
    Examination::of(Subject::Full, obstacle(Level::Full, grader, supervisors), State::Weak, means, &change)
}

fn landlock(grader: &Path, supervisors: &Supervisors) -> Examination {
    let version = sandbox::landlock_version();
    match obstacle(Level::Landlock, grader, supervisors) {
        None if version < sandbox::LANDLOCK_WITH_SIGNALS => Examination::well(Subject::Landlock, format!("version {version}")),
        None => Examination::well(Subject::Landlock, format!("version {version}; it also keeps signals in")),
        Some(obstacle) => Examination::well(Subject::Landlock, obstacle).not(
            State::Weak,
            "Programs can read and change whatever the user who grades can. For one's own work that is no harm; others' \
             work is better graded elsewhere.",
            advice::ON_LANDLOCK,
        ),
    }
}

/// What checks do, at each of these levels; what counts is the first, at which they are run. Where no program can be run,
/// nothing else can be tried.
fn evidence(grader: &Path, supervisors: &Supervisors, levels: &[Level]) -> Vec<Examination> {
    let tried = |what, trial: Trial, state, means, change: &str| {
        let mut obstacles = levels.iter().map(|level| trial.obstacle(supervisors, *level, grader));
        let obstacle = obstacles.next().flatten();
        let otherwise =
            levels[1..].iter().zip(obstacles).filter(|(_, other)| other.is_some() != obstacle.is_some());
        let otherwise: Vec<String> = otherwise.map(|(level, _)| format!("`{}`", level.name())).collect();
        let mut examination = Examination::of(what, obstacle, state, means, change);
        if !otherwise.is_empty() {
            let how = if examination.state == State::Well { "not" } else { "possible" };
            examination.found += &format!("; {how} at {}", otherwise.join(" and "));
        }
        examination
    };
    let missing = State::Missing;
    let nothing = "No program can be run: every check comes out as `unchecked`.";
    let unseen = "Checks that let system calls fail, or look at them one by one, come out as `unchecked`.";
    let blind = "No program can be seen to be at rest: every check of a program comes out as `unchecked`.";
    let deaf = "Checks of servers do not see who listens, and come out as `unchecked`.";
    let alone = "Checks of servers and clients come out as `unchecked`.";
    let one_family =
        "Checks of servers and clients use IPv4 alone. A program that does not serve IPv6 is not told so.";
    let programs = tried(Subject::Programs, Trial::Starts, missing, nothing, &advice::on_programs());
    if programs.state == missing {
        return vec![programs];
    }
    vec![
        programs,
        tried(Subject::Tracing, Trial::Traces, missing, unseen, &advice::on_tracing()),
        tried(Subject::BlockedCalls, Trial::SeesCalls, missing, blind, advice::ON_PROC),
        tried(Subject::SockDiag, Trial::SeesSockets, missing, deaf, advice::ON_SOCK_DIAG),
        tried(Subject::Loopback, Trial::Connects, missing, alone, advice::ON_LOOPBACK),
        tried(Subject::Loopback6, Trial::ConnectsByV6, State::Weak, one_family, advice::ON_IPV6),
    ]
}

/// From sources to a program that runs.
fn compiling(
    course: &Course,
    compiler: &Compiler,
    runs: impl FnOnce(&Path) -> Option<String>,
) -> Vec<Examination> {
    let nothing = "Nothing can be compiled.";
    let Some(version) = compiler.version() else {
        return vec![Examination::well(Subject::Toolchain, "no cargo").not(
            State::Missing,
            nothing,
            advice::ON_CARGO,
        )];
    };
    let workshop = Workshop::open(course, compiler);
    let compiled = match &workshop.program {
        Ok(program) => {
            Examination::of(Subject::Compiling, runs(program), State::Missing, nothing, advice::ON_EXECUTION)
        }
        Err(error) => {
            let (found, change) = advice::on_build(&format!("{error:#}"));
            Examination::well(Subject::Compiling, found).not(State::Missing, nothing, change)
        }
    };
    let mut all = vec![Examination::well(Subject::Toolchain, version), compiled];
    if workshop.program.is_ok() {
        let unseen = "What a lab forbids is not seen: checks that would pass come out as `unchecked`.";
        let blind = (!workshop.sees_violations).then(|| "what is forbidden was not seen".to_owned());
        all.push(Examination::of(Subject::Clippy, blind, State::Missing, unseen, advice::ON_CLIPPY));
    }
    all
}

fn resources(course: &Course) -> [Examination; 4] {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let few = |what, size: Option<u64>, least: u64, means: &str, change: &str| {
        let found = Examination::well(what, size.map_or("unknown".into(), machine::in_words));
        if size.is_some_and(|size| size < least) { found.not(State::Weak, means, change) } else { found }
    };
    let make = (!machine::has("make")).then(|| "not there".to_owned());
    [
        Examination::of(Subject::Make, make, State::Weak, "`make grade` cannot be typed.", advice::ON_MAKE),
        Examination::well(Subject::Processors, processors.to_string()),
        few(
            Subject::Memory,
            machine::memory(),
            2 << 30,
            "Compilers may run out of memory.",
            advice::ON_MEMORY,
        ),
        few(
            Subject::Disk,
            machine::disk(course.root()),
            4 << 30,
            "What is compiled may not find room.",
            advice::ON_DISK,
        ),
    ]
}
