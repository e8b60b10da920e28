//! The checks of the lab condvar-buffer: what each of them searches.

mod scenarios;
#[cfg(test)]
mod tests;

use super::explored;
use crate::check::Finding;
use crate::scene::Scene;
use crate::supervisor::Job;
use protocol::buffer::Task;
use scenarios::plan;

/// Runs the check that a job names.
pub fn check(job: &Job, scene: &mut Scene) -> Finding {
    match plan(&job.check) {
        Some(plan) => explored::check(job, scene, plan, |task| -> Task { task }),
        None => explored::no_such_check(job),
    }
}
