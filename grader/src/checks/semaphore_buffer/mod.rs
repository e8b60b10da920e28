//! The checks of the lab semaphore-buffer: what each of them searches, and the words for a semaphore alone. Those for the
//! buffer are the same as for other buffers.

mod asleep;
mod scenarios;
#[cfg(test)]
mod tests;
mod words;

use super::explored;
use crate::check::Finding;
use crate::scene::Scene;
use crate::supervisor::Job;
use protocol::semaphore::Task;
use scenarios::{Searched, plan};

/// Runs the check that a job names.
pub fn check(job: &Job, scene: &mut Scene) -> Finding {
    match plan(&job.check) {
        Some(Searched::Semaphore(plan)) => explored::check(job, scene, plan, Task::Semaphore),
        Some(Searched::Buffer(plan)) => explored::check(job, scene, plan, Task::Buffer),
        None => explored::no_such_check(job),
    }
}
