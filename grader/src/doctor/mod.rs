//! What this machine can do, and what that means for checks.

mod advice;
mod machine;

use crate::compile::Compiler;
use crate::course::Course;
use crate::exit_code::ExitCode;
use crate::sandbox::{self, Level};
use serde::Serialize;
use std::path::Path;

/// What was looked at, and what came out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Examination {
    /// In a word or two: `tracing`.
    pub(crate) what: &'static str,
    pub(crate) state: State,
    /// A number, a path, or the step that failed.
    pub(crate) found: String,
    /// What it means for checks, as a sentence, and what to change; empty where all is well.
    pub(crate) means: String,
    pub(crate) change: String,
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
    fn well(what: &'static str, found: impl Into<String>) -> Examination {
        let (means, change) = (String::new(), String::new());
        Examination { what, state: State::Well, found: found.into(), means, change }
    }

    fn not(self, state: State, means: &str, change: impl Into<String>) -> Examination {
        Examination { state, means: means.to_owned(), change: change.into(), ..self }
    }

    /// Well where there is nothing that stands against it.
    fn of(
        what: &'static str,
        obstacle: Option<String>,
        state: State,
        means: &str,
        change: &str,
    ) -> Examination {
        match obstacle {
            None => Examination::well(what, "yes"),
            Some(obstacle) => Examination::well(what, obstacle).not(state, means, change),
        }
    }
}

/// Looks at everything. `grader` is the grader's own program.
pub(crate) fn examine(grader: &Path, course: &Course, compiler: &Compiler) -> Vec<Examination> {
    let mut all = vec![full(grader), landlock(grader)];
    all.extend(evidence());
    all.extend(resources(course, compiler));
    all
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
    let well = |what| all.iter().any(|one| one.what == what && one.state == State::Well);
    Level::ALL.into_iter().find(|level| well(level.name())).unwrap_or(Level::Plain)
}

fn full(grader: &Path) -> Examination {
    let means = "Programs are not shut into a box. They share ports and the network with everything else on this machine.";
    let change = advice::on_namespaces();
    Examination::of("full", Level::Full.obstacle(grader), State::Weak, means, &change)
}

fn landlock(grader: &Path) -> Examination {
    let version = sandbox::landlock_version();
    match Level::Landlock.obstacle(grader) {
        None if version < sandbox::LANDLOCK_WITH_SIGNALS => Examination::well("landlock", format!("version {version}")),
        None => Examination::well("landlock", format!("version {version}; it also keeps signals in")),
        Some(obstacle) => Examination::well("landlock", obstacle).not(
            State::Weak,
            "Programs can read and change whatever the user who grades can. For one's own work that is no harm; others' \
             work is better graded elsewhere.",
            advice::ON_LANDLOCK,
        ),
    }
}

fn evidence() -> [Examination; 5] {
    let unseen = "Checks that let system calls fail, or look at them one by one, come out as `unchecked`.";
    let blind = "Nobody can be seen to be at rest: every check of a program comes out as `unchecked`.";
    let one_family = "Checks of servers on both families, IPv4 and IPv6, come out as `unchecked`, or fail.";
    [
        Examination::of("tracing", machine::tracing(), State::Missing, unseen, &advice::on_tracing()),
        Examination::of("blocked calls", machine::calls(), State::Missing, blind, advice::ON_PROC),
        Examination::of("pidfd", machine::pidfd(), State::Missing, blind, advice::ON_KERNEL),
        Examination::of("sock_diag", machine::sock_diag(), State::Missing, blind, advice::ON_SOCK_DIAG),
        Examination::of("IPv6 loopback", machine::ipv6(), State::Missing, one_family, advice::ON_IPV6),
    ]
}

fn resources(course: &Course, compiler: &Compiler) -> [Examination; 4] {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let memory = machine::memory();
    let disk = machine::disk(course.root());
    let few = |what, size: Option<u64>, least: u64, means: &str, change: &str| {
        let found = Examination::well(what, size.map_or("unknown".into(), machine::in_words));
        if size.is_some_and(|size| size < least) { found.not(State::Weak, means, change) } else { found }
    };
    [
        toolchain(compiler),
        Examination::well("processors", processors.to_string()),
        few("memory", memory, 2 << 30, "Compilers may run out of memory.", advice::ON_MEMORY),
        few("free disk", disk, 4 << 30, "What is compiled may not find room.", advice::ON_DISK),
    ]
}

fn toolchain(compiler: &Compiler) -> Examination {
    match compiler.version() {
        None => Examination::well("toolchain", "no cargo").not(
            State::Missing,
            "Nothing can be compiled.",
            advice::ON_CARGO,
        ),
        Some(version) if compiler.sees_violations() => Examination::well("toolchain", version),
        Some(version) => Examination::well("toolchain", format!("{version}, without clippy")).not(
            State::Missing,
            "What a lab forbids is not seen: checks that would pass come out as `unchecked`.",
            "`rustup component add clippy` installs it.",
        ),
    }
}
