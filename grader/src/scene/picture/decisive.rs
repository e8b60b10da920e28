//! Where a run went wrong: the fault after which the program was at a loss, or the close that did not come.
//!
//! Where no rule fits, nothing is marked: a wrong mark is worse. How everybody ended is always shown.

use super::super::Scene;
use super::cast::Cast;
use super::{ended, found};
use crate::check::Location;
use crate::observe::Told;
use crate::timeline::{Ending, Event, LaneId, LaneKind, Mark, Missing, ObjectId, Side, Timeline};
use crate::trace::{Call, Kind, Log, Outcome, Record};
use nix::errno::Errno;

/// The picture with its marks and endings. `shown` are the calls that its events stand for.
pub(super) fn mark(
    mut timeline: Timeline,
    scene: &Scene,
    cast: &Cast,
    log: &Log,
    told: &[Told],
    shown: &[Option<&Record>],
) -> Timeline {
    timeline.endings = endings(scene, cast, log, told);
    if let Some(fault) = fatal(scene, log).and_then(|fault| position(shown, fault)) {
        timeline.events[fault].mark = Mark::Wrong;
        return timeline;
    }
    match kept_open(scene, log).and_then(|kept| Some((cast.process(kept.process)?, kept))) {
        Some((lane, kept)) => close_is_missing(&mut timeline, cast, lane, &kept),
        None => last_fault(&mut timeline),
    }
    timeline
}

impl Scene {
    /// The line from which the holder has what it should have closed.
    pub(in crate::scene) fn origin_of_kept(&self) -> Option<Location> {
        let log = self.log()?;
        let kept = kept_open(self, log).filter(|_| fatal(self, log).is_none())?;
        self.origin_of(log, kept.process, kept.object)
    }
}

/// What somebody waits to see closed, and who holds it.
struct Kept {
    object: ObjectId,
    process: usize,
    fds: String,
}

fn kept_open(scene: &Scene, log: &Log) -> Option<Kept> {
    let object = awaited_connection(scene, log).or_else(|| awaited_pipe(log))?;
    let (process, fds) = log.holders(object).into_iter().next()?;
    let fds: Vec<String> = fds.iter().map(i32::to_string).collect();
    Some(Kept { object, process, fds: fds.join(", ") })
}

/// The first fault after which its process did not do the same again, in the same line: who goes on, does.
fn fatal<'a>(scene: &Scene, log: &'a Log) -> Option<&'a Record> {
    let mut calls = log.of_last_program();
    while let Some(call) = calls.next() {
        let alike = |next: &&Record| (next.process, next.call, next.fd) == (call.process, call.call, call.fd);
        let goes_on = |next: &Record| scene.place(next) == scene.place(call);
        if is_hurt(call) && !calls.clone().find(alike).is_some_and(goes_on) {
            return Some(call);
        }
    }
    None
}

/// Whether a call came out otherwise by the grader's doing, or was ended by a signal.
fn is_hurt(record: &Record) -> bool {
    record.fault.is_some() && record.returned.is_some() || record.outcome == Outcome::Failed(Errno::EINTR)
}

fn position(shown: &[Option<&Record>], wanted: &Record) -> Option<usize> {
    shown.iter().position(|record| record.is_some_and(|record| std::ptr::eq(record, wanted)))
}

/// The program's side of a connection whose end a client waits for.
fn awaited_connection(scene: &Scene, log: &Log) -> Option<ObjectId> {
    let (near, far) = scene.endpoints(scene.awaited?)?;
    log.objects.iter().position(|object| object.ends == Some((far, near)))
}

/// The write end of a pipe whose end somebody waits for.
fn awaited_pipe(log: &Log) -> Option<ObjectId> {
    let waits = |record: &&Record| record.call == Call::Read && record.outcome == Outcome::Pending;
    let read_end = log.records.iter().rev().filter(waits).find_map(|record| record.object)?;
    log.objects[read_end].other_end.filter(|_| log.objects[read_end].kind == Kind::Pipe)
}

/// The close that would have ended it stands before the call in which its holder waits, or after all that it did.
fn close_is_missing(timeline: &mut Timeline, cast: &Cast, lane: LaneId, kept: &Kept) {
    let Kept { object, fds, .. } = kept;
    let own = |event: &Event| event.lane == lane;
    let Some(last) = timeline.events.iter().rposition(own) else { return };
    let waits = timeline.events[last].lane_after == Some(crate::timeline::LaneState::Waits);
    let Some(name) = timeline.objects.get(*object).map(|object| object.name.clone()) else { return };
    let holder = cast.name(lane);
    if waits {
        timeline.events[last].mark = Mark::Wrong;
        timeline.events[last].note =
            Some(format!("{holder} waits here, and the {name} is still open in it as fd {fds}."));
    }
    let side = if waits { Side::Before } else { Side::After };
    let helped = format!("Nobody else holds the {name}, and whoever waits for its end would see it.");
    timeline.missing = Some(Missing { event: last, side, lane, label: format!("close({fds})"), helped });
    timeline.culprits = vec![*object];
}

/// Whatever the program did, it did it after the last fault.
fn last_fault(timeline: &mut Timeline) {
    let lanes = &timeline.lanes;
    let of_program = |event: &&mut Event| lanes[event.lane].kind != LaneKind::Peer && event.note.is_some();
    if let Some(event) = timeline.events.iter_mut().rfind(of_program) {
        event.mark = Mark::Wrong;
    }
}

/// In which call each process is, or how it has ended.
fn endings(scene: &Scene, cast: &Cast, log: &Log, told: &[Told]) -> Vec<Ending> {
    let alive = told.iter().filter_map(|told| Some(found(cast.process(log.process_of(told.pid)?)?, told)));
    let over = scene.programs.iter().filter_map(|program| {
        let process = log.process_of(program.pid.as_raw())?;
        ended(cast.process(process)?, program)
    });
    alive.chain(over).collect()
}
