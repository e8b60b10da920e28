//! Panics, busy waiting, and sleeping with the lock.

use super::diagnosis::{Absent, Diagnosis, End, Wrong};
use super::run::Run;
use super::{Words, words};
use crate::timeline::{How, Side};
use explore::trace::{Place, Step, ThreadId};
use protocol::search::Stall;

/// The words for a panic.
pub(super) fn panicked<L: Words>(
    run: &Run<L>,
    thread: ThreadId,
    message: &str,
    place: Option<&Place>,
) -> Diagnosis {
    let own = L::panic(run, thread, message);
    let mut diagnosis = own.unwrap_or_else(|| plain_panic(run, thread, message));
    diagnosis.place = place.cloned().filter(|_| diagnosis.place.is_none()).or(diagnosis.place);
    diagnosis.endings = vec![End::new(
        thread,
        How::Crashed,
        format!("panicked{}: {}", at(run, place), words::cut(message, 90)),
    )];
    diagnosis
}

fn plain_panic<L: Words>(run: &Run<L>, thread: ThreadId, message: &str) -> Diagnosis {
    let panic = run.last(thread, |step| matches!(step, Step::Panic { .. }));
    let (name, call) = (run.name(thread), words::or(panic.and_then(|panic| run.call_at(panic)), "new()"));
    Diagnosis {
        headline: format!("{name} panicked in {call}: {}", words::cut(message, 70)),
        expected: format!("{call} of {name} returns, or sleeps"),
        seen: format!("{name} panicked: {message}"),
        question: "What does this line take for granted?",
        ..Diagnosis::default()
    }
}

/// The words for a thread that looks again and again instead of sleeping.
pub(super) fn busy_waiting<L: Words>(run: &Run<L>, thread: ThreadId, place: Option<&Place>) -> Diagnosis {
    let name = run.name(thread);
    let call = run.last_call(thread).and_then(|began| run.call_at(began));
    // A thread of the student's own has no call.
    let within = call.map_or(String::new(), |call| format!(" in {call}"));
    let whose = call.map_or_else(|| name.to_owned(), |call| format!("{call} of {name}"));
    let round = first_round(run, thread);
    if round.is_none() {
        return endless(run, thread, &within, &whose, place);
    }
    let place = round.and_then(|index| run.event(index).place.clone()).or_else(|| place.cloned());
    Diagnosis {
        headline: format!("Waiting is sleeping: {name} looks at {} again and again{within}.", L::SUBJECT),
        expected: format!("{whose} sleeps, and uses no processor, until another thread wakes it"),
        seen: format!(
            "{name} came back to the same lines hundreds of times and never went to sleep for good"
        ),
        question: "What lets a thread sleep until something has changed?",
        misconception: Some("busy-waiting"),
        wrong: round.map(|event| Wrong {
            event,
            note: format!("Nothing has changed, and {name} goes round to look again."),
        }),
        absent: round.map(|event| Absent {
            event,
            side: Side::Before,
            label: "sleep".to_owned(),
            helped: format!("{name} would have slept until another thread woke it."),
        }),
        endings: vec![End::new(
            thread,
            How::Stuck,
            format!(
                "{}{}: looks again and again, and never sleeps.",
                within.trim_start(),
                at(run, place.as_ref())
            ),
        )],
        place,
        ..Diagnosis::default()
    }
}

/// The words for a thread that goes on for ever without letting the lock go, and without looking at anything new.
fn endless<L: Words>(
    run: &Run<L>,
    thread: ThreadId,
    within: &str,
    whose: &str,
    place: Option<&Place>,
) -> Diagnosis {
    let name = run.name(thread);
    Diagnosis {
        headline: format!("{name} goes round and round{within}, without an end."),
        expected: format!("{whose} returns, or sleeps until another thread wakes it"),
        seen: format!("{name} came back to the same line hundreds of times, with nothing changed in between"),
        question: "Which loop is this line in, and what ends it?",
        misconception: Some("busy-waiting"),
        endings: vec![End::new(
            thread,
            How::Stuck,
            format!("{}{}: goes round and round.", within.trim_start(), at(run, place)),
        )],
        place: place.cloned(),
        ..Diagnosis::default()
    }
}

/// The step with which a thread lets go in order to look again, for the first time; none where it does so once at the most,
/// and then goes round elsewhere.
fn first_round<L: Words>(run: &Run<L>, thread: ThreadId) -> Option<usize> {
    let call = run.last_call(thread).map_or_else(|| run.own(thread), |began| run.same_call(began));
    let first = |kind: fn(&Step) -> bool| {
        let mut such = call.iter().copied().filter(move |index| kind(&run.event(*index).step));
        let (first, again) = (such.next(), such.next());
        again.and(first)
    };
    first(|step| matches!(step, Step::Yield | Step::Sleep))
        .or_else(|| first(|step| matches!(step, Step::Unlock { .. } | Step::V { .. } | Step::Leave { .. })))
}

/// The words for a thread that sleeps for some time with the lock in its hand.
pub(super) fn sleeps_with_lock<L: Words>(run: &Run<L>, thread: ThreadId, place: Option<&Place>) -> Diagnosis {
    let name = run.name(thread);
    Diagnosis {
        headline: format!(
            "Sleeping with the lock shuts everyone out: {name} sleeps a while{} and holds it.",
            at(run, place)
        ),
        expected: format!("{name} lets the lock go while it sleeps, as Condvar::wait does"),
        seen: format!("{name} slept for a time with the lock held"),
        place: place.cloned(),
        question: "Who could get the lock while this thread sleeps here?",
        misconception: Some("sleeps-holding-lock"),
        wrong: run.last(thread, |step| matches!(step, Step::Sleep)).map(|event| Wrong {
            event,
            note: format!("{name} holds the lock: nobody else can change {}.", L::SUBJECT),
        }),
        endings: vec![End::new(thread, How::Stuck, format!("sleeps{}, and holds the lock.", at(run, place)))],
        ..Diagnosis::default()
    }
}

/// " in line 24", or nothing where the line is not the student's.
fn at<L: Words>(run: &Run<L>, place: Option<&Place>) -> String {
    let location = place.and_then(|place| run.sources.location(place));
    location.map_or(String::new(), |location| format!(" in line {}", location.line))
}

/// The words for an execution that does not come back: the last step that was recorded says where it is.
pub(super) fn stalled<L: Words>(run: &Run<L>, how: Stall) -> Diagnosis {
    let last = run.trace.events.len().checked_sub(1);
    let name = last.map_or("A thread", |last| run.name(run.event(last).thread));
    let call = words::or(last.and_then(|last| run.call_at(last)), "its call");
    let (headline, seen, question) = match how {
        Stall::Spins => (
            format!("{name} runs for ever in {call}, without a call of a lock or a condition variable."),
            "a second of processor time, and no step",
            "Which loop follows this line, and what ends it?",
        ),
        Stall::Waits => (
            format!("{name} waits in {call} for something other than a lock of oslab::sync."),
            "no step, and nothing that could be woken",
            "Which call follows this line, and what does it wait for?",
        ),
    };
    Diagnosis {
        headline,
        expected: format!("{call} of {name} returns, or sleeps in Condvar::wait"),
        seen: format!("{seen} after the one{}", last.map_or(String::new(), |last| words::in_line(run, last))),
        place: last.and_then(|last| run.event(last).place.clone()),
        question,
        misconception: matches!(how, Stall::Spins).then_some("busy-waiting"),
        ..Diagnosis::default()
    }
}

/// The words for a program that ended as a whole: `ending` is how.
pub(super) fn died<L: Words>(run: &Run<L>, ending: &str) -> Diagnosis {
    let last = run.trace.events.len().checked_sub(1);
    let name = last.map_or("each thread", |last| run.name(run.event(last).thread));
    let call = last.map_or_else(|| "every call".to_owned(), |last| words::or(run.call_at(last), "new()"));
    let place = last.map_or(String::new(), |_| format!(", in {call} of {name}"));
    let seen = match last.map(|last| words::in_line(run, last)) {
        Some(line) => {
            format!("{call} of {name} did not come back; the last step seen of it was the one{line}")
        }
        None => "the program was gone before it was seen which call it was in".to_owned(),
    };
    Diagnosis {
        headline: format!("The whole program {ending}{place}."),
        expected: format!("{call} of {name} returns, or sleeps in Condvar::wait"),
        seen,
        place: last.and_then(|last| run.event(last).place.clone()),
        question: if last.is_some() { "What comes after this line?" } else { "" },
        ..Diagnosis::default()
    }
}
