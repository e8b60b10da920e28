//! What this machine can do, found out by doing it.

use super::{Confinement, Level, View, enter_root, in_namespaces, own_network};
use crate::signals;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;

/// The first argument that makes the grader try one level.
pub const ARGUMENT: &str = "__probe";

impl Level {
    /// The strictest level at which this machine can run programs. `program` is the grader itself, see [`probe`].
    pub fn best(program: &Path) -> Level {
        Level::ALL.into_iter().find(|level| level.obstacle(program).is_none()).unwrap_or(Level::Plain)
    }

    /// All levels at which this machine can run programs, the strictest first.
    pub fn possible(program: &Path) -> Vec<Level> {
        Level::ALL.into_iter().filter(|level| level.obstacle(program).is_none()).collect()
    }

    /// Why this machine cannot run programs at this level: the step that failed, and how. None where it can.
    pub fn obstacle(self, program: &Path) -> Option<String> {
        if self == Level::Plain {
            return None;
        }
        let mut command = Command::new(program);
        command.args([ARGUMENT, self.name()]).stdin(Stdio::null()).stderr(Stdio::null());
        match command.output() {
            Ok(output) if output.status.success() => None,
            Ok(output) => Some(String::from_utf8_lossy(&output.stdout).trim().to_owned()),
            Err(error) => Some(error.to_string()),
        }
    }
}

/// Tries one level, named as the second argument: does all of the set-up once and runs a program in it. Prints what does
/// not work. To be called first thing in `main`, before any thread is started.
pub fn main() -> ExitCode {
    signals::restore();
    let named = std::env::args().nth(2);
    let level = Level::ALL.into_iter().find(|level| named.as_deref() == Some(level.name()));
    match level.context("no such level").and_then(attempt) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            println!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn attempt(level: Level) -> Result<u8> {
    let told = |tried: Result<()>| {
        tried.as_ref().err().iter().for_each(|error| println!("{error:#}"));
        Ok(u8::from(tried.is_err()))
    };
    match level {
        Level::Full => in_namespaces(|user| {
            told(own_network().and_then(|()| enter_root(&View::of_system())).and_then(|()| run(level, user)))
        }),
        _ => told(run(level, None)),
    }
}

/// Runs a program that does nothing.
fn run(level: Level, user: Option<u32>) -> Result<()> {
    let nothing = ["/usr/bin/true", "/bin/true"].map(PathBuf::from).into_iter().find(|path| path.exists());
    let nothing = nothing.context("there is no `true`")?;
    let launch = crate::process::Launch::program("true", &nothing);
    let confinement = Confinement::new(level, &nothing, Path::new("/tmp"), user)?;
    let program = crate::process::spawn(&launch, &nothing, Default::default(), &Arc::new(confinement));
    let pid = program.context("a program does not start")?.pid;
    let status = nix::sys::wait::waitpid(pid, None)?;
    anyhow::ensure!(
        matches!(status, nix::sys::wait::WaitStatus::Exited(_, 0)),
        "a program ends early: {status:?}"
    );
    Ok(())
}
