//! How a step of a schedule is shown: its words, long and short, and the state of its lane after it.

use super::Words;
use super::moment::Change;
use super::run::Run;
use super::words::cut;
use crate::timeline::{EventKind, LaneState, Weight};
use explore::On;
use explore::trace::{Step, ThreadId};

/// What a step looks like.
pub(super) struct Look {
    pub(super) kind: EventKind,
    pub(super) label: String,
    pub(super) short: String,
    pub(super) after: Option<LaneState>,
    pub(super) weight: Weight,
}

/// How a step is shown.
pub(super) fn look<L: Words>(run: &Run<L>, index: usize) -> Look {
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
        Step::Wait { condvar, .. } => match run.semaphore_of(On::Condvar(*condvar)) {
            Some(name) => no_permit(name),
            None => key(EventKind::Wait, "wait: sleeps", Some(Waits)),
        },
        Step::Wake { by: Some(_), .. } => detail(EventKind::Wake, "wakes", Some(Holds)),
        Step::Wake { by: None, .. } => Look {
            label: "wakes by itself (a spurious wakeup)".to_owned(),
            ..key(EventKind::Wake, "wakes unasked", Some(Holds))
        },
        Step::Notify { all, woken, .. } => notify(run, *all, woken),
        Step::NoPermit { semaphore } => no_permit(&run.semaphores[*semaphore]),
        Step::P { semaphore, permits } => permit(run, EventKind::Lock, *semaphore, *permits),
        Step::V { semaphore, permits } => permit(run, EventKind::Unlock, *semaphore, *permits),
        Step::Enter { cell } => {
            let name = &run.cells[*cell];
            detail(EventKind::Lock, &cut(&format!("at {name}"), SHORT), Some(Holds))
        }
        Step::Leave { .. } => Look { after: Some(Runs), ..access(run, index) },
        Step::Sleep => detail(EventKind::Sleep, "sleeps a time", None),
        Step::Yield => detail(EventKind::Yield, "yields", None),
        Step::Load { value, .. } => key(EventKind::Read, &format!("load = {value}"), None),
        Step::Store { value, .. } => key(EventKind::Write, &format!("store({value})"), None),
        Step::Update { operation, before, after, .. } => Look {
            label: format!("{operation}: {before}, then {after}"),
            ..key(EventKind::Write, &format!("{before}, then {after}"), None)
        },
        Step::Mark { label } => key(EventKind::Work, label, None),
        Step::Throw { message } => key(EventKind::Panic, message, None),
        Step::Panic { message } => {
            Look { label: format!("panics: {message}"), ..key(EventKind::Panic, "panics", Some(Ended)) }
        }
        Step::Spawn { thread } => thread_of(run, EventKind::Spawn, "starts", *thread),
        Step::Join { thread } => thread_of(run, EventKind::Join, "joins", *thread),
        Step::Call { .. } | Step::Return { .. } | Step::Exit => unreachable!("merged into other steps"),
    }
}

/// The columns of a short label.
const SHORT: usize = 14;

/// What is done with another thread.
fn thread_of<L: Words>(run: &Run<L>, kind: EventKind, verb: &str, thread: ThreadId) -> Look {
    let label = format!("{verb} {}", run.name(thread));
    let short = cut(&label, SHORT);
    Look { label, ..detail(kind, &short, None) }
}

fn no_permit(semaphore: &str) -> Look {
    let label = format!("finds no permit of {semaphore}, and sleeps");
    let short = cut(&format!("no {semaphore}"), SHORT);
    Look { label, ..key(EventKind::Wait, &short, Some(LaneState::Waits)) }
}

/// P, which is drawn as a lock that is taken, or V. A life-line is that of a thread that runs: what a permit is good for is not
/// to be seen.
fn permit<L: Words>(run: &Run<L>, kind: EventKind, semaphore: usize, permits: usize) -> Look {
    let name = &run.semaphores[semaphore];
    let (call, verb) = if kind == EventKind::Lock { ("P", "takes") } else { ("V", "gives") };
    let label = format!("{verb} a permit of {name}; {permits} left");
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
        Change::None if let Some(semaphore) = part(run, index) => {
            let what = if matches!(run.event(index).step, Step::Write { .. }) { "changes" } else { "sees" };
            detail(EventKind::Read, &cut(&format!("{what} {semaphore}"), SHORT), None)
        }
        Change::None if !L::SEEN && matches!(run.event(index).step, Step::Write { .. }) => {
            key(EventKind::Write, &L::sees(run, index), None)
        }
        Change::None => detail(EventKind::Read, &L::sees(run, index), None),
    }
}

/// The student's semaphore whose permits an event is about.
fn part<'a, L: Words>(run: &'a Run<L>, index: usize) -> Option<&'a str> {
    match run.event(index).step {
        Step::Read { mutex } | Step::Write { mutex } => run.owner_of(mutex),
        _ => None,
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
