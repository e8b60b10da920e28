//! A run as a timeline: one lane per thread, one event per step, calls and returns merged into their neighbours.

use super::Words;
use super::run::{Change, Run};
use super::words::cut;
use crate::timeline::{
    Delta, Event, EventKind, Lane, LaneId, LaneKind, LaneState, Link, LinkKind, Mark, Object, ObjectId,
    ObjectKind, Timeline, Weight,
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

/// What a step looks like.
struct Look {
    kind: EventKind,
    label: String,
    short: String,
    after: Option<LaneState>,
    weight: Weight,
}

/// Draws every step of a run. Nothing is marked yet.
pub(super) fn draw<L: Words>(run: &Run<L>) -> Drawing {
    let mut drawing = Drawing::new(run);
    for index in 0..run.trace.events.len() {
        let event = drawing.step(run, index);
        drawing.events.push(event);
    }
    drawing
}

impl Drawing {
    fn new<L: Words>(run: &Run<L>) -> Drawing {
        let lanes = lanes(run);
        let shown = |thread: &ThreadId| lanes[*thread].is_some();
        let threads = (0..lanes.len()).filter(shown).map(|thread| lane(run, thread)).collect();
        let object = |kind, name: &String, place: Option<&Place>| Object {
            name: name.clone(),
            kind,
            declared: place.and_then(|place| run.sources.location(place)),
        };
        let mutexes = run.mutexes.iter().enumerate();
        let condvars = run.condvars.iter().enumerate();
        let mut objects: Vec<Object> =
            mutexes.map(|(n, name)| object(ObjectKind::Mutex, name, run.trace.mutexes.get(n))).collect();
        objects
            .extend(condvars.map(|(n, name)| object(ObjectKind::Condvar, name, run.trace.condvars.get(n))));
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

/// The main thread only starts the others and waits for them: it has no lane, unless it panics.
fn lanes<L: Words>(run: &Run<L>) -> Vec<Option<LaneId>> {
    let panics = |thread| run.last(thread, |step| matches!(step, Step::Panic { .. })).is_some();
    let mut next = 0;
    let mut number = |thread| {
        let shown = thread > 0 || panics(thread);
        shown.then(|| {
            next += 1;
            next - 1
        })
    };
    (0..run.trace.threads.len()).map(&mut number).collect()
}

fn lane<L: Words>(run: &Run<L>, thread: ThreadId) -> Lane {
    let name = run.name(thread);
    let plan = run.scenario.threads.iter().find(|plan| plan.name == name);
    Lane {
        name: name.to_owned(),
        role: plan.map_or(if thread == 0 { "main thread" } else { L::OTHERS }, |plan| &plan.role).to_owned(),
        kind: LaneKind::Thread,
        start: LaneState::Runs,
    }
}

/// The end of a call joins the step before it: "unlocks, take() = 10".
fn returns(event: &mut Event, call: &str) {
    event.label = format!("{}, {call}", event.label);
}

fn look<L: Words>(run: &Run<L>, index: usize) -> Look {
    use LaneState::{Ended, Holds, Runs, Waits, Wants};
    let event = run.event(index);
    match &event.step {
        Step::Lock { .. } => detail(EventKind::Lock, "locks", Some(Holds)),
        Step::Unlock { .. } => detail(EventKind::Unlock, "unlocks", Some(Runs)),
        Step::Blocked { holder, .. } => Look {
            label: format!("wants the lock that {} holds", run.name(*holder)),
            ..key(EventKind::Lock, "wants lock", Some(Wants))
        },
        Step::Read { .. } | Step::Write { .. } => access(run, index),
        Step::Wait { .. } => key(EventKind::Wait, "wait: sleeps", Some(Waits)),
        Step::Wake { by: Some(_), .. } => detail(EventKind::Wake, "wakes", Some(Holds)),
        Step::Wake { by: None, .. } => Look {
            label: "wakes by itself (a spurious wakeup)".to_owned(),
            ..key(EventKind::Wake, "wakes unasked", Some(Holds))
        },
        Step::Notify { all, woken, .. } => notify(run, *all, woken),
        Step::NoPermit { semaphore } => {
            let name = &run.semaphores[*semaphore];
            let label = format!("finds no permit of {name}, and sleeps");
            Look { label, ..key(EventKind::Wait, &cut(&format!("no {name}"), SHORT), Some(Waits)) }
        }
        Step::P { semaphore, permits } => permit(run, "P", "takes", *semaphore, *permits),
        Step::V { semaphore, permits } => permit(run, "V", "gives", *semaphore, *permits),
        Step::Enter { cell } => {
            let name = &run.cells[*cell];
            detail(EventKind::Lock, &cut(&format!("at {name}"), SHORT), Some(Holds))
        }
        Step::Leave { .. } => Look { after: Some(Runs), ..access(run, index) },
        Step::Sleep => detail(EventKind::Sleep, "sleeps a time", None),
        Step::Yield => detail(EventKind::Yield, "yields", None),
        Step::Load { value, .. } => key(EventKind::Read, &format!("load = {value}"), None),
        Step::Store { value, .. } => key(EventKind::Write, &format!("store({value})"), None),
        Step::Update { call, before, after, .. } => Look {
            label: format!("{call}: {before}, then {after}"),
            ..key(EventKind::Write, &format!("{before}, then {after}"), None)
        },
        Step::Mark { label } => key(EventKind::Work, label, None),
        Step::Throw { message } => key(EventKind::Panic, message, None),
        Step::Panic { message } => {
            Look { label: format!("panics: {message}"), ..key(EventKind::Panic, "panics", Some(Ended)) }
        }
        Step::Spawn { .. } => detail(EventKind::Spawn, "starts a thread", None),
        Step::Join { .. } => detail(EventKind::Join, "joins a thread", None),
        Step::Call { .. } | Step::Return { .. } | Step::Exit => unreachable!("merged into other steps"),
    }
}

/// The columns of a short label.
const SHORT: usize = 14;

/// P or V. A life-line is that of a thread that runs: what a permit is good for is not to be seen.
fn permit<L: Words>(run: &Run<L>, call: &str, verb: &str, semaphore: usize, permits: usize) -> Look {
    let name = &run.semaphores[semaphore];
    let label = format!("{verb} a permit of {name}; {permits} left");
    let kind = if call == "P" { EventKind::Lock } else { EventKind::Unlock };
    Look { label, ..key(kind, &cut(&format!("{call} {name}"), SHORT), Some(LaneState::Runs)) }
}

fn detail(kind: EventKind, short: &str, after: Option<LaneState>) -> Look {
    Look { kind, label: short.to_owned(), short: short.to_owned(), after, weight: Weight::Detail }
}

fn key(kind: EventKind, short: &str, after: Option<LaneState>) -> Look {
    Look { weight: Weight::Key, ..detail(kind, short, after) }
}

/// A look at what the lock guards, or a change of it.
fn access<L: Words>(run: &Run<L>, index: usize) -> Look {
    let change = |verb: &str, items: &[String]| format!("{verb} {}", items.join(", "));
    match &run.moments[index].change {
        Change::Push(items) => key(EventKind::Write, &change("pushes", items), None),
        Change::Pop(items) => key(EventKind::Write, &change("pops", items), None),
        Change::Close => key(EventKind::Write, "closes", None),
        Change::None => detail(EventKind::Read, &L::sees(run, index), None),
    }
}

fn notify<L: Words>(run: &Run<L>, all: bool, woken: &[ThreadId]) -> Look {
    let call = if all { "notify_all" } else { "notify_one" };
    let names: Vec<&str> = woken.iter().map(|thread| run.name(*thread)).collect();
    let short = match names.len() {
        0 => "notify: nobody".to_owned(),
        1 | 2 => format!("notify → {}", names.join(" ")),
        many => format!("notify → all {many}"),
    };
    let weight = if woken.is_empty() { Weight::Detail } else { Weight::Key };
    Look {
        label: format!("{call} wakes {}", run.names(woken)),
        weight,
        ..key(EventKind::Notify, &short, None)
    }
}
