//! The compiler of one package of a submission, held to the files of that package and to limits of its own. Cargo starts
//! the grader in its place, and the grader becomes it. Cargo does so for the members of the staging workspace alone: what
//! these depend on is the course's own, and is compiled without limits.

use super::{Level, Rules, View};
use anyhow::{Context, Result};
use nix::sys::prctl;
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::Signal;
use serde::{Deserialize, Serialize};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

/// The variable that makes the grader the compiler: an [`Order`].
pub(crate) const VARIABLE: &str = "OSLAB_GRADER_RUSTC";

/// Address space of one compiler or linker. What the labs need is a quarter of it.
pub(crate) const MEMORY: u64 = 2 << 30;
/// One file that it writes.
pub(crate) const FILE: u64 = 512 << 20;

/// How to compile.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) level: Level,
    /// What every package may see.
    pub(crate) view: View,
    /// What is started instead of the compiler, with the compiler as its first argument.
    pub(crate) clippy: Option<PathBuf>,
    /// The processor time that it may use.
    pub(crate) patience: Duration,
}

/// Whether this process was started as a compiler.
pub fn is_wanted() -> bool {
    std::env::var_os(VARIABLE).is_some()
}

/// To be called first thing in `main`, before any thread is started.
pub fn main() -> ExitCode {
    let Err(error) = become_compiler();
    eprintln!("{error:#}");
    ExitCode::FAILURE
}

fn become_compiler() -> Result<std::convert::Infallible> {
    let order: Order = serde_json::from_str(&std::env::var(VARIABLE)?)?;
    prctl::set_pdeathsig(Signal::SIGKILL)?;
    let limits = [(Resource::RLIMIT_AS, MEMORY), (Resource::RLIMIT_FSIZE, FILE), (Resource::RLIMIT_CORE, 0)];
    limits.into_iter().try_for_each(|(resource, most)| setrlimit(resource, most, most))?;
    let patience = order.patience.as_secs();
    // At the first it can still say that it was this limit.
    setrlimit(Resource::RLIMIT_CPU, patience, patience + 1)?;
    let mut arguments = std::env::args_os().skip(1);
    let rustc = arguments.next().context("no compiler is named")?;
    if order.level != Level::Plain {
        prctl::set_no_new_privs()?;
        Rules::offline(&with_package(order.view))?.impose()?;
    }
    let mut command = match &order.clippy {
        Some(clippy) => Command::new(clippy),
        None => Command::new(&rustc),
    };
    command.args(order.clippy.map(|_| rustc)).args(arguments).env_remove(VARIABLE);
    Err(command.exec()).context("the compiler cannot be started")
}

/// The package's own directory, and that of the file that is compiled: of a driver, it is the course's.
fn with_package(view: View) -> View {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let main =
        std::env::args_os().map(PathBuf::from).find(|path| path.extension().is_some_and(|end| end == "rs"));
    let sources = main.as_deref().and_then(Path::parent).map(Path::to_owned);
    package.into_iter().chain(sources).fold(view, View::reading)
}
