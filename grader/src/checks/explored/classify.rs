//! Which class a failure is of: read off the schedule, wherever its words do not know better.

use super::Blocked;
use super::locked;
use super::moment::Change;
use super::reuse::stale_look;
use super::run::Run;
use super::{Failure, Words};
use crate::class::Class;
use explore::On;
use explore::trace::{Step, ThreadId};
use protocol::search::Blocked as Waiting;

/// The class of a failure; none for a rule of the lab's own that has no name in the field.
pub(super) fn classify<L: Words>(run: &Run<L>, failure: &Failure<L>) -> Option<Class> {
    match failure {
        Failure::<L>::Stuck { blocked, could_go_on, .. } => stuck(run, blocked, could_go_on),
        Failure::<L>::Breach { breach, .. } => L::class(breach),
        Failure::<L>::BusyWaiting { .. } => Some(Class::BusyWaiting),
        Failure::<L>::Overlap { .. } => Some(Class::Overlap),
        Failure::<L>::Panicked { .. } | Failure::<L>::SleepsWithLock { .. } => None,
    }
}

/// Nobody can go on: because somebody holds what others need, or because a sleeper was not woken, or because it had no
/// reason to sleep.
fn stuck<L: Words>(run: &Run<L>, blocked: &[Blocked<L>], could_go_on: &[ThreadId]) -> Option<Class> {
    let could = |blocked: &Blocked<L>| could_go_on.contains(&blocked.thread);
    let mut victims = kept(run, blocked, &could);
    if victims.is_empty() {
        victims = kept(run, blocked, &|_| true);
    }
    if victims.is_empty() {
        return Some(Class::LostItem);
    }
    if let Some(victim) = victims.iter().find(|victim| is_held(run, victim, blocked)) {
        return Some(deadlock(victim, blocked));
    }
    let missed =
        |victim: &&Blocked<L>| fell_asleep(run, victim.thread).is_some_and(|slept| missed(run, slept));
    if victims.iter().any(missed) {
        return Some(Class::LostWakeup);
    }
    let own_semaphore =
        |victim: &&Blocked<L>| matches!(victim.on, On::Condvar(_)) && run.semaphore_of(victim.on).is_some();
    Some(if victims.iter().any(own_semaphore) && victims.len() < blocked.len() {
        Class::Deadlock
    } else {
        Class::NeedlessSleep
    })
}

/// Those that are not at their work, among some; whoever waits for a thread to end is kept by what keeps that one.
fn kept<'a, L: Words>(
    run: &Run<L>,
    blocked: &'a [Blocked<L>],
    among: &dyn Fn(&Blocked<L>) -> bool,
) -> Vec<&'a Blocked<L>> {
    let keeper = |victim: &Blocked<L>| match victim.on {
        On::Join(other) => blocked.iter().find(|blocked| blocked.thread == other),
        _ => None,
    };
    let some = blocked.iter().filter(|blocked| among(blocked));
    let kept = some.map(|victim| keeper(victim).unwrap_or(victim));
    kept.filter(|blocked| L::at_work(run, blocked).is_none()).collect()
}

/// Whether a thread waits for a lock, or for a permit that a blocked thread has taken.
fn is_held<L: Words>(run: &Run<L>, victim: &Blocked<L>, blocked: &[Blocked<L>]) -> bool {
    let holds = |thread: ThreadId, wanted| run.held(thread).iter().any(|(semaphore, _)| *semaphore == wanted);
    match victim.on {
        On::Mutex { .. } => true,
        On::Semaphore(wanted) => blocked.iter().any(|blocked| holds(blocked.thread, wanted)),
        On::Condvar(_) | On::Join(_) => false,
    }
}

/// Which deadlock it is, for one who waits for what is held.
fn deadlock<C>(victim: &Waiting<C>, blocked: &[Waiting<C>]) -> Class {
    let last = locked::end_of_line(victim, blocked);
    match last.on {
        On::Mutex { holder, .. } if holder == last.thread => Class::SelfDeadlock,
        On::Mutex { holder, .. } if is_at_a_lock(holder, blocked) => Class::LockOrder,
        _ => Class::Deadlock,
    }
}

fn is_at_a_lock<C>(thread: ThreadId, blocked: &[Waiting<C>]) -> bool {
    blocked.iter().any(|other| other.thread == thread && matches!(other.on, On::Mutex { .. }))
}

fn fell_asleep<L: Words>(run: &Run<L>, thread: ThreadId) -> Option<usize> {
    run.last(thread, |step| matches!(step, Step::Wait { .. } | Step::NoPermit { .. }))
}

/// Whether something has changed that a sleeper did not hear of: since it fell asleep, or since it looked.
fn missed<L: Words>(run: &Run<L>, slept: usize) -> bool {
    let thread = run.event(slept).thread;
    let changes = |index: usize| {
        let writes = matches!(run.event(index).step, Step::Write { .. });
        run.event(index).thread != thread && (run.moments[index].change != Change::None || !L::SEEN && writes)
    };
    let stale = stale_look(run, slept);
    if run.moments[slept].closed && stale.is_none() {
        return false;
    }
    (stale.unwrap_or(slept)..run.trace.events.len()).any(changes)
}

/// What became of the wake-ups since a thread fell asleep, as a clause: "the wake-up by P1 went to C1, which slept again".
pub(in crate::checks) fn wake_ups<L: Words>(run: &Run<L>, slept: usize) -> String {
    let (Step::Wait { condvar, .. }, name) = (&run.event(slept).step, run.name(run.event(slept).thread))
    else {
        return "nobody gives a permit".to_owned();
    };
    let last = (slept..run.trace.events.len()).rev().find_map(|index| match &run.event(index).step {
        Step::Notify { condvar: on, woken, .. } if on == condvar => Some((index, woken)),
        _ => None,
    });
    match last {
        None => format!("nobody has notified since {name} fell asleep"),
        Some((index, woken)) => {
            let waker = run.name(run.event(index).thread);
            format!("the last wake-up, by {waker}, went to {}", run.names(woken))
        }
    }
}
