//! A command of the grader's own, and all that it starts, in a box: the build of what students wrote.

use super::{Level, View, enter_root, in_namespaces, own_network, power};
use crate::{signals, umask};
use anyhow::{Context, Result, ensure};
use nix::sys::prctl;
use nix::sys::signal::Signal;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};

/// The first argument that makes the grader such a command.
pub const ARGUMENT: &str = "__enclose";

/// In what box.
#[derive(Debug, Serialize, Deserialize)]
struct Order {
    level: Level,
    view: View,
    grader: u32,
}

/// `program`, which is the grader itself, as a command that in turn runs the command of its further arguments. That one
/// sees the files of the view, if the level has boxes, begins in `/`, and ends with the thread that starts it.
pub(crate) fn command(program: &Path, level: Level, view: View) -> Result<Command> {
    let order = Order { level, view, grader: std::process::id() };
    let mut command = Command::new(program);
    command.arg(ARGUMENT).arg(serde_json::to_string(&order)?);
    Ok(command)
}

/// To be called first thing in `main`, before any thread is started.
pub fn main() -> ExitCode {
    match enclose(std::env::args_os().skip(2).collect()) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn enclose(arguments: Vec<OsString>) -> Result<u8> {
    let [order, program, arguments @ ..] = arguments.as_slice() else { anyhow::bail!("no command") };
    let order: Order = serde_json::from_slice(order.as_encoded_bytes())?;
    prctl::set_pdeathsig(Signal::SIGKILL)?;
    ensure!(nix::unistd::getppid().as_raw() as u32 == order.grader, "the grader has gone");
    umask::set();
    signals::restore();
    let mut command = Command::new(program);
    command.args(arguments).current_dir("/");
    if order.level != Level::Full {
        return Err(command.exec()).context("the compiler cannot be started");
    }
    in_namespaces(|_| {
        own_network()?;
        enter_root(&order.view)?;
        power::keep_over_files_alone();
        let status = command.status().context("the compiler cannot be started")?;
        Ok(status.code().map_or(1, |code| code as u8))
    })
}
