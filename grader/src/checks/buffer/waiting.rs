//! A call that panicked where it had to wait.

use super::Run;
use super::permits::{Stands, stands};
use crate::checks::explored::{Change, Culprit, Diagnosis, Wrong};
use explore::trace::Step;
use protocol::buffer::Call;

/// The words for a call that panicked where it had to wait. `index` is any of its events.
pub(super) fn did_not_wait(run: &Run, index: usize, message: &str) -> Option<Diagnosis> {
    let (name, call) = (run.name(run.event(index).thread), run.call_at(index)?);
    let (state, want) = reason_to_wait(run, index, call)?;
    if let Some(diagnosis) = empty_permit(run, index, call) {
        return Some(diagnosis);
    }
    Some(Diagnosis {
        headline: format!("{state} is no mistake, it is a reason to wait: {name} panicked in {call}."),
        expected: format!("{call} of {name} sleeps until there is {want}"),
        seen: format!("{name} panicked: {message}"),
        question: "What is in the buffer when this line is reached, and what has to be?",
        misconception: Some("does-not-wait"),
        ..Diagnosis::default()
    })
}

/// The words for a call that took a permit which stood for nothing.
fn empty_permit(run: &Run, index: usize, call: Call) -> Option<Diagnosis> {
    let (who, what) = if call.puts() { ("room", Stands::ForRoom) } else { ("an item", Stands::ForItems) };
    let (semaphore, taken) =
        run.same_call(index).into_iter().find_map(|index| match run.event(index).step {
            Step::P { semaphore, .. } if stands(&run.semaphores[semaphore]) == what => {
                Some((semaphore, index))
            }
            _ => None,
        })?;
    let (name, semaphore_name) = (run.name(run.event(index).thread), &run.semaphores[semaphore]);
    let first = run.permits_at_first(semaphore).unwrap_or(0);
    let early = unfounded(run, semaphore, what);
    let made = what == Stands::ForItems && first > 0;
    let place = if made { run.trace.semaphores.get(semaphore).cloned() } else { None };
    Some(Diagnosis {
        headline: if made {
            format!(
                "Permits say what is there at first: `{semaphore_name}` starts with {first}, and the buffer is empty."
            )
        } else {
            format!("A permit of `{semaphore_name}` stands for {who}: {name} took one, and there was none.")
        },
        expected: format!("{call} of {name} sleeps until there is {who}"),
        seen: format!("{name} had a permit of `{semaphore_name}`, and the buffer {}", run.filling(taken)),
        place: place.or_else(|| run.event(early?).place.clone()),
        question: "For which item, or which room, is there a permit here, and is it there already?",
        misconception: Some(if made { "initial-permits" } else { "gives-too-early" }),
        wrong: early.filter(|_| !made).map(|event| Wrong {
            event,
            note: format!("The permits are one more now than there is {who} for."),
        }),
        culprits: vec![Culprit::Semaphore(semaphore), Culprit::Items],
        ..Diagnosis::default()
    })
}

/// The first V that gave a permit for which there was nothing: fewer items were put, or less room was made, than permits
/// were given.
fn unfounded(run: &Run, semaphore: usize, what: Stands) -> Option<usize> {
    let first = run.permits_at_first(semaphore).unwrap_or(0);
    let (mut given, mut there) = match what {
        Stands::ForRoom => (first, run.capacity()),
        _ => (first, 0),
    };
    (0..run.trace.events.len()).find(|index| {
        match (&run.moments[*index].change, what) {
            (Change::Push(items), Stands::ForItems) | (Change::Pop(items), Stands::ForRoom) => {
                there += items.len()
            }
            _ => {}
        }
        let gives = matches!(run.event(*index).step, Step::V { semaphore: to, .. } if to == semaphore);
        given += usize::from(gives);
        gives && given > there
    })
}

/// Why a call that has changed nothing yet had to wait at the end of a run, and for what.
fn reason_to_wait(run: &Run, index: usize, call: Call) -> Option<(&'static str, &'static str)> {
    let last = run.trace.events.len().checked_sub(1)?;
    let changes = |index: &usize| run.moments[*index].change != Change::None;
    match call {
        _ if run.could(call, last) || run.same_call(index).iter().any(changes) => None,
        Call::Take => Some(("An empty buffer", "an item")),
        _ => Some(("A full buffer", "room")),
    }
}
