//! What was recorded of one execution: its steps, and the calls of the lab's functions that some of them begin or end.

use super::{Called, Failure, Scenario};
use explore::trace::{Event, Step, ThreadId, Trace};
use protocol::search::Explored;
use std::collections::BTreeMap;

/// Steps that are shown of a call that goes round and round.
const ROUNDS: usize = 30;

/// The record of one execution.
pub(in crate::checks) struct Recording<L: Explored> {
    pub(in crate::checks) trace: Trace,
    /// By the step's number.
    pub(in crate::checks) called: BTreeMap<usize, Called<L>>,
}

impl<L: Explored> Recording<L> {
    /// Nothing yet, of the threads of a scenario: for a run that does not live to name them.
    pub(super) fn of(scenario: &Scenario<L>) -> Recording<L> {
        let names = scenario.threads.iter().map(|thread| thread.name.clone());
        let threads = std::iter::once("main".to_owned()).chain(names).collect();
        Recording { trace: Trace { threads, ..Trace::default() }, called: BTreeMap::new() }
    }

    /// Notes the next step.
    pub(in crate::checks) fn note(&mut self, event: Event, called: Option<Called<L>>) {
        self.called.extend(called.map(|called| (self.trace.events.len(), called)));
        self.trace.events.push(event);
    }

    /// The part of a run that tells something: of a loop, a few rounds.
    pub(super) fn worth_showing(&self, failure: &Failure<L>) -> Recording<L> {
        match failure {
            Failure::<L>::BusyWaiting { thread, .. } => self.a_few_rounds(*thread),
            _ => self.first(self.trace.events.len()),
        }
    }

    /// The run until shortly after a thread began its last call.
    pub(super) fn a_few_rounds(&self, thread: ThreadId) -> Recording<L> {
        let begins = |event: &Event| event.thread == thread && matches!(event.step, Step::Call { .. });
        let call = self.trace.events.iter().rposition(begins).unwrap_or(0);
        self.first(call + ROUNDS)
    }

    fn first(&self, steps: usize) -> Recording<L> {
        let events = self.trace.events.iter().take(steps).cloned().collect();
        Recording { trace: Trace { events, ..self.trace.clone() }, called: self.called.clone() }
    }
}
