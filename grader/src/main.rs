//! The command `grader`.

use grader::{checks, cli, doctor, exit_code, sandbox, supervisor};
use std::process::ExitCode;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some(supervisor::ARGUMENT) => return supervisor::supervise(checks::run),
        Some(sandbox::PROBE) => return sandbox::probe(),
        Some(sandbox::ENCLOSE) => return sandbox::enclose(),
        Some(doctor::SUBJECT) => return doctor::subject(),
        _ if sandbox::is_rustc() => return sandbox::rustc(),
        _ => {}
    }
    let command = cli::Cli::of_this_process();
    // A panic is the grader's failure and has that exit code; the panic's own message has been printed by then.
    let ended = std::panic::catch_unwind(|| command.run().unwrap_or_else(|error| cli::explain(&error)));
    ended.unwrap_or(exit_code::ExitCode::Failed).into()
}
