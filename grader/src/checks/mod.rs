//! The checks: per lab, one function per check.

mod buffer;
pub mod condvar_buffer;
mod explored;
pub mod fork_server;
mod panic;
pub mod pipes;
mod play;
pub mod semaphore_buffer;
mod serving;
pub mod sockets_v1;
pub mod threaded_server;

use crate::check::{Finding, Status};
use crate::doctor;
use crate::scene::Scene;
use crate::supervisor::Job;

/// Whether the programs of a check have no use for a network: pipes have none, and nobody whose schedules are searched.
pub(crate) fn offline(lab: &str, check: &str) -> bool {
    match lab {
        "condvar-buffer" | "pipes" | "semaphore-buffer" => true,
        "threaded-server" => threaded_server::searches(check),
        _ => false,
    }
}

/// Runs the check that a job names.
pub fn run(job: &Job, scene: &mut Scene) -> Finding {
    match job.lab.as_str() {
        "condvar-buffer" => condvar_buffer::check(job, scene),
        "fork-server" => fork_server::play(job, scene),
        "pipes" => pipes::play(job, scene),
        "semaphore-buffer" => semaphore_buffer::check(job, scene),
        "sockets-v1" => sockets_v1::play(job, scene),
        "threaded-server" => threaded_server::check(job, scene),
        doctor::TRIALS => doctor::play(job, scene),
        lab => Finding::new(Status::Unchecked, format!("This grader has no checks for {lab}.")),
    }
}
