//! Two threads at one value that nothing protects.

use super::Words;
use super::diagnosis::{Culprit, Diagnosis, End, Wrong};
use super::run::Run;
use crate::timeline::How;
use explore::Visit;
use explore::trace::{Step, ThreadId};

/// The words for two threads that met.
pub(super) fn diagnose<L: Words>(run: &Run<L>, cell: usize, first: &Visit, second: &Visit) -> Diagnosis {
    let (one, other) = (run.name(first.thread), run.name(second.thread));
    let value = &run.cells[cell];
    let entered = run.last(second.thread, |step| matches!(step, Step::Enter { .. }));
    let with = |thread| match permits(run, thread).as_slice() {
        [] => "no permit".to_owned(),
        names => format!("a permit of {}", names.join(" and of ")),
    };
    let note = format!(
        "{one} is there with {}, and {other} comes with {}.",
        with(first.thread),
        with(second.thread)
    );
    let twice = first.thread == second.thread;
    let both = run.names(&[first.thread.min(second.thread), first.thread.max(second.thread)]);
    Diagnosis {
        headline: if twice {
            format!("One at a time: {one} uses `{value}` while it is using it.")
        } else {
            format!("Permits are not exclusion: {both} were inside `{value}` at once.")
        },
        expected: format!("one thread at a time is at `{value}`"),
        seen: format!(
            "{one} in line {}, and {other} in line {}, at the same time",
            first.place.line, second.place.line
        ),
        place: Some(second.place.clone()),
        question: "Which semaphore keeps the second thread out, from before this line until after it?",
        misconception: Some("no-exclusion"),
        wrong: entered.map(|event| Wrong { event, note }),
        endings: [first, second]
            .map(|visit| {
                End::new(visit.thread, How::WrongValue, format!("at `{value}`, line {}.", visit.place.line))
            })
            .into(),
        culprits: run
            .semaphores
            .iter()
            .enumerate()
            .map(|(semaphore, _)| Culprit::Semaphore(semaphore))
            .collect(),
        ..Diagnosis::default()
    }
}

/// The semaphores of which a thread has taken more permits than it has given, in its present call.
fn permits<L: Words>(run: &Run<L>, thread: ThreadId) -> Vec<String> {
    run.held(thread).into_iter().map(|(semaphore, _)| format!("`{}`", run.semaphores[semaphore])).collect()
}
