//! The picture of a run that failed: the grader's steps and the programs' system calls as one timeline.
//!
//! A lane per client and per process; what descriptors stand for are the objects, and which process holds which of them
//! is in the cells. Calls stand where they returned, and those that did not return at the end.

mod cast;
mod decisive;
mod event;
mod order;

use super::Scene;
use crate::check::Location;
use crate::observe::Told;
use crate::steps::Step;
use crate::timeline::{Delta, Event, LaneId, Timeline};
use crate::trace::{Log, Record};
use cast::Cast;

impl Scene {
    /// The run so far, and what everybody was found doing; nothing where no program was traced.
    pub(super) fn draw(&self, told: &[Told]) -> Timeline {
        let Some(log) = self.log().filter(|log| !log.records.is_empty()) else { return Timeline::default() };
        let cast = Cast::of(self, log);
        let moments = both_ends(moments(&self.steps, log, &cast));
        let mut events = Vec::new();
        let mut shown = Vec::new();
        for moment in &moments {
            if let Some(event) = self.event(&cast, log, moment) {
                events.push(event);
                shown.push(if let Moment::Call(record) = moment { Some(*record) } else { None });
            }
        }
        let (lanes, objects) = (cast.lanes(), cast.objects(log));
        let timeline =
            Timeline { lanes, objects, events, omitted: OMITTED.to_owned(), ..Timeline::default() };
        decisive::mark(timeline, self, &cast, log, told, &shown)
    }

    fn event(&self, cast: &Cast, log: &Log, moment: &Moment) -> Option<Event> {
        match moment {
            Moment::Step(step) => event::of_step(cast.peer(&step.actor)?, step),
            Moment::Call(record) => {
                let event = event::of_call(cast, log, record)?;
                let place = self.place(record);
                let source = place.as_ref().and_then(|place| self.line_at(place));
                Some(Event { place, source, ..event })
            }
        }
    }

    /// That line of the lab's sources, trimmed.
    fn line_at(&self, place: &Location) -> Option<String> {
        let text = std::fs::read_to_string(self.source.join(&place.file)).ok()?;
        let line = text.lines().nth(usize::try_from(place.line).ok()?.checked_sub(1)?)?;
        Some(line.trim().to_owned())
    }
}

const OMITTED: &str = "the others change nothing that matters here";

/// One step of the grader, or one call.
enum Moment<'a> {
    Step(&'a Step),
    Call(&'a Record),
}

/// In their order: a call comes after the steps that the grader had taken when it returned. The step that failed stands
/// last, but for calls that never returned.
fn moments<'a>(steps: &'a [Step], log: &'a Log, cast: &Cast) -> Vec<Moment<'a>> {
    let on_stage = |record: &&Record| cast.process(record.process).is_some();
    let (returned, mut pending): (Vec<&Record>, Vec<&Record>) =
        log.records.iter().filter(on_stage).partition(|record| record.returned.is_some());
    pending.sort_by_key(|record| record.process);
    let last = steps.len().saturating_sub(1);
    let mut calls = placed(returned, steps, log, cast).into_iter().peekable();
    let mut moments = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        while let Some((_, call)) = calls.next_if(|(after, _)| *after <= index || index == last) {
            moments.push(Moment::Call(call));
        }
        moments.push(Moment::Step(step));
    }
    moments.extend(pending.into_iter().map(Moment::Call));
    moments
}

/// How a long run began, and how it came to its end.
fn both_ends(mut moments: Vec<Moment>) -> Vec<Moment> {
    const FIRST: usize = 100;
    const LAST: usize = 300;
    let left_out = FIRST..moments.len().saturating_sub(LAST).max(FIRST);
    if left_out.end < moments.len() {
        moments.drain(left_out);
    }
    moments
}

/// Calls in the order in which they returned, each with the number of steps before it. A connection may be accepted
/// before the grader has said that it is there: its accept, and what its process does next, stands after that.
fn placed<'a>(
    mut calls: Vec<&'a Record>,
    steps: &[Step],
    log: &Log,
    cast: &Cast,
) -> Vec<(usize, &'a Record)> {
    calls.sort_by_key(|record| record.returned);
    let mut reached = vec![0; log.processes.len()];
    let mut place = |record: &'a Record| {
        let before = record.returned.map_or(0, |moment| moment.steps);
        let after = shown_before(before, steps, cast).max(connected(record, steps, log, cast));
        let after = after.max(reached[record.process]);
        reached[record.process] = after;
        (after, record)
    };
    let mut placed: Vec<_> = calls.into_iter().map(&mut place).collect();
    placed.sort_by_key(|(after, _)| *after);
    placed.chunk_by(|one, other| one.0 == other.0).flat_map(|calls| order::settled(calls, log)).collect()
}

/// The same moment, told by the last step before it that is in the picture: the others divide nothing.
fn shown_before(steps_before: usize, steps: &[Step], cast: &Cast) -> usize {
    let before = &steps[..steps_before.min(steps.len())];
    before.iter().rposition(|step| cast.peer(&step.actor).is_some()).map_or(0, |index| index + 1)
}

/// How many steps there were when the client of an accepted connection had connected.
fn connected(record: &Record, steps: &[Step], log: &Log, cast: &Cast) -> usize {
    let client = record.accepted().and_then(|connection| cast.client(log.objects[connection].peer));
    let connects = |step: &Step| Some(step.actor.as_str()) == client && step.sentence.starts_with("connects");
    steps.iter().position(connects).map_or(0, |index| index + 1)
}

/// The cells that a call changed.
fn deltas(cast: &Cast, record: &Record) -> Vec<Delta> {
    let cell = |cell: &crate::trace::Cell| {
        let fds: Vec<String> = cell.fds.iter().map(i32::to_string).collect();
        let value = (!fds.is_empty()).then(|| fds.join(", "));
        Some(Delta { object: cell.object, lane: Some(cast.process(cell.process)?), value })
    };
    record.cells.iter().filter_map(cell).collect()
}

/// An event in which nothing happens yet.
fn blank(lane: LaneId, kind: crate::timeline::EventKind, label: String, short: String) -> Event {
    use crate::timeline::{Mark, Weight};
    Event {
        lane,
        kind,
        label,
        short,
        call: None,
        place: None,
        source: None,
        lane_after: None,
        deltas: Vec::new(),
        links: Vec::new(),
        state: Vec::new(),
        weight: Weight::Detail,
        mark: Mark::None,
        note: None,
    }
}
