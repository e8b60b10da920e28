//! Knowledge that was used after it had grown old: the lock was let go since the look, and nobody looked again.

use super::diagnosis::{Absent, Culprit, Diagnosis, Wrong};
use super::moment::Change;
use super::run::Run;
use super::{Words, words};
use crate::class::Class;
use crate::timeline::Side;
use explore::trace::{Place, Step};

/// The words for a call that used what is shared without a new look, if that is what it did. `index` is any of its events.
pub(in crate::checks) fn old_look<L: Words>(run: &Run<L>, index: usize) -> Option<Diagnosis> {
    woke_and_used(run, index).or_else(|| came_back_and_used(run, index))
}

/// The words for a thread that slept after a look that had grown old, if that is what it did. `meanwhile` is what others
/// did: "a permit came".
pub(in crate::checks) fn slept_on_stale_look<L: Words>(
    run: &Run<L>,
    slept: usize,
    meanwhile: &str,
) -> Option<Diagnosis> {
    let look = stale_look(run, slept)?;
    let name = run.name(run.event(slept).thread);
    let note = format!(
        "{name} looked{}, let the lock go, and sleeps now without a new look.",
        words::in_line(run, look)
    );
    Some(Diagnosis {
        headline: format!(
            "A look is worth nothing once the lock is released: {name} looked, {meanwhile}, {name} slept."
        ),
        place: run.event(slept).place.clone(),
        question: "What may happen between the look and this line, while the lock is free?",
        misconception: Some("check-outside-lock"),
        wrong: Some(Wrong { event: slept, note }),
        ..Diagnosis::default()
    })
}

/// For a thread that falls asleep: the look that made it sleep, where the lock was let go since.
pub(super) fn stale_look<L: Words>(run: &Run<L>, slept: usize) -> Option<usize> {
    let before: Vec<usize> = run.same_call(slept).into_iter().filter(|index| *index < slept).collect();
    let entered = before.iter().rposition(|index| enters(run, *index))?;
    let looks = |index: &&usize| place_of_look(run, **index).is_some();
    if before[entered..].iter().any(|index| looks(&index)) {
        return None;
    }
    before[..entered].iter().rfind(looks).copied()
}

/// Woken, it went on although what it waited for may not hold.
fn woke_and_used<L: Words>(run: &Run<L>, index: usize) -> Option<Diagnosis> {
    let call = run.same_call(index);
    let woke = call.iter().rposition(|event| matches!(run.event(*event).step, Step::Wake { .. }))?;
    let (before, after) = (&call[..woke], &call[woke + 1..]);
    let section = before.iter().rposition(|event| enters(run, *event))?;
    let looks: Vec<&Place> =
        before[section..].iter().filter_map(|event| place_of_look(run, *event)).collect();
    let looked_again =
        after.iter().filter_map(|event| place_of_look(run, *event)).any(|place| looks.contains(&place));
    if looks.is_empty() || looked_again {
        return None;
    }
    let used = *after.iter().find(|event| is_use(run, **event))?;
    Some(Diagnosis {
        headline: being_woken(run, call[woke]),
        misconception: Some("if-instead-of-while"),
        class: was_overtaken(run, call[woke]).then_some(Class::StolenWakeup),
        ..used_blindly(run, call[woke], used)
    })
}

/// It looked in one critical section and acted in the next.
fn came_back_and_used<L: Words>(run: &Run<L>, index: usize) -> Option<Diagnosis> {
    let call = run.same_call(index);
    let last = call.iter().rposition(|event| enters(run, *event))?;
    let is_lock = matches!(run.event(call[last]).step, Step::Lock { .. });
    let looked = *call[..last].iter().rfind(|event| place_of_look(run, **event).is_some())?;
    let used = *call[last..].iter().find(|event| is_use(run, **event))?;
    let looks: Vec<&Place> = call[..last].iter().filter_map(|event| place_of_look(run, *event)).collect();
    let looked_again =
        call[last..].iter().filter_map(|event| place_of_look(run, *event)).any(|at| looks.contains(&at));
    if !is_lock || looked_again {
        return None;
    }
    let name = run.name(run.event(used).thread);
    let (verb, _) = verbs(run, used);
    Some(Diagnosis {
        headline: format!(
            "A look is worth nothing once the lock is released: {name} looked, others changed {}, {name} {verb}.",
            L::SUBJECT
        ),
        seen: format!(
            "{name} looked{}, let the lock go, and {verb}{}",
            words::in_line(run, looked),
            words::in_line(run, used)
        ),
        question: "What may happen between the look and this line, while the lock is free?",
        // The lock is taken again here, and nothing is looked at.
        place: run.event(call[last]).place.clone(),
        misconception: Some("check-outside-lock"),
        class: Some(Class::CheckThenAct),
        ..used_blindly(run, looked, used)
    })
}

/// What both kinds have in common.
fn used_blindly<L: Words>(run: &Run<L>, since: usize, used: usize) -> Diagnosis {
    let name = run.name(run.event(used).thread);
    let call = words::or(run.call_at(used), "the call");
    let (verb, want) = verbs(run, used);
    Diagnosis {
        expected: format!("{call} of {name} looks again, and sleeps on while there is no {want}"),
        seen: format!(
            "{name} woke up{} and {verb}{} without a new look",
            words::in_line(run, since),
            words::in_line(run, used)
        ),
        place: run.event(since).place.clone(),
        question: "What has to hold once wait has returned, and who makes sure of it?",
        wrong: Some(Wrong { event: used, note: format!("{name} {verb} on the strength of an old look.") }),
        absent: Some(Absent {
            event: used,
            side: Side::Before,
            label: "look again".to_owned(),
            helped: format!("{name} would have found no {want} and slept on."),
        }),
        culprits: vec![Culprit::Items],
        ..Diagnosis::default()
    }
}

/// The headline for a thread that woke and went on.
fn being_woken<L: Words>(run: &Run<L>, woke: usize) -> String {
    let name = run.name(run.event(woke).thread);
    let Step::Wake { by, .. } = run.event(woke).step else { return String::new() };
    let Some(waker) = by else {
        return format!(
            "A wait may return by itself: {name} woke up unasked, and went on without a new look."
        );
    };
    match overtaker(run, woke) {
        Some((other, did)) => format!(
            "Being woken is not being first: {other} {did} between the wake-up by {} and {name}'s return from wait.",
            run.name(waker)
        ),
        None => format!("Being woken is not being first: {name} woke up, and went on without a new look."),
    }
}

/// Whether somebody came between the wake-up of a thread and its return from wait.
fn was_overtaken<L: Words>(run: &Run<L>, woke: usize) -> bool {
    let notified = matches!(run.event(woke).step, Step::Wake { by: Some(_), .. });
    notified && overtaker(run, woke).is_some()
}

/// Who was faster than a thread that was woken, and what they did.
fn overtaker<'a, L: Words>(run: &Run<'a, L>, woke: usize) -> Option<(&'a str, &'static str)> {
    let thread = run.event(woke).thread;
    let wakes = |index: &usize| matches!(&run.event(*index).step, Step::Notify { woken, .. } if woken.contains(&thread));
    let notified = (0..woke).rfind(wakes)?;
    let call = run.call_at(woke)?;
    (notified..woke)
        .rev()
        .filter(|index| run.event(*index).thread != thread)
        .find_map(|index| Some((run.name(run.event(index).thread), L::overtakes(run, call, index)?)))
}

/// What a call does, and what it should have made sure of: "took" and "item".
fn verbs<L: Words>(run: &Run<L>, index: usize) -> (&'static str, &'static str) {
    L::taking(run.call_at(index))
}

fn enters<L: Words>(run: &Run<L>, index: usize) -> bool {
    matches!(run.event(index).step, Step::Lock { .. } | Step::Wake { .. })
}

/// The line of an event that looks at what the lock guards without changing it.
fn place_of_look<'a, L: Words>(run: &Run<'a, L>, index: usize) -> Option<&'a Place> {
    let looks = matches!(run.event(index).step, Step::Read { .. } | Step::Write { .. });
    if looks && run.moments[index].change == Change::None { run.event(index).place.as_ref() } else { None }
}

/// Whether an event uses what the lock guards: a change, an attempt at one, or the panic that comes of it.
fn is_use<L: Words>(run: &Run<L>, index: usize) -> bool {
    matches!(run.event(index).step, Step::Write { .. } | Step::Panic { .. })
}
