//! The grader's steps and the programs' calls in one order, the same in every run.
//!
//! Which of two things that have nothing to do with each other came first is chance. Kept is what caused what: a thread does
//! one thing after the other, and begins where it was made; a wait ends with a child's end; what is accepted or read was
//! sent before; and when everybody has come to rest, all that came before is over. Among what could come next a call comes
//! before the grader's next step, and the older process goes on as long as it can.

use super::super::Scene;
use super::cast::Cast;
use super::causes::{Cause, Causes};
use crate::steps::Step;
use crate::trace::{Call, Log, Record};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// One step of the grader, or one call.
#[derive(Clone, Copy)]
pub(super) enum Moment<'a> {
    Step(&'a Step),
    Call(&'a Record),
}

/// A call that has returned, and the steps of the grader between which it belongs.
struct Placed<'a> {
    record: &'a Record,
    cause: Cause,
    /// So many steps come before it,
    after: usize,
    /// and it comes before the one with this number.
    before: usize,
}

/// A process, and which of its threads.
type Thread = (usize, usize);

struct Order<'a> {
    /// What each thread has still to do.
    left: BTreeMap<Thread, VecDeque<Placed<'a>>>,
    /// Whose making is still to come.
    unborn: BTreeSet<Thread>,
    /// How many steps there were.
    steps: usize,
}

/// All of it; calls that never returned stand at the end. The last step, the one that failed, stands behind all calls that
/// have returned.
pub(super) fn ordered<'a>(scene: &'a Scene, cast: &Cast, log: &'a Log) -> Vec<Moment<'a>> {
    let on_stage = |record: &&Record| cast.thread(record.process, record.thread).is_some();
    let (mut returned, mut pending): (Vec<&Record>, Vec<&Record>) =
        log.records.iter().filter(on_stage).partition(|record| record.returned.is_some());
    returned.sort_by_key(|record| record.returned);
    pending.sort_by_key(|record| (record.process, record.thread));
    let unborn = returned.iter().filter_map(|record| makes(record)).collect();
    let mut order = Order { left: placed(&returned, scene, cast, log), unborn, steps: 0 };
    let mut moments = Vec::new();
    for (index, step) in scene.steps.iter().enumerate() {
        while let Some(call) = order.next(index + 1 == scene.steps.len()) {
            moments.push(Moment::Call(call));
        }
        moments.push(Moment::Step(step));
        order.steps += 1;
    }
    moments.extend(pending.into_iter().map(Moment::Call));
    moments
}

fn placed<'a>(
    returned: &[&'a Record],
    scene: &Scene,
    cast: &Cast,
    log: &Log,
) -> BTreeMap<Thread, VecDeque<Placed<'a>>> {
    let (rests, last) = (scene.rests_of_all(), scene.steps.len().saturating_sub(1));
    let mut causes = Causes::new(scene, cast, log);
    let mut left: BTreeMap<Thread, VecDeque<Placed>> = BTreeMap::new();
    for record in returned {
        let steps = record.returned.map_or(0, |moment| moment.steps);
        let cause = causes.of(record);
        let rested = rests.iter().rfind(|rest| **rest < steps).map_or(0, |rest| rest + 1);
        let needed = match cause {
            Cause::Steps(needed) if log.processes[record.process].shows_bytes => needed,
            // What the program has read meanwhile is not known.
            Cause::Steps(needed) => needed.max(shown_before(steps, &scene.steps, cast)),
            Cause::Unknown => 0,
        };
        let before = rests.iter().find(|rest| **rest >= steps).map_or(last, |rest| *rest);
        let placed = Placed { record, cause, after: rested.max(needed).min(before), before };
        left.entry((record.process, record.thread)).or_default().push_back(placed);
    }
    left
}

/// The thread that a call makes, or the first one of the process that it makes.
fn makes(record: &Record) -> Option<Thread> {
    let forked = record.other.filter(|_| record.call == Call::Fork);
    record.started.map(|thread| (record.process, thread)).or(forked.map(|child| (child, 0)))
}

/// The same moment, told by the last step before it that is in the picture: the others divide nothing.
fn shown_before(count: usize, steps: &[Step], cast: &Cast) -> usize {
    let before = &steps[..count.min(steps.len())];
    before.iter().rposition(|step| cast.peer(&step.actor).is_some()).map_or(0, |index| index + 1)
}

impl<'a> Order<'a> {
    /// The call that comes next; none where the next step of the grader does. Before the last one come all.
    fn next(&mut self, is_last: bool) -> Option<&'a Record> {
        let thread = self.left.keys().copied().find(|thread| self.is_free(*thread));
        let thread = thread.or_else(|| self.overdue(is_last))?;
        let calls = self.left.get_mut(&thread)?;
        let call = calls.pop_front()?;
        if calls.is_empty() {
            self.left.remove(&thread);
        }
        if let Some(made) = makes(call.record) {
            self.unborn.remove(&made);
        }
        Some(call.record)
    }

    /// Whether all that a thread's next call needs is there.
    fn is_free(&self, thread: Thread) -> bool {
        let calls = &self.left[&thread];
        let is_due = calls[0].before <= self.steps;
        let decides = calls.iter().find(|call| is_due || call.cause != Cause::Unknown);
        let is_there = |call: &Placed| self.steps >= call.after && self.has_ended(call.record);
        !self.unborn.contains(&thread) && self.steps >= calls[0].after && decides.is_some_and(is_there)
    }

    /// The thread that has to go on before the grader's next step, if there is one: the first, where causes go round in a
    /// circle.
    fn overdue(&self, is_last: bool) -> Option<Thread> {
        let due = self.left.iter().filter(|(_, calls)| is_last || calls[0].before <= self.steps);
        due.min_by_key(|(_, calls)| calls[0].record.returned).map(|(thread, _)| *thread)
    }

    /// Whether whatever a call waits for has ended: a child, or before an exit the other threads.
    fn has_ended(&self, record: &Record) -> bool {
        let acts = |process: usize| self.left.range((process, 0)..=(process, usize::MAX));
        match record.call {
            Call::Wait => record.other.is_none_or(|child| acts(child).next().is_none()),
            Call::Exit => acts(record.process).all(|((_, thread), _)| *thread == record.thread),
            _ => true,
        }
    }
}
