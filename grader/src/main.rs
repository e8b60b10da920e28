//! The command `grader`.

use grader::{checks, cli, doctor, exit_code, sandbox, signals, supervisor};
use std::process::ExitCode;

/// By this, the user says how much stack threads get: it is meant for programs that need more, and the grader's need none.
const STACK_OF_THREADS: &str = "RUST_MIN_STACK";

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some(supervisor::ARGUMENT) => return supervisor::supervise(checks::run),
        Some(sandbox::PROBE) => return sandbox::probe(),
        Some(sandbox::ENCLOSE) => return sandbox::enclose(),
        Some(doctor::SUBJECT) => return doctor::subject(),
        _ if sandbox::is_rustc() => return sandbox::rustc(),
        _ => {}
    }
    signals::hear_of_children();
    // SAFETY: no other thread has been started.
    unsafe { std::env::remove_var(STACK_OF_THREADS) };
    let command = cli::Cli::of_this_process();
    // A panic is the grader's failure and has that exit code; the panic's own message has been printed by then.
    let ended = std::panic::catch_unwind(|| command.run().unwrap_or_else(|error| cli::explain(&error)));
    ended.unwrap_or(exit_code::ExitCode::Failed).into()
}
