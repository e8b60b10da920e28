//! The picture of a run that failed: the grader's steps and the programs' system calls as one timeline.
//!
//! A lane per client, process and thread; what descriptors stand for are the objects, and which process holds which of them
//! is in the cells. Calls stand where they returned, and those that did not return at the end.

mod cast;
mod causes;
mod decisive;
mod event;
mod glance;
mod order;

use super::Scene;
use crate::check::Location;
use crate::observe::Told;
use crate::process::{self, Running};
use crate::timeline::{Delta, Ending, Event, EventKind, How, LaneId, Mark, ObjectId, Timeline, Weight};
use crate::trace::{Log, Record};
use cast::Cast;
use order::{Moment, ordered};
use std::collections::{BTreeMap, BTreeSet};

impl Scene {
    /// The run so far, and what everybody was found doing.
    pub(super) fn draw(&self, told: &[Told]) -> Timeline {
        let last = self.programs.last().map(|program| program.pid.as_raw());
        let log = self.log().filter(|log| last.is_some_and(|last| log.process_of(last).is_some()));
        log.and_then(|log| self.draw_calls(log, told)).unwrap_or_else(|| glance::draw(self, told))
    }

    /// None where no call tells anything.
    fn draw_calls(&self, log: &Log, told: &[Told]) -> Option<Timeline> {
        let cast = Cast::of(self, log);
        let moments = enough(ordered(self, &cast, log), self.has_run_away());
        let mut events = Vec::new();
        let mut shown = Vec::new();
        for moment in &moments {
            if let Some(event) = self.event(&cast, log, moment) {
                events.push(event);
                shown.push(if let Moment::Call(record) = moment { Some(*record) } else { None });
            }
        }
        if shown.iter().all(Option::is_none) {
            return None;
        }
        let (lanes, objects) = (cast.lanes(), cast.objects(log));
        let timeline = Timeline {
            lanes,
            objects,
            events: to_the_exit(events),
            omitted: OMITTED.to_owned(),
            ..Timeline::default()
        };
        let timeline = decisive::mark(timeline, self, &cast, log, told, &shown);
        Some(without_untouched(told_once(timeline)))
    }

    /// Whether a program has gone on and on until it was stopped.
    fn has_run_away(&self) -> bool {
        self.programs.iter().any(|program| program.ending.is_endless())
    }

    fn event(&self, cast: &Cast, log: &Log, moment: &Moment) -> Option<Event> {
        match moment {
            Moment::Step(step) => event::of_step(cast.peer(&step.actor)?, step, self.in_vain),
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

/// How a long run began, and how it came to its end; of one that had none, where it was stopped is chance.
fn enough(mut moments: Vec<Moment>, endless: bool) -> Vec<Moment> {
    const FIRST: usize = 100;
    const LAST: usize = 300;
    let left_out = FIRST..moments.len().saturating_sub(LAST).max(FIRST);
    if endless {
        moments.truncate(FIRST);
    } else if left_out.end < moments.len() {
        moments.drain(left_out);
    }
    moments
}

/// What was said of a step before is not said again, unless it went wrong there.
fn told_once(mut timeline: Timeline) -> Timeline {
    let mut told = BTreeSet::new();
    for event in &mut timeline.events {
        let said = event.note.as_ref().is_some_and(|note| !told.insert(note.clone()));
        if said && event.mark == Mark::None {
            event.note = None;
        }
    }
    timeline
}

/// An exit closes all that is open, also what a thread without a lane may just have closed itself.
fn to_the_exit(mut events: Vec<Event>) -> Vec<Event> {
    let mut open = BTreeSet::new();
    for event in &mut events {
        for delta in &event.deltas {
            match delta.value {
                Some(_) => open.insert((delta.lane, delta.object)),
                None => open.remove(&(delta.lane, delta.object)),
            };
        }
        if event.kind == EventKind::Exit {
            let lane = Some(event.lane);
            let rest = open.extract_if(.., |(holder, _)| *holder == lane);
            event.deltas.extend(rest.map(|(lane, object)| Delta { object, lane, value: None }));
            event.deltas.sort_by_key(|delta| delta.object);
        }
    }
    events
}

/// Leaves out the objects that no event is about: they came later, or how many they were is chance.
fn without_untouched(mut timeline: Timeline) -> Timeline {
    let deltas =
        timeline.events.iter_mut().flat_map(|event| &mut event.deltas).map(|delta| &mut delta.object);
    let told: Vec<&mut ObjectId> = deltas.chain(&mut timeline.culprits).collect();
    let touched: BTreeSet<ObjectId> = told.iter().map(|object| **object).collect();
    let number: BTreeMap<ObjectId, ObjectId> = touched.iter().copied().zip(0..).collect();
    told.into_iter().for_each(|object| *object = number[object]);
    timeline.objects = touched.into_iter().map(|object| timeline.objects[object].clone()).collect();
    timeline
}

/// In which call a thread was found.
fn found(lane: LaneId, told: &Told) -> Ending {
    let how = if told.at_rest { How::AtRest } else { How::Stuck };
    Ending { lane, how, sentence: format!("{}.", told.does), kept_by: None }
}

/// How a program has ended, unless the grader has ended it.
fn ended(lane: LaneId, program: &Running) -> Option<Ending> {
    let by_itself = !program.alive() && program.ending != process::Ending::Ended;
    let sentence = format!("{}.", program.ending.words());
    by_itself.then_some(Ending { lane, how: How::Crashed, sentence, kept_by: None })
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
fn blank(lane: LaneId, kind: EventKind, label: String, short: String) -> Event {
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
