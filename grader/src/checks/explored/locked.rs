//! A thread that waits for a lock which nobody will let go.

use super::diagnosis::{Culprit, Diagnosis, Wrong};
use super::run::Run;
use super::words::or;
use super::{Blocked, Words};
use explore::On;
use protocol::search::Blocked as Waiting;

/// The words for a thread that waits for a lock which nobody will let go.
pub(super) fn diagnose<L: Words>(
    run: &Run<L>,
    victim: &Blocked<L>,
    blocked: &[Blocked<L>],
) -> Option<Diagnosis> {
    let victim = end_of_line(victim, blocked);
    let On::Mutex { mutex, holder } = victim.on else { return None };
    let (name, other) = (run.name(victim.thread), run.name(holder));
    let lock = &run.mutexes[mutex];
    let stuck = blocked.iter().find(|blocked| blocked.thread == holder && holder != victim.thread);
    let asleep = stuck.filter(|stuck| matches!(stuck.on, On::Condvar(_)));
    let wants = stuck.and_then(|stuck| match stuck.on {
        On::Mutex { mutex: wanted, .. } if wanted != mutex => Some(&run.mutexes[wanted]),
        _ => None,
    });
    let (headline, question, misconception) = if holder == victim.thread {
        (
            format!("A lock cannot be taken twice: {name} waits for `{lock}`, which it holds itself."),
            "Which guard is still alive when this line locks again?",
            "locks-twice",
        )
    } else if asleep.is_some() {
        (
            format!(
                "Sleeping with a lock shuts everyone out: {name} waits for `{lock}`, and {other} sleeps holding it."
            ),
            "Which locks are held when this thread goes to sleep, and which of them does its wait let go?",
            "sleeps-holding-lock",
        )
    } else if let Some(wanted) = wants {
        (
            format!(
                "A lock is held while another is waited for: {name} waits for `{lock}`, which {other} holds, and {other} for `{wanted}`."
            ),
            "In which order does each function take its locks?",
            "lock-order",
        )
    } else {
        (
            format!("A lock has to be let go: {name} waits for `{lock}`, which {other} never released."),
            "When is the guard of this lock dropped?",
            "keeps-the-lock",
        )
    };
    let at = stuck.and_then(|holder| holder.place.clone());
    Some(Diagnosis {
        headline,
        expected: format!("{} of {name} returns", or(victim.call, "the call")),
        place: at.or_else(|| victim.place.clone()),
        question,
        misconception: Some(misconception),
        wrong: run
            .last_sleep(holder)
            .filter(|_| asleep.is_some())
            .map(|event| Wrong { event, note: format!("{other} keeps `{lock}` while it sleeps.") }),
        culprits: vec![Culprit::Mutex(mutex)],
        ..Diagnosis::default()
    })
}

/// The thread that keeps the others in line: a thread that waits for a lock is kept by its holder, as long as that one waits for a lock as
/// well. In a circle of several, the one that was asked for.
pub(super) fn end_of_line<'a, C>(victim: &'a Waiting<C>, blocked: &'a [Waiting<C>]) -> &'a Waiting<C> {
    let (mut last, mut seen) = (victim, vec![victim.thread]);
    loop {
        let On::Mutex { holder, .. } = last.on else { return last };
        match blocked.iter().find(|other| other.thread == holder) {
            Some(next) if next.thread == last.thread => return last,
            Some(next) if seen.contains(&next.thread) => return victim,
            Some(next) if matches!(next.on, On::Mutex { .. }) => last = next,
            _ => return last,
        }
        seen.push(last.thread);
    }
}
