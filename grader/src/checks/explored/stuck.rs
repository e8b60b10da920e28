//! Nobody can go on: who sleeps although its call could complete, and what keeps it there.

use super::diagnosis::{Diagnosis, End};
use super::run::Run;
use super::{Blocked, Words, locked};
use crate::timeline::How;
use explore::On;
use explore::trace::ThreadId;

/// The words for a run in which nobody can go on.
pub(super) fn diagnose<L: Words>(
    run: &Run<L>,
    blocked: &[Blocked<L>],
    could_go_on: &[ThreadId],
    undone: &[L::Call],
) -> Diagnosis {
    let of = |thread: &ThreadId| blocked.iter().find(|blocked| blocked.thread == *thread);
    let mut victims: Vec<&Blocked<L>> = could_go_on.iter().filter_map(of).collect();
    if victims.is_empty() {
        victims = blocked.iter().collect();
    }
    let locked = victims.iter().find_map(|victim| locked::diagnose(run, victim, blocked));
    let first = |threads: &[&Blocked<L>]| {
        let sleepers = threads.iter().filter_map(|victim| L::sleeper(run, victim));
        sleepers.min_by_key(|sleeper| sleeper.0)
    };
    // Who has to go on first is a guess where the contract knows of several ways on.
    let sleeper = first(&victims).or_else(|| first(&blocked.iter().collect::<Vec<_>>()));
    let undone = if undone.is_empty() { None } else { L::undone(run, blocked, undone) };
    let own = L::stuck(run, blocked, could_go_on).or(undone);
    let mut diagnosis = match (own.or(locked), sleeper) {
        (Some(found), _) => found,
        (None, Some((_, diagnosis))) => diagnosis,
        (None, None) => plain(run, blocked),
    };
    diagnosis.endings = blocked.iter().filter_map(|blocked| ending(run, blocked, could_go_on)).collect();
    if diagnosis.seen.is_empty() {
        diagnosis.seen = seen(run, blocked);
    }
    diagnosis
}

/// Nobody knows why. What is known is where they stand.
fn plain<L: Words>(run: &Run<L>, blocked: &[Blocked<L>]) -> Diagnosis {
    let threads: Vec<ThreadId> = blocked.iter().map(|blocked| blocked.thread).collect();
    let place = blocked.iter().find_map(|blocked| blocked.place.clone());
    let headline = format!("Nobody can go on: what {} would need is done by nobody.", run.names(&threads));
    Diagnosis { headline, place, ..Diagnosis::default() }
}

/// "P1 and C2 sleep in Condvar::wait, and nobody is left to wake them".
fn seen<L: Words>(run: &Run<L>, blocked: &[Blocked<L>]) -> String {
    let on = |kind: fn(&On) -> bool| -> Vec<ThreadId> {
        blocked.iter().filter(|blocked| kind(&blocked.on)).map(|blocked| blocked.thread).collect()
    };
    if let Some(permits) = wanted_permits(run, blocked) {
        return permits;
    }
    let asleep = on(|on| matches!(on, On::Condvar(_)));
    let locked = on(|on| matches!(on, On::Mutex { .. }));
    let one = |threads: &[ThreadId], singular: &str, plural: &str| {
        format!("{} {}", run.names(threads), if threads.len() == 1 { singular } else { plural })
    };
    match (asleep.is_empty(), locked.is_empty()) {
        (false, true) => {
            let them = if asleep.len() == 1 { "it" } else { "them" };
            format!(
                "{}, and nobody is left to wake {them}",
                one(&asleep, "sleeps in Condvar::wait", "sleep in Condvar::wait")
            )
        }
        (true, _) => one(&locked, "waits for a lock for ever", "wait for a lock for ever"),
        (false, false) => format!(
            "{}; {}",
            one(&locked, "waits for a lock for ever", "wait for a lock for ever"),
            one(&asleep, "sleeps in Condvar::wait", "sleep in Condvar::wait")
        ),
    }
}

/// "P1 sleeps for a permit of `empty_slots`, C1 for one of `mutex`".
fn wanted_permits<L: Words>(run: &Run<L>, blocked: &[Blocked<L>]) -> Option<String> {
    let wants = |blocked: &Blocked<L>| Some((run.name(blocked.thread), run.semaphore_of(blocked.on)?));
    let mut wanted = blocked.iter().filter_map(wants);
    let (name, semaphore) = wanted.next()?;
    let first = format!("{name} sleeps for a permit of `{semaphore}`");
    let others = wanted.map(|(name, semaphore)| format!("{name} for one of `{semaphore}`"));
    Some(std::iter::once(first).chain(others).collect::<Vec<_>>().join(", "))
}

fn ending<L: Words>(run: &Run<L>, blocked: &Blocked<L>, could_go_on: &[ThreadId]) -> Option<End> {
    if let Some(sentence) = L::at_work(run, blocked) {
        return Some(End::new(blocked.thread, How::AtRest, sentence));
    }
    let line = blocked.place.as_ref().map_or(String::new(), |place| format!(", line {}", place.line));
    let (sentence, kept_by) = match blocked.on {
        On::Condvar(condvar) => {
            let why = L::why_asleep(run, blocked, could_go_on.contains(&blocked.thread));
            (format!("in `{}.wait`{line}: sleeps{why}.", run.condvars[condvar]), None)
        }
        On::Mutex { mutex, holder } => {
            let holder_name = if holder == blocked.thread { "it holds itself" } else { run.name(holder) };
            let who = if holder == blocked.thread {
                holder_name.to_owned()
            } else {
                format!("{holder_name} holds")
            };
            (format!("in `{}.lock`{line}: waits for the lock that {who}.", run.mutexes[mutex]), Some(holder))
        }
        On::Semaphore(semaphore) => {
            let why = L::why_asleep(run, blocked, could_go_on.contains(&blocked.thread));
            (format!("at P of `{}`{line}: sleeps{why}.", run.semaphores[semaphore]), None)
        }
        On::Join(other) => (format!("in `join`{line}: waits for {} to end.", run.name(other)), Some(other)),
    };
    Some(End { thread: blocked.thread, how: How::Stuck, sentence, kept_by })
}
