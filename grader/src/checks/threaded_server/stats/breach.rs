//! A snapshot that says what cannot be.

use super::Run;
use crate::checks::explored::{Culprit, Diagnosis, End, Wrong};
use crate::class::Class;
use crate::timeline::How;
use explore::trace::{Step, ThreadId};
use protocol::search::Explored;
use protocol::stats::{Breach, Called, Counter, Counters};

/// The words for a snapshot that breaks the contract.
pub(super) fn diagnose(run: &Run, thread: ThreadId, called: Option<Called>, breach: &Breach) -> Diagnosis {
    let (expected, plain) = match breach {
        Breach::Less { counter, got, least } => {
            (format!("{least} {}", what(*counter, *least)), less(run, *counter, *got, *least))
        }
        Breach::More { counter, got, most } => {
            (format!("{most} {}", what(*counter, *most)), more(run, *counter, *got, *most))
        }
        Breach::MoreClosedThanOpened { got } => (
            "a snapshot with at most as many closed as opened".to_owned(),
            impossible(run, thread, got.opened, got.closed),
        ),
    };
    let result = called.and_then(|called| called.outcome).and_then(Counters::result);
    let result = result.unwrap_or_else(|| "nothing".to_owned());
    Diagnosis {
        expected,
        seen: format!("{}'s snapshot says {result}", run.name(thread)),
        endings: vec![End::new(thread, How::WrongValue, format!("its snapshot says {result}."))],
        ..plain
    }
}

/// "connections opened", "byte served".
fn what(counter: Counter, number: u64) -> &'static str {
    match (counter, number) {
        (Counter::Opened, 1) => "connection opened",
        (Counter::Opened, _) => "connections opened",
        (Counter::Closed, 1) => "connection closed",
        (Counter::Closed, _) => "connections closed",
        (Counter::Bytes, 1) => "byte served",
        (Counter::Bytes, _) => "bytes served",
    }
}

fn less(run: &Run, counter: Counter, got: u64, least: u64) -> Diagnosis {
    lost(run).unwrap_or_else(|| Diagnosis {
        headline: format!(
            "What was counted is in the snapshot: {least} {}, and the snapshot says {got}.",
            what(counter, least)
        ),
        question: "Which number does each function change, by how much, and does every call come so far?",
        misconception: Some("counts-wrong"),
        ..Diagnosis::default()
    })
}

fn more(run: &Run, counter: Counter, got: u64, most: u64) -> Diagnosis {
    lost(run).unwrap_or_else(|| Diagnosis {
        headline: format!(
            "Nothing is counted twice: {most} {}, and the snapshot says {got}.",
            what(counter, most)
        ),
        question: "Which number does each function change, and by how much?",
        misconception: Some("counts-wrong"),
        ..Diagnosis::default()
    })
}

/// What a thread had read when it wrote, and that another had written since.
struct Lost {
    read: usize,
    other: usize,
    wrote: usize,
}

/// The first time that a thread wrote over what it had not seen.
fn lost(run: &Run) -> Option<Diagnosis> {
    (0..run.trace.events.len())
        .find_map(|at| atomic_lost(run, at).or_else(|| failed(run, at)).or_else(|| locked_lost(run, at)))
}

fn atomic_lost(run: &Run, wrote: usize) -> Option<Diagnosis> {
    let Step::Store { atomic, value } = run.event(wrote).step else { return None };
    let of = |index: usize| match run.event(index).step {
        Step::Load { atomic: of, value } if of == atomic => Some((value, false)),
        Step::Store { atomic: of, value } if of == atomic => Some((value, true)),
        Step::Update { atomic: of, after, .. } if of == atomic => Some((after, true)),
        _ => None,
    };
    let earlier = run.same_call(wrote).into_iter().filter(|index| *index < wrote);
    let read = earlier.rev().find(|index| of(*index).is_some())?;
    let other = (read + 1..wrote).rfind(|index| {
        run.event(*index).thread != run.event(wrote).thread && of(*index).is_some_and(|(_, writes)| writes)
    })?;
    let mut threads = [other, wrote].map(|index| run.event(index).thread);
    let names = threads.map(|thread| run.name(thread));
    let both = matches!(run.event(other).step, Step::Store { value: theirs, .. } if theirs == value);
    let read_value = of(read).map_or(0, |(value, _)| value);
    threads.sort_unstable();
    let headline = if both {
        format!(
            "A load and a store are two steps: {} both read {read_value} and both wrote {value}.",
            run.names(&threads)
        )
    } else {
        format!(
            "A load and a store are two steps: {} read {read_value}, {} counted, and {} wrote {value} over it.",
            names[1], names[0], names[1]
        )
    };
    let diagnosis = Lost { read, other, wrote }.diagnose(run, headline);
    Some(Diagnosis { culprits: vec![Culprit::Atomic(atomic)], ..diagnosis })
}

/// An exchange that came to nothing, and was the call's last step.
fn failed(run: &Run, at: usize) -> Option<Diagnosis> {
    let Step::Update { atomic, operation, before, after } = &run.event(at).step else { return None };
    let steps = |index: &usize| matches!(run.event(*index).step, Step::Load { .. } | Step::Update { .. });
    let last = run.same_call(at).into_iter().rfind(steps) == Some(at);
    let name = run.name(run.event(at).thread);
    (last && before == after && operation.may_fail()).then(|| Diagnosis {
        headline: format!(
            "An exchange that fails has changed nothing: {name} found {before} there, and counted in vain."
        ),
        place: run.event(at).place.clone(),
        question: "What does this operation return when another thread came first, and what then?",
        misconception: Some("lost-update"),
        class: Some(Class::LostUpdate),
        wrong: Some(Wrong {
            event: at,
            note: format!("{before} is not what {name} had read: nothing is written."),
        }),
        culprits: vec![Culprit::Atomic(*atomic)],
        ..Diagnosis::default()
    })
}

/// A number behind a lock that is read under one hold of the lock and written under the next.
fn locked_lost(run: &Run, wrote: usize) -> Option<Diagnosis> {
    let Step::Write { mutex } = run.event(wrote).step else { return None };
    let call = run.same_call(wrote);
    let locks = |index: &usize| matches!(run.event(*index).step, Step::Lock { mutex: of } if of == mutex);
    let mut locked = call.iter().copied().filter(|index| *index < wrote).filter(locks);
    let (first, last) = (locked.next()?, locked.next_back()?);
    let other = (first + 1..last).rfind(|index| {
        run.event(*index).thread != run.event(wrote).thread
            && matches!(run.event(*index).step, Step::Write { mutex: of } if of == mutex)
    })?;
    let names = [other, wrote].map(|index| run.name(run.event(index).thread));
    let headline = format!(
        "What was read under one lock is old under the next: {} looked, {} counted, and {} wrote over it.",
        names[1], names[0], names[1]
    );
    let diagnosis = Lost { read: first, other, wrote }.diagnose(run, headline);
    Some(Diagnosis { culprits: vec![Culprit::Mutex(mutex)], ..diagnosis })
}

impl Lost {
    fn diagnose(&self, run: &Run, headline: String) -> Diagnosis {
        let name = |index: usize| run.name(run.event(index).thread);
        Diagnosis {
            headline,
            place: run.event(self.wrote).place.clone().or_else(|| run.event(self.read).place.clone()),
            question: "What may other threads do between the look and this line?",
            misconception: Some("lost-update"),
            class: Some(Class::LostUpdate),
            wrong: Some(Wrong {
                event: self.wrote,
                note: format!(
                    "{} has counted since {} looked, and that is lost now.",
                    name(self.other),
                    name(self.wrote)
                ),
            }),
            ..Diagnosis::default()
        }
    }
}

/// The numbers were looked at one after the other, in the order in which they do not fit together.
fn impossible(run: &Run, thread: ThreadId, opened: u64, closed: u64) -> Diagnosis {
    let looks = |step: &Step| matches!(step, Step::Load { .. } | Step::Lock { .. });
    let name = run.name(thread);
    Diagnosis {
        headline: format!(
            "Two looks are two moments: between those of {name} a connection was opened and closed ({opened} opened, {closed} closed)."
        ),
        place: run.last_call(thread).and_then(|call| {
            let second =
                run.same_call(call).into_iter().filter(|index| looks(&run.event(*index).step)).nth(1)?;
            run.event(second).place.clone()
        }),
        question: "In which order does this function look, and what may happen between two looks?",
        misconception: Some("impossible-snapshot"),
        ..Diagnosis::default()
    }
}
