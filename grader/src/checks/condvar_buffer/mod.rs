//! The checks of the lab condvar-buffer: what each of them searches (`scenarios`), and the words for buffers: one of
//! `breach`, `sleeper` and `reuse` finds the decisive step of a schedule.

mod breach;
mod closing;
mod reuse;
mod scenarios;
mod sleeper;
mod state;
#[cfg(test)]
mod tests;
mod wakeups;
mod words;

use super::explored::{self, Diagnosis, Words};
use crate::check::Finding;
use crate::scene::Scene;
use crate::supervisor::Job;
use explore::trace::ThreadId;
use protocol::buffer::{Breach, Buffers, Task};
use protocol::search::Blocked;
use scenarios::plan;
use sleeper::Sleeper;

type Run<'a> = explored::Run<'a, Buffers>;

/// Runs the check that a job names.
pub fn check(job: &Job, scene: &mut Scene) -> Finding {
    explored::check(job, scene, plan(&job.check), |task| -> Task { task })
}

impl Words for Buffers {
    const SUBJECT: &'static str = "the buffer";
    const CONTENTS: &'static str = "items";

    fn closes(call: &str) -> bool {
        call.starts_with("close")
    }

    fn contents(run: &Run, index: usize) -> String {
        run.contents(index)
    }

    fn sees(run: &Run, index: usize) -> String {
        run.sees(index)
    }

    fn breach(run: &Run, thread: ThreadId, call: &str, breach: &Breach) -> Diagnosis {
        breach::diagnose(run, thread, call, breach)
    }

    fn panic(run: &Run, thread: ThreadId, message: &str) -> Option<Diagnosis> {
        let began = run.last_call(thread)?;
        reuse::diagnose(run, began).or_else(|| reuse::did_not_wait(run, began, message))
    }

    fn sleeper(run: &Run, blocked: &Blocked) -> Option<(usize, Diagnosis)> {
        Sleeper::new(run, blocked).map(|sleeper| (sleeper.slept, sleeper.diagnose()))
    }

    fn why_asleep(run: &Run, blocked: &Blocked, could_go_on: bool) -> String {
        run.why_asleep(blocked, could_go_on)
    }
}
