//! The checks of the lab threaded-server: searches of the counters and of the pool, and servers that clients come to.

mod phases;
mod pool;
mod pooled;
mod stats;
mod threaded;

use super::explored;
use super::play::{self, Check};
use crate::check::Finding;
use crate::scene::Scene;
use crate::supervisor::Job;
use protocol::threaded_server::Task;

type Play<'a> = play::Play<'a, Task>;

const SERVERS: &[(&str, Check<Task>)] = &[
    ("serves-clients-at-once", threaded::all_at_once),
    ("closes-each-connection", threaded::closes_each_connection),
    ("panic-harms-one-client", threaded::panic_harms_one),
    ("leaves-nothing-behind", threaded::leaves_nothing_behind),
    ("counts-in-a-server", threaded::counts),
    ("pooled-serves-everyone", pooled::serves_everyone),
    ("pooled-survives-panics", pooled::survives_panics),
    ("pooled-shuts-down", pooled::shuts_down),
    ("survives-failures", threaded::survives_failures),
];

fn server(check: &str) -> Option<Check<Task>> {
    Some(SERVERS.iter().find(|(id, _)| *id == check)?.1)
}

pub(super) fn searches(check: &str) -> bool {
    server(check).is_none()
}

/// Runs the check that a job names.
pub fn check(job: &Job, scene: &mut Scene) -> Finding {
    if let Some(check) = server(&job.check) {
        return play::judge(scene, &job.source, check);
    }
    match (stats::plan(&job.check), pool::plan(&job.check)) {
        (Some(plan), _) => explored::check(job, scene, plan, Task::Stats),
        (None, Some(plan)) => explored::check(job, scene, plan, Task::Pool),
        (None, None) => explored::no_such_check(job),
    }
}
