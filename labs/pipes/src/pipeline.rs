//! Programs joined by pipes, as a shell does it.
//!
//! Four calls, each of which does one thing: `pipe` makes a queue, `fork` a second process that holds the same
//! descriptors, `dup2` gives one of them the number that every program reads from (0) or writes to (1), and `exec` makes
//! the process another program, which keeps them.

use crate::Error;
use std::ffi::CString;

/// Runs a program to its end, and returns what it wrote to standard output and how it ended: a shell's `$(command)`.
///
/// `command` is the program and its arguments, the first of them the name that is looked up in `PATH`. Arguments are
/// passed as they are, spaces and all.
///
/// - Standard input and standard error are the caller's own. The program finds no other descriptor of the caller's open,
///   and `SIGPIPE` as it is for any program ([`oslab::on_signal`]).
/// - Blocks, asleep, until the output is at its end and the program has ended. Any amount of output: it is read while the program
///   runs, since a pipe holds 64 KiB and then makes its writer wait.
/// - The status is the exit code; 128 plus the signal's number where a signal ended the program; 127 where it cannot be
///   run because there is none of this name. A child in which `exec` has failed ends there and then, by
///   [`oslab::_exit`]: it never returns to the caller, and writes nothing that is the caller's to write.
/// - Afterwards no descriptor is left open and no child is left behind, also where it fails. Signals (`EINTR`) make no
///   difference.
/// - Fails with the error of `pipe2`, `fork`, `read` or `waitpid`.
///
/// Needs a program with one thread, as [`oslab::fork`] does. `command` has at least one element.
pub fn capture(command: &[CString]) -> Result<(Vec<u8>, i32), Error> {
    todo!("pipe2, fork; in the child dup2 and exec; in the parent read to the end, then waitpid")
}

/// Runs programs side by side, each one's standard output joined to the next one's standard input: a shell's
/// `find | grep | wc`. Returns how each of them ended, in the order of the stages.
///
/// A stage is a command, as in [`capture`]; its status is told in the same way. What is said there of descriptors, of
/// `SIGPIPE` and of a program that does not exist holds for every stage; the other stages run all the same.
///
/// - The first stage reads the caller's standard input, the last one writes to the caller's standard output.
/// - All stages run at the same time: none is waited for before all are started.
/// - A stage holds the pipes on its two sides by descriptors 0 and 1, and no other end of any pipe; the caller holds none
///   once the stages run. Only so does a reader see end of file when the stage before it has ended, and a writer
///   `SIGPIPE` when the stage behind it has: `yes | head -n 1` ends.
/// - Blocks until every stage has ended, in whatever order they do: asleep in `waitpid`, not asking again and again. Each
///   stage is waited for, and no child is left behind. Signals (`EINTR`) make no difference.
/// - No stages: returns an empty list at once.
/// - Fails with the error of `pipe2`, `fork` or `waitpid`. Stages that were started by then are waited for first, with
///   no end of a pipe left open that could keep them.
pub fn run_pipeline(stages: &[Vec<CString>]) -> Result<Vec<i32>, Error> {
    todo!("start every stage with a pipe to the next; keep no end of a pipe; then waitpid for each")
}
