//! The checks of the lab condvar-buffer: what each of them searches (`plan`), and what a failed schedule teaches
//! (`failed`).
//!
//! The way from a schedule to words: `run` reads what was in the buffer at each step; one of `stuck`,
//! `breach` and `misuse` finds the decisive step and the words for it; `draw` makes the timeline.

mod breach;
mod closing;
mod diagnosis;
mod draw;
mod locked;
mod misuse;
mod names;
mod reuse;
mod run;
mod scenarios;
mod search;
mod sleeper;
mod sources;
mod stuck;
#[cfg(test)]
mod tests;
mod wakeups;
mod words;

pub use scenarios::{Plan, plan};
pub use search::check;
pub use sources::Sources;

use crate::check::{Finding, Status};
use crate::process::Ending;
use explore::Coverage;
use explore::trace::{Event, Step, Trace};
use protocol::buffer::{Failure, Result, Scenario, Stall};
use run::Run;
use std::collections::BTreeMap;

/// Steps that are shown of a call that goes round and round.
const ROUNDS: usize = 30;

/// How `todo!()` begins its message.
const NOT_YET: &str = "not yet implemented";

/// The finding for a check whose scenarios were all searched without a failure.
pub fn passed(results: &[Result]) -> Finding {
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
pub fn failed(scenario: &Scenario, failure: &Failure, trace: &Trace, sources: &Sources) -> Finding {
    if let Some(finding) = untouched(failure, sources) {
        return finding;
    }
    let trace = worth_showing(trace, failure);
    let run = Run::new(scenario, &trace, sources);
    let diagnosis = match failure {
        Failure::Stuck { blocked, could_go_on, .. } => stuck::diagnose(&run, blocked, could_go_on),
        Failure::Breach { thread, call, breach, holds } => {
            breach::diagnose(&run, *thread, call, breach, holds)
        }
        Failure::Panicked { thread, message, place } => {
            misuse::panicked(&run, *thread, message, place.as_ref())
        }
        Failure::BusyWaiting { thread, place } => misuse::busy_waiting(&run, *thread, place.as_ref()),
        Failure::SleepsWithLock { thread, place } => misuse::sleeps_with_lock(&run, *thread, place.as_ref()),
    };
    diagnosis.finding(&run, draw::draw(&run))
}

/// The part of a run that tells something: of a loop, a few rounds.
fn worth_showing(trace: &Trace, failure: &Failure) -> Trace {
    let mut trace = trace.clone();
    if let Failure::BusyWaiting { thread, .. } = failure {
        let begins = |event: &Event| event.thread == *thread && matches!(event.step, Step::Call { .. });
        let call = trace.events.iter().rposition(begins).unwrap_or(0);
        trace.events.truncate(call + ROUNDS);
    }
    trace
}

/// The finding where the failure is a `todo!()` that nobody has touched.
fn untouched(failure: &Failure, sources: &Sources) -> Option<Finding> {
    let Failure::Panicked { message, place, .. } = failure else { return None };
    let rest = message.strip_prefix(NOT_YET)?.trim_start_matches([':', ' ']);
    let what = if rest.is_empty() { "a todo!() is left here" } else { rest };
    let location = place.as_ref().and_then(|place| sources.location(place));
    Some(Finding { location, ..Finding::new(Status::Todo, format!("not started: {what}")) })
}

/// The finding for an execution in which the whole program ended.
pub fn died(scenario: &Scenario, ending: Ending, trace: &Trace, sources: &Sources) -> Finding {
    let run = Run::new(scenario, trace, sources);
    let status = ending.status();
    Finding { status, ..misuse::died(&run, &ending.words()).finding(&run, draw::draw(&run)) }
}

/// The finding for an execution that did not come back. `trace` is what happened until then.
pub fn stalled(scenario: &Scenario, how: Stall, trace: &Trace, sources: &Sources) -> Finding {
    let run = Run::new(scenario, trace, sources);
    Finding { status: Status::Limit, ..misuse::stalled(&run, how).finding(&run, draw::draw(&run)) }
}
