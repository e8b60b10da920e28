//! A run as a timeline: one lane per thread, one event per step, calls and returns merged into their neighbours.

use super::moment::Change;
use super::run::Run;
use super::step::look;
use super::{Words, state};
use crate::timeline::{
    Delta, Event, Lane, LaneId, LaneKind, LaneState, Link, LinkKind, Mark, Object, ObjectId, ObjectKind,
    Timeline,
};
use explore::trace::{Place, Step, ThreadId};

/// A timeline, and which of its events and lanes stand for those of the trace.
pub(super) struct Drawing {
    pub(super) timeline: Timeline,
    /// The timeline's event for each event of the trace; none for what is hidden.
    pub(super) events: Vec<Option<usize>>,
    lanes: Vec<Option<LaneId>>,
    condvars: ObjectId,
    atomics: ObjectId,
    semaphores: ObjectId,
    queue: ObjectId,
    calls: Vec<Option<String>>,
}

/// Draws every step of a run. Nothing is marked yet.
pub(super) fn draw<L: Words>(run: &Run<L>) -> Drawing {
    let mut drawing = Drawing::new(run);
    for index in 0..run.trace.events.len() {
        let event = drawing.step(run, index);
        drawing.events.push(event);
    }
    state::note(run, &mut drawing);
    drawing
}

impl Drawing {
    fn new<L: Words>(run: &Run<L>) -> Drawing {
        let lanes = lanes(run);
        let shown = |thread: &ThreadId| lanes[*thread].is_some();
        let threads = (0..lanes.len()).filter(shown).map(|thread| lane(run, thread)).collect();
        let object = |kind, name: &str, place: Option<&Place>| Object {
            name: name.to_owned(),
            kind,
            declared: place.and_then(|place| run.sources.location(place)),
        };
        let mutexes = run.mutexes.iter().enumerate();
        let condvars = run.condvars.iter().enumerate();
        let mut objects: Vec<Object> = mutexes
            .map(|(n, name)| object(ObjectKind::Mutex, &name.to_string(), run.trace.mutexes.get(n)))
            .collect();
        objects.extend(
            condvars
                .map(|(n, name)| object(ObjectKind::Condvar, &name.to_string(), run.trace.condvars.get(n))),
        );
        let atomics = objects.len();
        let named = run.atomics.iter().enumerate();
        objects.extend(named.map(|(n, name)| object(ObjectKind::Atomic, name, run.trace.atomics.get(n))));
        let semaphores = objects.len();
        let named = run.semaphores.iter().enumerate();
        objects
            .extend(named.map(|(n, name)| object(ObjectKind::Semaphore, name, run.trace.semaphores.get(n))));
        objects.push(Object { name: L::CONTENTS.to_owned(), kind: ObjectKind::Queue, declared: None });
        Drawing {
            condvars: run.mutexes.len(),
            atomics,
            semaphores,
            queue: objects.len() - 1,
            calls: vec![None; lanes.len()],
            lanes,
            events: Vec::new(),
            timeline: Timeline { lanes: threads, objects, ..Timeline::default() },
        }
    }

    /// The lane of a thread; none where it is hidden.
    pub(super) fn lane(&self, thread: ThreadId) -> Option<LaneId> {
        self.lanes.get(thread).copied().flatten()
    }

    /// The object that stands for a condition variable.
    pub(super) fn condvar(&self, number: usize) -> ObjectId {
        self.condvars + number
    }

    /// The object that stands for an atomic.
    pub(super) fn atomic(&self, number: usize) -> ObjectId {
        self.atomics + number
    }

    /// The object that stands for a semaphore.
    pub(super) fn semaphore(&self, number: usize) -> ObjectId {
        self.semaphores + number
    }

    /// The object that stands for the contents of what is shared.
    pub(super) fn queue(&self) -> ObjectId {
        self.queue
    }

    /// Draws one step, or merges it into one drawn before, and says which event that is.
    fn step<L: Words>(&mut self, run: &Run<L>, index: usize) -> Option<usize> {
        let thread = run.event(index).thread;
        let lane = self.lane(thread)?;
        match &run.event(index).step {
            Step::Call { label } => {
                self.calls[thread] = Some(label.clone());
                None
            }
            Step::Return { label } => self.merge(lane, |event| returns(event, label)),
            Step::Exit => self.merge(lane, |event| event.lane_after = Some(LaneState::Ended)),
            step => {
                let event = self.event(run, index, lane, step);
                self.timeline.events.push(event);
                Some(self.timeline.events.len() - 1)
            }
        }
    }

    fn merge(&mut self, lane: LaneId, change: impl FnOnce(&mut Event)) -> Option<usize> {
        let last = self.timeline.events.iter().rposition(|event| event.lane == lane)?;
        change(&mut self.timeline.events[last]);
        Some(last)
    }

    fn event<L: Words>(&mut self, run: &Run<L>, index: usize, lane: LaneId, step: &Step) -> Event {
        let thread = run.event(index).thread;
        let look = look(run, index);
        let place = run.event(index).place.as_ref().and_then(|place| run.sources.location(place));
        Event {
            lane,
            kind: look.kind,
            label: look.label,
            short: look.short,
            call: self.calls[thread].take(),
            source: place.as_ref().and_then(|place| run.sources.line(place)).map(str::to_owned),
            place,
            lane_after: look.after,
            deltas: self.deltas(run, index, lane),
            links: self.links(step),
            state: Vec::new(),
            weight: look.weight,
            mark: Mark::None,
            note: None,
        }
    }

    fn deltas<L: Words>(&self, run: &Run<L>, index: usize, lane: LaneId) -> Vec<Delta> {
        let cell =
            |object, lane, value: Option<&str>| Delta { object, lane, value: value.map(str::to_owned) };
        let mine = |object, value| cell(object, Some(lane), value);
        let mut deltas = match &run.event(index).step {
            Step::Lock { mutex } => vec![mine(*mutex, Some("holds"))],
            Step::Blocked { mutex, .. } => vec![mine(*mutex, Some("wants"))],
            Step::Unlock { mutex, .. } => vec![mine(*mutex, None)],
            Step::Wait { condvar, mutex, .. } => {
                vec![mine(*mutex, None), mine(self.condvar(*condvar), Some("asleep"))]
            }
            Step::Wake { condvar, mutex, .. } => {
                vec![mine(self.condvar(*condvar), None), mine(*mutex, Some("holds"))]
            }
            Step::Notify { condvar, woken, .. } => {
                let lanes = woken.iter().filter_map(|thread| self.lane(*thread));
                lanes.map(|lane| cell(self.condvar(*condvar), Some(lane), None)).collect()
            }
            Step::NoPermit { semaphore } => vec![mine(self.semaphore(*semaphore), Some("waits"))],
            Step::P { semaphore, permits } => {
                let semaphore = self.semaphore(*semaphore);
                vec![mine(semaphore, None), cell(semaphore, None, Some(&permits.to_string()))]
            }
            Step::V { semaphore, permits } => {
                vec![cell(self.semaphore(*semaphore), None, Some(&permits.to_string()))]
            }
            _ => Vec::new(),
        };
        if let Step::Load { atomic, value }
        | Step::Store { atomic, value }
        | Step::Update { atomic, after: value, .. } = &run.event(index).step
        {
            deltas.push(cell(self.atomic(*atomic), None, Some(&value.to_string())));
        }
        if !matches!(run.moments[index].change, Change::None | Change::Close) {
            deltas.push(cell(self.queue, None, Some(&L::contents(run, index))));
        }
        deltas
    }

    fn links(&self, step: &Step) -> Vec<Link> {
        let Step::Notify { woken, .. } = step else { return Vec::new() };
        let lanes = woken.iter().filter_map(|thread| self.lane(*thread));
        lanes.map(|to| Link { kind: LinkKind::Wakes, to, lane_after: Some(LaneState::Wants) }).collect()
    }
}

/// The main thread only starts the others and waits for them: it has no lane, unless it panics, or nobody else has begun.
fn lanes<L: Words>(run: &Run<L>) -> Vec<Option<LaneId>> {
    let panics = |thread| run.last(thread, |step| matches!(step, Step::Panic { .. })).is_some();
    let alone = run.trace.events.iter().all(|event| event.thread == 0);
    let mut next = 0;
    let mut number = |thread| {
        let shown = thread > 0 || alone || panics(thread);
        shown.then(|| {
            next += 1;
            next - 1
        })
    };
    (0..run.trace.threads.len()).map(&mut number).collect()
}

fn lane<L: Words>(run: &Run<L>, thread: ThreadId) -> Lane {
    let others = if thread == 0 { "main thread" } else { L::OTHERS };
    Lane {
        name: run.name(thread).to_owned(),
        role: run.plan(thread).map_or(others, |plan| &plan.role).to_owned(),
        kind: LaneKind::Thread,
        start: LaneState::Runs,
    }
}

/// The end of a call joins the step before it: "unlocks, take() = 10".
fn returns(event: &mut Event, call: &str) {
    event.label = format!("{}, {call}", event.label);
}
