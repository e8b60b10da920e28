//! The checks of fork-server: clients come to the student's servers, and the processes are looked at from outside.

mod child;
mod failures;
mod holders;
mod parallel;
mod protected;
mod zombies;

use super::play::{self, Check};
use crate::check::{Finding, Status};
use crate::scene::Scene;
use crate::supervisor::Job;
use protocol::fork_server::Task;

type Play<'a> = play::Play<'a, Task>;

const CHECKS: &[(&str, Check<Task>)] = &[
    ("protected-in-a-process", protected::in_a_process),
    ("protected-one-at-a-time", protected::one_at_a_time),
    ("protected-waits", protected::waits),
    ("protected-crash", protected::crash),
    ("parallel-all-at-once", parallel::all_at_once),
    ("parent-closes-connection", parallel::parent_closes_connection),
    ("child-closes-listener", child::closes_listener),
    ("child-ends", child::ends),
    ("reaps-without-blocking", zombies::reaps_without_blocking),
    ("reaps-several-at-once", zombies::reaps_several_at_once),
    ("crash-by-signal", parallel::crash_by_signal),
    ("crash-by-panic", parallel::crash_by_panic),
    ("burst-of-clients", parallel::burst),
    ("nothing-grows", parallel::flat),
    ("accept-fails", failures::accept_fails),
    ("fork-fails", failures::fork_fails),
    ("listener-of-no-use", failures::listener_of_no_use),
];

/// The ids of the checks, in the order in which they are reported.
pub fn ids() -> impl Iterator<Item = &'static str> {
    CHECKS.iter().map(|(id, _)| *id)
}

/// Plays the check that a job names.
pub fn play(job: &Job, scene: &mut Scene) -> Finding {
    match CHECKS.iter().find(|(id, _)| *id == job.check) {
        Some((_, check)) => play::judge(scene, &job.source, *check),
        None => Finding::new(Status::Unchecked, format!("There is no check `{}` in fork-server.", job.check)),
    }
}
