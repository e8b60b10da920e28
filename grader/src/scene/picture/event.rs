//! One step of the grader, or one call, as an event.

use super::cast::Cast;
use super::{blank, deltas};
use crate::steps::{Action, Evidence, Looked, Step};
use crate::timeline::{Event, EventKind, LaneId, LaneState, Link, LinkKind, Mark, Weight};
use crate::trace::{Call, Fault, Log, Outcome, Record};

/// What the grader and its clients do, drawn; none for what has no place in a picture.
fn sketch(action: &Action) -> Option<(EventKind, &'static str)> {
    Some(match action {
        Action::Connects(_) | Action::ExpectsRefusal(_) | Action::CrowdConnects => {
            (EventKind::Connect, "connect")
        }
        Action::CrowdComesAndGoes { .. } => (EventKind::Connect, "come and go"),
        Action::Sends(_)
        | Action::SendsUntilBlocked
        | Action::Exchanges { .. }
        | Action::Signals { .. }
        | Action::CrowdSends(_) => (EventKind::Send, "send"),
        Action::CrowdLeaves => (EventKind::Close, "read and close"),
        Action::ExpectsEnd => (EventKind::Receive, "read = 0"),
        Action::ExpectsNothing => (EventKind::Receive, "nothing yet"),
        Action::ExpectsOver | Action::ExpectsRunning(_) | Action::ExpectsOwnChannel => {
            (EventKind::Receive, "is over")
        }
        Action::ExpectsClosed { .. } => (EventKind::Receive, "is closed"),
        Action::Expects(_)
        | Action::ExpectsOutput { .. }
        | Action::ExpectsConnection(_)
        | Action::ExpectsNoConnection
        | Action::ReadsToEnd(_) => (EventKind::Receive, "read"),
        Action::EndsSending => (EventKind::HalfClose, "half-close"),
        Action::Resets => (EventKind::Reset, "reset"),
        Action::Closes => (EventKind::Close, "close"),
        Action::Feeds { .. } => (EventKind::Send, "feed"),
        Action::EndsInput(_) => (EventKind::Close, "end of input"),
        Action::AwaitsRest(_)
        | Action::AwaitsListener { .. }
        | Action::AwaitsEnd(_)
        | Action::AwaitsReport { .. }
        | Action::AwaitsCrowd
        | Action::Learns => (EventKind::Read, "result"),
        Action::LooksFor(Looked { at, .. }) => match at {
            Evidence::Answer => (EventKind::Read, "result"),
            Evidence::Descriptors => (EventKind::Read, "descriptors"),
            Evidence::Memory => (EventKind::Read, "memory"),
            Evidence::Counters => (EventKind::Read, "counters"),
            Evidence::Waits => (EventKind::Read, "waits"),
        },
        Action::Starts(_)
        | Action::Kills(_)
        | Action::Arranges { .. }
        | Action::LooksAt(_)
        | Action::Listens(_)
        | Action::Does(_) => return None,
    })
}

/// A step of theirs; `in_vain` says whether one that failed still waits.
pub(super) fn of_step(lane: LaneId, step: &Step, in_vain: bool) -> Option<Event> {
    let (kind, short) = sketch(&step.action)?;
    let event = judged(lane, step, kind, short);
    let is_a_wait = !matches!(kind, EventKind::Read);
    if step.holds || !in_vain || !is_a_wait {
        return Some(event);
    }
    let short = format!("{short} …");
    Some(Event { short, mark: Mark::Stuck, note: None, lane_after: Some(LaneState::Waits), ..event })
}

/// A step, and what was seen where it does not hold.
fn judged(lane: LaneId, step: &Step, kind: EventKind, short: &str) -> Event {
    let event = blank(lane, kind, step.action.to_string(), short.to_owned());
    let mark = if step.holds { Mark::None } else { Mark::Wrong };
    let note = step.details.first().filter(|_| !step.holds).cloned();
    Event { weight: Weight::Key, mark, note, ..event }
}

/// A call of a program. Most sockets and duplicates tell nothing until something is done with them.
pub(super) fn of_call(cast: &Cast, log: &Log, record: &Record) -> Option<Event> {
    if is_noise(log, record) {
        return None;
    }
    let lane = cast.thread(record.process, record.thread)?;
    let short = short(cast, record);
    let event = blank(lane, kind(record.call)?, short.clone(), short);
    let ends = record.call == Call::Exit;
    let lane_after = match record.outcome {
        _ if ends => LaneState::Ended,
        Outcome::Pending => LaneState::Waits,
        _ => LaneState::Runs,
    };
    let weight = if matters(log, record) { Weight::Key } else { Weight::Detail };
    let note = record.fault.and_then(|_| record.fault_in_words()).map(|said| format!("{said}."));
    Some(Event {
        lane_after: Some(lane_after),
        deltas: deltas(cast, record),
        links: links(cast, record),
        weight,
        note,
        ..event
    })
}

/// What another program does for itself, where `exec` has looked before it found its program, and what
/// nobody else has a part in.
fn is_noise(log: &Log, record: &Record) -> bool {
    let failed = matches!(record.outcome, Outcome::Failed(_));
    let tells = matches!(record.call, Call::Exec | Call::Exit | Call::Fork)
        || !record.cells.is_empty()
        || record.fault.is_some()
        || record.returned.is_none();
    let looks_on = || {
        let after = log.records.iter().skip_while(|other| !std::ptr::eq(*other, record)).skip(1);
        { after }.any(|later| later.process == record.process && later.call == Call::Exec)
    };
    let is_aside = match record.call {
        Call::Read | Call::Write => is_elsewhere(record),
        Call::Close => is_elsewhere(record) && !failed,
        Call::Poll => !failed,
        _ => false,
    };
    let is_aside = is_aside && record.fault.is_none() && record.returned.is_some();
    record.foreign && !tells || record.call == Call::Exec && failed && looks_on() || is_aside
}

/// Whether it is about a file of which nothing else is told.
fn is_elsewhere(record: &Record) -> bool {
    record.object.is_none() && record.fd.is_some_and(|fd| fd > 2)
}

fn kind(call: Call) -> Option<EventKind> {
    Some(match call {
        Call::Read => EventKind::Receive,
        Call::Write => EventKind::Send,
        Call::Accept => EventKind::Accept,
        Call::Connect => EventKind::Connect,
        Call::Listen => EventKind::Listen,
        Call::Bind | Call::Socket | Call::SocketPair => EventKind::Open,
        Call::Shutdown => EventKind::HalfClose,
        Call::Pipe => EventKind::Pipe,
        Call::Dup => EventKind::Dup,
        Call::Close => EventKind::Close,
        Call::Fork => EventKind::Fork,
        Call::Thread => EventKind::Spawn,
        Call::Exec => EventKind::Exec,
        Call::Wait => EventKind::Reap,
        Call::Exit => EventKind::Exit,
        Call::Poll => EventKind::Wait,
        Call::Kill => return None,
    })
}

/// At most 14 columns.
fn short(cast: &Cast, record: &Record) -> String {
    let name = record.call.name();
    let other = record.other.and_then(|process| Some(cast.name(cast.process(process)?).to_owned()));
    let started = record.started.and_then(|thread| Some(cast.name(cast.thread(record.process, thread)?)));
    let on = record.fd.map_or(String::new(), |fd| format!("({fd})"));
    let made: Vec<String> = record.made.iter().map(i32::to_string).collect();
    match (record.call, record.outcome) {
        (Call::Exit, _) => "exit".to_owned(),
        (_, Outcome::Failed(errno)) => format!("{name}: {errno:?}"),
        (Call::Exec, _) => "exec".to_owned(),
        (_, Outcome::Pending) => format!("{name}{on} …"),
        (Call::Fork | Call::Wait, _) => other.map_or(name.to_owned(), |other| format!("{name} {other}")),
        (Call::Thread, _) => started.map_or("spawn".to_owned(), |thread| format!("spawn {thread}")),
        (Call::Dup, _) => format!("dup {}→{}", record.fd.unwrap_or(-1), made.join("")),
        (Call::Pipe | Call::Accept | Call::Socket, _) => format!("{name} = {}", made.join(", ")),
        (Call::Read | Call::Write, Outcome::Returned(count)) => format!("{name} = {count}"),
        _ => format!("{name}{on}"),
    }
}

fn links(cast: &Cast, record: &Record) -> Vec<Link> {
    let to = |kind, lane: Option<LaneId>| Some(Link { kind, to: lane?, lane_after: Some(LaneState::Runs) });
    let link = match (record.call, record.other, record.started) {
        (Call::Fork, Some(child), _) => to(LinkKind::Creates, cast.process(child)),
        (Call::Thread, _, Some(thread)) => to(LinkKind::Creates, cast.thread(record.process, thread)),
        _ => None,
    };
    link.into_iter().collect()
}

/// Whether a short drawing keeps it: what makes processes and ends them, and what opens and closes what is shared.
fn matters(log: &Log, record: &Record) -> bool {
    let failed = matches!(record.outcome, Outcome::Failed(_));
    match record.call {
        Call::Accept | Call::Fork | Call::Exec | Call::Exit | Call::Listen | Call::Pipe => true,
        Call::Wait => !failed,
        Call::Close | Call::Dup | Call::Shutdown => {
            record.object.is_some_and(|object| log.objects[object].kind != crate::trace::Kind::Socket)
        }
        _ => record.fault.is_some_and(|fault| fault != Fault::Short(0)),
    }
}
