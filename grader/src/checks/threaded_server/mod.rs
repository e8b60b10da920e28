//! The checks of the lab threaded-server: searches of the counters and of the pool, and servers that are played with.

mod phases;
mod pool;
mod stats;

use super::explored;
use crate::check::Finding;
use crate::scene::Scene;
use crate::supervisor::Job;
use protocol::threaded_server::Task;

/// Runs the check that a job names.
pub fn check(job: &Job, scene: &mut Scene) -> Finding {
    if let Some(plan) = stats::plan(&job.check) {
        return explored::check(job, scene, Some(plan), Task::Stats);
    }
    explored::check(job, scene, pool::plan(&job.check), Task::Pool)
}
