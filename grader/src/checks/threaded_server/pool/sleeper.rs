//! A thread that waits in a call of the pool's, although the call could be over.

use super::{Blocked, Run, worker};
use crate::checks::explored::{Absent, Change, Culprit, Diagnosis, Wrong, in_line, or};
use crate::timeline::Side;
use explore::On;
use explore::trace::{Step, ThreadId};
use protocol::pool::Call;

/// The words for it, and the event from which on it waited.
pub(super) fn diagnose(run: &Run, blocked: &Blocked) -> Option<(usize, Diagnosis)> {
    let call = blocked.call?;
    let since = run.own(blocked.thread).pop()?;
    let diagnosis = match blocked.on {
        _ if worker::is_at_work(run, blocked) => does_it_itself(run, blocked.thread, call),
        // That one has not ended, and need not.
        On::Join(other) if worker::job(run, other).is_some() => return None,
        On::Join(other) => joins(run, blocked, call, other),
        On::Condvar(condvar) if call.brings() => no_use_waiting(run, blocked, call, condvar),
        _ => shutdown_sleeps(run, blocked, call),
    };
    Some((
        since,
        Diagnosis { expected: format!("{call} of {} returns", run.name(blocked.thread)), ..diagnosis },
    ))
}

/// The job is done by whoever brings it.
fn does_it_itself(run: &Run, thread: ThreadId, call: Call) -> Diagnosis {
    let name = run.name(thread);
    let job = or(worker::job(run, thread), "a job");
    let begun = run.last(thread, |step| matches!(step, Step::Mark { .. }));
    Diagnosis {
        headline: format!("A job is done by a worker: {name} does {job} itself, in {call}."),
        seen: format!("{call} of {name} has not returned while {job} is at work"),
        place: begun.and_then(|begun| worker::line_before(run, begun)),
        question: "Which thread runs the job here?",
        misconception: Some("runs-in-the-caller"),
        wrong: begun.map(|event| Wrong { event, note: format!("{name} is no worker.") }),
        ..Diagnosis::default()
    }
}

/// A thread that is waited for does not end.
fn joins(run: &Run, blocked: &Blocked, call: Call, other: ThreadId) -> Diagnosis {
    let last = run.own(other).pop();
    let slept = last.filter(|last| matches!(run.event(*last).step, Step::Wait { .. }));
    let woken = slept.is_some_and(|slept| was_woken(run, other, slept));
    let locked = last.and_then(|last| match run.event(last).step {
        Step::Blocked { mutex, holder } if holder == blocked.thread => Some(mutex),
        Step::Wait { mutex, .. } if woken => Some(mutex),
        _ => None,
    });
    match (locked, slept.map(|slept| (slept, &run.event(slept).step))) {
        (Some(mutex), _) => joins_with_lock(run, blocked, other, mutex),
        (None, Some((slept, Step::Wait { condvar, .. }))) => {
            joins_a_sleeper(run, blocked, other, slept, *condvar)
        }
        _ => unexplained(run, blocked, call),
    }
}

fn joins_with_lock(run: &Run, blocked: &Blocked, other: ThreadId, mutex: usize) -> Diagnosis {
    let (name, other, lock) = (run.name(blocked.thread), run.name(other), &run.mutexes[mutex]);
    Diagnosis {
        headline: format!(
            "Waiting with a lock shuts others out: {name} waits for {other} to end and holds `{lock}`, which it needs."
        ),
        seen: format!("{name} waits for {other}, and {other} for `{lock}`"),
        place: blocked.place.clone(),
        question: "Which guards are alive while this line waits?",
        misconception: Some("joins-with-lock"),
        culprits: vec![Culprit::Mutex(mutex)],
        ..Diagnosis::default()
    }
}

/// The end came before it fell asleep, or while it slept.
fn joins_a_sleeper(run: &Run, blocked: &Blocked, other: ThreadId, slept: usize, condvar: usize) -> Diagnosis {
    let (name, other) = (run.name(blocked.thread), run.name(other));
    let sleeps = &run.condvars[condvar];
    let end = (0..run.trace.events.len()).find(|index| run.moments[*index].change == Change::Close);
    let nothing_left = format!("{other} has nothing to wait for any more.");
    let found = if end.is_some_and(|end| end < slept) {
        Diagnosis {
            headline: format!(
                "After the end nobody waits: {other} fell asleep in `{sleeps}.wait`, and no job can come."
            ),
            place: run.event(slept).place.clone(),
            question: "What has to end this wait besides a job?",
            misconception: Some("sleeps-after-shutdown"),
            wrong: Some(Wrong { event: slept, note: nothing_left }),
            ..Diagnosis::default()
        }
    } else {
        Diagnosis {
            headline: format!(
                "Shutting down wakes everyone who sleeps: {other} sleeps in `{sleeps}.wait`, and {name} waits for its end."
            ),
            place: run.event(end.unwrap_or(slept)).place.clone(),
            question: "Who may be asleep when the pool is shut down, and who wakes each of them?",
            misconception: Some("shutdown-wakes-nobody"),
            wrong: Wrong::at(end, nothing_left),
            absent: end.map(|event| Absent {
                event,
                side: Side::After,
                label: format!("wake {other}"),
                helped: format!("{other} would have seen the end."),
            }),
            ..Diagnosis::default()
        }
    };
    Diagnosis {
        seen: format!("{other} sleeps{}, and {name} waits for it", in_line(run, slept)),
        culprits: vec![Culprit::Condvar(condvar)],
        ..found
    }
}

/// Whether a thread that fell asleep then has been notified, and stands in line for the lock.
fn was_woken(run: &Run, thread: ThreadId, slept: usize) -> bool {
    let wakes = |index: usize| matches!(&run.event(index).step, Step::Notify { woken, .. } if woken.contains(&thread));
    (slept + 1..run.trace.events.len()).any(wakes)
}

/// It waits for room that is there, or that can no longer be used.
fn no_use_waiting(run: &Run, blocked: &Blocked, call: Call, condvar: usize) -> Diagnosis {
    let name = run.name(blocked.thread);
    let slept = run.last_sleep(blocked.thread).unwrap_or(0);
    let later = |wanted: fn(&Change) -> bool| {
        (slept + 1..run.trace.events.len()).rfind(|index| wanted(&run.moments[*index].change))
    };
    let shut = later(|change| *change == Change::Close);
    let freed = later(|change| matches!(change, Change::Pop(_)));
    let pushes = |index: &usize| matches!(run.moments[*index].change, Change::Push(_));
    let own = run.same_call(slept).into_iter().rfind(pushes);
    if let Some(push) = own.filter(|push| *push < slept) {
        return waits_for_the_job(run, blocked, call, push);
    }
    let found = match (shut, freed) {
        _ if run.moments[slept].closed => Diagnosis {
            headline: format!(
                "After the end nobody waits: {name} fell asleep in {call}, and no room can come."
            ),
            misconception: Some("sleeps-after-shutdown"),
            ..ends_by_nothing(blocked)
        },
        (Some(shut), _) => Diagnosis {
            headline: format!(
                "Shutting down concerns those who wait for room, too: {name} sleeps in {call}, and no room can come."
            ),
            misconception: Some("shutdown-wakes-nobody"),
            ..not_woken(run, blocked, shut, "has shut the pool down")
        },
        (None, Some(freed)) => woke_another(run, blocked, freed).unwrap_or_else(|| Diagnosis {
            headline: format!(
                "Room has to be announced: a worker took a job, and {name} sleeps on in {call}."
            ),
            misconception: Some("unannounced-room"),
            ..not_woken(run, blocked, freed, "has made room")
        }),
        (None, None) => Diagnosis {
            headline: format!(
                "A queue is full when it holds what there is room for: {name} sleeps in {call} too early."
            ),
            misconception: Some("wrong-capacity"),
            ..ends_by_nothing(blocked)
        },
    };
    Diagnosis {
        seen: format!("{name} sleeps in `{}.wait`, and nobody is left to wake it", run.condvars[condvar]),
        culprits: vec![Culprit::Condvar(condvar), Culprit::Items],
        ..found
    }
}

/// Nothing has happened since it fell asleep that could end the wait.
fn ends_by_nothing(blocked: &Blocked) -> Diagnosis {
    Diagnosis {
        place: blocked.place.clone(),
        question: "What has to end this wait, and for how many jobs is there room?",
        ..Diagnosis::default()
    }
}

/// What could have ended the wait was told to nobody.
fn not_woken(run: &Run, blocked: &Blocked, event: usize, what: &str) -> Diagnosis {
    let (name, actor) = (run.name(blocked.thread), run.name(run.event(event).thread));
    Diagnosis {
        place: run.event(event).place.clone(),
        question: "Who may be waiting for this change, and who tells them?",
        wrong: Some(Wrong { event, note: format!("{actor} {what}.") }),
        absent: Some(Absent {
            event,
            side: Side::After,
            label: format!("wake {name}"),
            helped: format!("{name} would have gone on."),
        }),
        ..Diagnosis::default()
    }
}

/// It has queued its job, and waits all the same.
fn waits_for_the_job(run: &Run, blocked: &Blocked, call: Call, push: usize) -> Diagnosis {
    let name = run.name(blocked.thread);
    Diagnosis {
        headline: format!("Accepted is enough: {name} has queued its job, and sleeps on in {call}."),
        seen: format!(
            "{name} sleeps{}, after its job was accepted",
            in_line(run, run.last_sleep(blocked.thread).unwrap_or(push))
        ),
        place: blocked.place.clone(),
        question: "What does this line wait for, once the job is in the queue?",
        misconception: Some("runs-in-the-caller"),
        wrong: Some(Wrong { event: push, note: "The job is accepted here.".to_owned() }),
        ..Diagnosis::default()
    }
}

/// The wake-up for the room went to somebody else.
fn woke_another(run: &Run, blocked: &Blocked, freed: usize) -> Option<Diagnosis> {
    let notifies = |index: &usize| matches!(run.event(*index).step, Step::Notify { .. });
    let event = run.own(run.event(freed).thread).into_iter().filter(|index| *index > freed).find(notifies)?;
    let Step::Notify { condvar, woken, .. } = &run.event(event).step else { return None };
    if blocked.on != On::Condvar(*condvar) || woken.is_empty() {
        return None;
    }
    let (name, worker, to) = (run.name(blocked.thread), run.name(run.event(freed).thread), run.names(woken));
    Some(Diagnosis {
        headline: format!(
            "A wake-up is for whoever can use it: {worker} made room, {to} was woken, and {name} sleeps on."
        ),
        place: run.event(event).place.clone(),
        question: "Who may be asleep on this condition variable, and who of them can use the room?",
        misconception: Some("one-wake-up"),
        wrong: Some(Wrong { event, note: format!("{to} can do nothing with it.") }),
        absent: Some(Absent {
            event,
            side: Side::After,
            label: format!("wake {name} too"),
            helped: format!("{name} would have found room."),
        }),
        ..Diagnosis::default()
    })
}

/// A shutdown that waits on a condition variable for what has happened already.
fn shutdown_sleeps(run: &Run, blocked: &Blocked, call: Call) -> Diagnosis {
    let name = run.name(blocked.thread);
    Diagnosis {
        headline: format!("When all is done, shutdown is over: {name} sleeps in {call} for ever."),
        place: blocked.place.clone(),
        question: "What does this line wait for, and can that still come?",
        misconception: Some("shutdown-hangs"),
        ..Diagnosis::default()
    }
}

fn unexplained(run: &Run, blocked: &Blocked, call: Call) -> Diagnosis {
    let name = run.name(blocked.thread);
    Diagnosis {
        headline: format!("{name} waits in {call} for a thread that does not end."),
        place: blocked.place.clone(),
        question: "Which thread is waited for here, and what ends it?",
        misconception: Some("shutdown-hangs"),
        ..Diagnosis::default()
    }
}
