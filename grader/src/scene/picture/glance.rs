//! The picture of a run of which no call tells anything, since there would have been too many to record them: what the grader
//! did and saw, and the call in which everybody was found at the end.

use super::super::Scene;
use super::{blank, ended, event, found};
use crate::observe::{Syscall, Told};
use crate::steps::{Action, Actor, Step};
use crate::timeline::{Ending, Event, EventKind, Lane, LaneId, LaneKind, LaneState, Mark, Timeline, Weight};

/// Waits in these are for something else than the next client.
const ELSEWHERE: [Syscall; 6] =
    [Syscall::Wait, Syscall::Futex, Syscall::Read, Syscall::Recv, Syscall::RecvMsg, Syscall::Sleep];

pub(super) fn draw(scene: &Scene, told: &[Told]) -> Timeline {
    // Threads of the driver's own are in no line of the lab.
    let own = |told: &&Told| told.place.is_none() && told.thread.is_some();
    let told: Vec<&Told> = told.iter().filter(|told| !own(told)).collect();
    let glance = Glance { scene, lanes: lanes(scene, &told), told };
    let steps = shown(scene).filter_map(|step| glance.step(step));
    let calls = glance.told.iter().filter_map(|told| glance.call(told));
    let (events, endings) = (steps.chain(calls).collect(), glance.endings());
    Timeline { events, endings, lanes: glance.lanes, ..Timeline::default() }
}

struct Glance<'a> {
    scene: &'a Scene,
    told: Vec<&'a Told>,
    lanes: Vec<Lane>,
}

/// Whoever acts for the grader, then the programs and whom they have made.
fn lanes(scene: &Scene, told: &[&Told]) -> Vec<Lane> {
    let is_program = |actor: &&Actor| matches!(actor, Actor::Program(_));
    let acting = shown(scene).map(|step| &step.actor).filter(|actor| !is_program(actor));
    let peers = acting.map(|actor| (actor.to_string(), actor.role().to_owned(), LaneKind::Peer));
    let last = scene.programs.last().map(|program| (program.name.clone(), program.name.clone()));
    let processes =
        last.into_iter().chain(told.iter().map(|told| (told.process.clone(), told.process.clone())));
    let mut lanes: Vec<Lane> = Vec::new();
    for (name, role, kind) in peers.chain(processes.map(|(name, role)| (name, role, LaneKind::Process))) {
        if lanes.iter().all(|lane| lane.name != name) {
            lanes.push(Lane { name, role, kind, start: LaneState::Runs });
        }
    }
    lanes
}

/// The steps since a program before the last one was over; not how one is started and comes to rest, as in every check.
fn shown(scene: &Scene) -> impl Iterator<Item = &Step> {
    let is_over = |step: &Step| matches!(step.action, Action::Kills(_));
    let begun = scene.steps.iter().rposition(is_over).map_or(0, |index| index + 1);
    let usual = |step: &Step| matches!(step.action, Action::Starts(_) | Action::AwaitsRest(_));
    scene.steps[begun..].iter().filter(move |step| !step.holds || !usual(step))
}

impl Glance<'_> {
    fn lane(&self, name: &str) -> Option<LaneId> {
        self.lanes.iter().position(|lane| lane.name == name)
    }

    fn step(&self, step: &Step) -> Option<Event> {
        event::of_step(self.lane(&step.actor.to_string())?, step, self.scene.in_vain)
    }

    /// The call in which a thread was found.
    fn call(&self, told: &Told) -> Option<Event> {
        let (lane, blocked) = (self.lane(&told.process)?, told.blocked.as_ref()?);
        let kept = self.scene.stuck_at.is_some() && told.place == self.scene.stuck_at;
        let mark = if kept && ELSEWHERE.contains(&blocked.call) { Mark::Wrong } else { Mark::None };
        let event = blank(lane, EventKind::Wait, told.does.clone(), format!("{} …", blocked.in_words()));
        let source = told.place.as_ref().and_then(|place| self.scene.line_at(place));
        let place = told.place.clone();
        Some(Event { place, source, lane_after: Some(LaneState::Waits), mark, weight: Weight::Key, ..event })
    }

    /// In which call each process is, or how the program has ended.
    fn endings(&self) -> Vec<Ending> {
        let alive = self.told.iter().filter_map(|told| Some(found(self.lane(&told.process)?, told)));
        let last = self.scene.programs.last();
        alive.chain(last.and_then(|program| ended(self.lane(&program.name)?, program))).collect()
    }
}
