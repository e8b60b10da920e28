//! A process tree per check: the grader starts itself again as a supervisor, which plays one check and says what it found.
//!
//! The supervisor is single-threaded, leads a session of its own, dies with the grader, and is where orphans of the
//! programs under test end up. It gets its job and sends its finding over a socket that only it has.

use crate::check::Finding;
use crate::process::Limits;
use crate::scene::Scene;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::process::ExitCode;

/// The first argument that makes the grader a supervisor.
pub const ARGUMENT: &str = "__supervise";

/// One check of one submission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// `sockets-v1`.
    pub lab: String,
    /// `echoes-any-bytes`.
    pub check: String,
    /// The driver, linked with the submission.
    pub driver: PathBuf,
    /// The directory of the staged lab package, to which locations are relative.
    pub source: PathBuf,
    /// For every program of the check, and for the check.
    pub limits: Limits,
    /// Of everything random.
    pub seed: u64,
}

/// Runs a check in a supervisor of its own and waits for its finding. Any number may run at once, each from a thread
/// that outlives its call (the supervisor dies with the thread that started it).
///
/// `program` is the grader itself (`std::env::current_exe()`): a program that calls [`supervise`] when its first argument
/// is [`ARGUMENT`]. A supervisor that dies, or says nothing in time, makes the finding `unchecked`, in plain words.
pub fn run(program: &std::path::Path, job: &Job) -> Finding {
    let _ = (program, job);
    todo!()
}

/// The supervisor's whole life: receives the job, plays `body`, ends whatever is left, sends the finding. To be called
/// first thing in `main`, before any thread is started.
pub fn supervise(body: fn(&Job, &mut Scene) -> Finding) -> ExitCode {
    let _ = body;
    todo!()
}
