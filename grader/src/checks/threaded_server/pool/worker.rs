//! What the pool's own threads did in a run.

use super::{Blocked, Run};
use explore::trace::{Place, Step, ThreadId};
use protocol::pool::Call;

/// The pool's threads: all that the scenario does not know.
pub(super) fn all(run: &Run) -> Vec<ThreadId> {
    let plans = &run.scenario.threads;
    let own = |thread: &ThreadId| !plans.iter().any(|plan| plan.name == run.name(*thread));
    (1..run.trace.threads.len()).filter(own).collect()
}

/// Whether a thread is blocked in something of the test's own: in a job.
pub(super) fn is_at_work(run: &Run, blocked: &Blocked) -> bool {
    blocked.place.as_ref().is_some_and(|place| run.sources.location(place).is_none())
}

/// The job that a thread has begun and not ended: `job 2`.
pub(super) fn job(run: &Run, thread: ThreadId) -> Option<Call> {
    let mark = run.last(thread, |step| matches!(step, Step::Mark { .. }))?;
    run.marked(mark).map(|called| called.call).filter(|call| matches!(call, Call::Begin(_)))
}

/// The event with which a thread ended.
pub(super) fn end(run: &Run, thread: ThreadId) -> Option<usize> {
    run.last(thread, |step| matches!(step, Step::Exit))
}

/// The last line of the student's that a thread was seen at before an event.
pub(super) fn line_before(run: &Run, event: usize) -> Option<Place> {
    before(run, event, |_| true)
}

/// The line in which a thread last took a lock before an event.
pub(super) fn lock_before(run: &Run, event: usize) -> Option<Place> {
    before(run, event, |step| matches!(step, Step::Lock { .. } | Step::Wake { .. }))
}

/// The line that runs jobs, where there is one such line in the file in which a worker was last seen.
pub(super) fn runs_jobs(run: &Run, event: usize) -> Option<Place> {
    let place = line_before(run, event)?;
    let line = run.sources.only_line(&place, ".run()")?;
    Some(Place { line, ..place })
}

fn before(run: &Run, event: usize, kind: impl Fn(&Step) -> bool) -> Option<Place> {
    let own = run.own(run.event(event).thread).into_iter().filter(|index| *index < event);
    own.rev().filter(|index| kind(&run.event(*index).step)).find_map(|index| {
        let place = run.event(index).place.clone()?;
        run.sources.location(&place).map(|_| place)
    })
}
