//! A lab that is explored: the driver searches scenarios, and what a failed schedule teaches is told and drawn.
//!
//! The way from a schedule to words: `run` and `moment` read what was shared at each step; `stuck`, `misuse`, `overlap` and `reuse`, or
//! the lab's own [`Words`], find the decisive step and the words for it (a [`Diagnosis`]); `draw` makes the timeline.

mod audit;
mod classify;
mod conduct;
mod diagnosis;
mod draw;
mod locked;
mod misuse;
mod moment;
mod names;
mod overlap;
mod recording;
mod reuse;
mod run;
mod sample;
mod search;
mod sources;
mod state;
mod step;
mod stuck;
mod words;

pub(super) use classify::wake_ups;
pub(super) use diagnosis::{Absent, Culprit, Diagnosis, End, Wrong};
pub(super) use moment::{Change, Moment};
pub(super) use recording::Recording;
pub(super) use reuse::{old_look, slept_on_stale_look};
pub(super) use run::Run;
pub(super) use search::{check, no_such_check};
pub(super) use sources::Sources;
pub(super) use words::{cut, in_line, or};

use super::panic::left_to_do;
use crate::check::{Finding, Status};
use crate::class::Class;
use crate::process::Ending;
use explore::Coverage;
use explore::trace::ThreadId;
use protocol::search::{Explored, Phase, Result, ResultOf, Stall};
use std::collections::BTreeMap;

/// A scenario of a lab.
pub(crate) type Scenario<L> = protocol::search::Scenario<<L as Explored>::Subject, <L as Explored>::Call>;
/// How an execution breaks a lab's contract.
pub(crate) type Failure<L> = protocol::search::FailureOf<L>;
/// A call of a function of a lab.
pub(crate) type Called<L> = protocol::search::Called<<L as Explored>::Call, <L as Explored>::Outcome>;
/// A thread that cannot go on.
pub(crate) type Blocked<L> = protocol::search::Blocked<<L as Explored>::Call>;

/// What a check searches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan<L: Explored> {
    /// Smallest first.
    pub(crate) scenarios: Vec<Scenario<L>>,
    /// How far each of them is searched; each phase contains the schedules of those before it.
    pub(crate) phases: Vec<Phase>,
}

/// What a lab knows of its own runs.
pub(super) trait Words: Explored {
    /// What the threads share, as a sentence names it: "the buffer".
    const SUBJECT: &'static str;
    /// What is in it, as a column of the timeline: "items".
    const CONTENTS: &'static str;
    /// What a thread is that the student's code has started.
    const OTHERS: &'static str = "thread";

    /// Whether what is in it is seen. Where it is not, every change may be the one that matters.
    const SEEN: bool = true;

    /// Whether a call, such as `close()`, brings the end of it.
    fn closes(_call: Self::Call) -> bool {
        false
    }

    /// What is in it just after an event, for a cell: "10, full".
    fn contents(run: &Run<Self>, index: usize) -> String;

    /// How much is in it just after an event, such as `1/2`; none where nobody could say.
    fn level(_run: &Run<Self>, _index: usize) -> Option<String> {
        None
    }

    /// What a look at it shows: "queue full".
    fn sees(run: &Run<Self>, index: usize) -> String;

    /// The words for a call that did what the contract forbids; for what was wrong before the first one, without a call.
    fn breach(
        run: &Run<Self>,
        thread: ThreadId,
        called: Option<Called<Self>>,
        breach: &Self::Breach,
    ) -> Diagnosis;

    /// What the field calls a breach, where it has a name.
    fn class(_breach: &Self::Breach) -> Option<Class> {
        None
    }

    /// The words for a panic that has a reason which this lab knows.
    fn panic(_run: &Run<Self>, _thread: ThreadId, _message: &str) -> Option<Diagnosis> {
        None
    }

    /// The words for a run in which nobody can go on, where this lab knows better than what follows.
    fn stuck(_run: &Run<Self>, _blocked: &[Blocked<Self>], _could_go_on: &[ThreadId]) -> Option<Diagnosis> {
        None
    }

    /// The words for a thread that sleeps although its call could complete, and the event with which it fell asleep.
    fn sleeper(run: &Run<Self>, blocked: &Blocked<Self>) -> Option<(usize, Diagnosis)>;

    /// The words for calls that no thread makes, and that the contract says could complete.
    fn undone(_run: &Run<Self>, _blocked: &[Blocked<Self>], _undone: &[Self::Call]) -> Option<Diagnosis> {
        None
    }

    /// What is to be said of a thread that is blocked in a call of the test's own, and so at its work.
    fn at_work(_run: &Run<Self>, _blocked: &Blocked<Self>) -> Option<String> {
        None
    }
    /// What a call takes, and what it needs for that: "took", "item". A thread of the student's own has no call.
    fn taking(call: Option<Self::Call>) -> (&'static str, &'static str);

    /// For an event of another thread: what it did to what a call waited for, such as "took the item".
    fn overtakes(run: &Run<Self>, call: Self::Call, index: usize) -> Option<&'static str>;

    /// What is to be said of a thread asleep at the end, as a clause: ", although there is room".
    fn why_asleep(run: &Run<Self>, blocked: &Blocked<Self>, could_go_on: bool) -> String;
}

/// The finding for a check whose scenarios were all searched without a failure.
pub(crate) fn passed<L: Explored>(results: &[ResultOf<L>]) -> Finding {
    let mut total = 0;
    let mut coverages = BTreeMap::new();
    for result in results {
        if let Result::Searched { scenario, schedules, coverage, .. } = result {
            total += schedules;
            // The last phase goes furthest.
            coverages.insert(scenario, coverage);
        }
    }
    let any = |wanted| coverages.values().any(|coverage| **coverage == wanted);
    let what = if any(Coverage::Part) {
        "every schedule looked at (there are more than the search tries)"
    } else if any(Coverage::Bound) {
        "every schedule with at most two preemptions"
    } else {
        "every schedule"
    };
    let of =
        if coverages.len() == 1 { "1 scenario".to_owned() } else { format!("{} scenarios", coverages.len()) };
    let summary = format!("Holds under {what} of {of} ({total} tried).");
    Finding { schedules: total, ..Finding::new(Status::Pass, summary) }
}

/// The finding for a schedule that breaks the contract.
pub(crate) fn failed<L: Words>(
    scenario: &Scenario<L>,
    failure: &Failure<L>,
    recording: &Recording<L>,
    sources: &Sources,
) -> Finding {
    if let Some(finding) = untouched::<L>(failure, sources) {
        return finding;
    }
    let recording = recording.worth_showing(failure);
    let run = Run::<L>::new(scenario, &recording, sources);
    let mut diagnosis = match failure {
        Failure::<L>::Stuck { blocked, could_go_on, undone } => {
            stuck::diagnose(&run, blocked, could_go_on, undone)
        }
        Failure::<L>::Breach { thread, called, breach } => L::breach(&run, *thread, *called, breach),
        Failure::<L>::Panicked { thread, message, place } => {
            misuse::panicked(&run, *thread, message, place.as_ref())
        }
        Failure::<L>::BusyWaiting { thread, place } => misuse::busy_waiting(&run, *thread, place.as_ref()),
        Failure::<L>::Overlap { cell, first, second } => overlap::diagnose(&run, *cell, first, second),
        Failure::<L>::SleepsWithLock { thread, place } => {
            misuse::sleeps_with_lock(&run, *thread, place.as_ref())
        }
    };
    diagnosis.class = diagnosis.class.or_else(|| classify::classify(&run, failure));
    diagnosis.finding(&run, draw::draw(&run))
}

/// The finding where the failure is a `todo!()` that nobody has touched.
fn untouched<L: Words>(failure: &Failure<L>, sources: &Sources) -> Option<Finding> {
    let Failure::<L>::Panicked { message, place, .. } = failure else { return None };
    let rest = left_to_do(message)?;
    let what = if rest.is_empty() { "a todo!() is left here" } else { rest };
    let location = place.as_ref().and_then(|place| sources.location(place));
    Some(Finding { location, ..Finding::new(Status::Todo, format!("not started: {what}")) })
}

/// The finding for an execution in which the whole program ended.
pub(crate) fn died<L: Words>(
    scenario: &Scenario<L>,
    ending: Ending,
    recording: &Recording<L>,
    sources: &Sources,
) -> Finding {
    let run = Run::<L>::new(scenario, recording, sources);
    let status = ending.status();
    Finding { status, ..misuse::died(&run, &ending.words()).finding(&run, draw::draw(&run)) }
}

/// The finding for an execution that did not come back. `recording` is what happened until then.
pub(crate) fn stalled<L: Words>(
    scenario: &Scenario<L>,
    how: Stall,
    recording: &Recording<L>,
    sources: &Sources,
) -> Finding {
    // It may have looked around a million times.
    let last = recording.trace.events.last().map_or(0, |event| event.thread);
    let recording = recording.a_few_rounds(last);
    let run = Run::<L>::new(scenario, &recording, sources);
    Finding { status: Status::Limit, ..misuse::stalled(&run, how).finding(&run, draw::draw(&run)) }
}
