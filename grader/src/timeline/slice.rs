//! Which steps of a run a terminal shows: those that tell what happened, the nearest to the decisive one first.

use super::{Event, EventKind, How, LaneId, LaneState, LinkKind, Mark, Timeline, Weight, rows};

/// At most so many steps are shown, marked ones aside.
pub(super) const MOST: usize = 14;

/// Why a step is shown; earlier reasons win.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reason {
    /// It is marked, or the missing step stands beside it.
    Marked,
    /// With it a lane panics, or does the last thing before it is stuck.
    Last,
    /// Its recorder asks for it.
    Asked,
    /// It changes what the failure is about, or who sleeps, or how a lane came to be stuck.
    Tells,
}

/// The steps that are shown, in order: at most so many, or else a few and all that are marked.
pub(super) fn kept(timeline: &Timeline, most: Option<usize>) -> Vec<usize> {
    let reasons = reasons(timeline);
    let focus = timeline.events.iter().position(|event| event.mark == Mark::Wrong);
    let focus = focus.unwrap_or(timeline.events.len());
    let marked = reasons.iter().filter(|(reason, _)| *reason == Reason::Marked).count();
    let mut ranked: Vec<_> =
        reasons.iter().map(|&(reason, event)| (reason, focus.abs_diff(event), event)).collect();
    ranked.sort();
    ranked.truncate(most.unwrap_or(MOST.max(marked)));
    let mut kept: Vec<usize> = ranked.into_iter().map(|(_, _, event)| event).collect();
    kept.sort();
    kept
}

/// How many steps tell something.
pub(super) fn telling(timeline: &Timeline) -> usize {
    reasons(timeline).len()
}

/// The steps worth showing, each with the best reason for it.
fn reasons(timeline: &Timeline) -> Vec<(Reason, usize)> {
    let states = rows::states(timeline);
    let lead_up = lead_up(timeline);
    let reason = |event: usize| {
        reason(timeline, event).or_else(|| {
            let waits = begins_to_wait(&timeline.events[event], &states[event]);
            (waits || lead_up.contains(&event)).then_some(Reason::Tells)
        })
    };
    let mut told: Vec<_> =
        (0..timeline.events.len()).filter_map(|event| Some((reason(event)?, event))).collect();
    let creations = creations(timeline, &told);
    told.extend(creations.into_iter().map(|event| (Reason::Tells, event)));
    told
}

/// The reason that the step alone gives.
fn reason(timeline: &Timeline, index: usize) -> Option<Reason> {
    let event = &timeline.events[index];
    let beside_missing = timeline.missing.as_ref().is_some_and(|missing| missing.event == index);
    let wakes = event.links.iter().any(|link| link.kind == LinkKind::Wakes);
    let changes_culprit = event.deltas.iter().any(|delta| timeline.culprits.contains(&delta.object));
    if event.mark != Mark::None || beside_missing {
        Some(Reason::Marked)
    } else if event.kind == EventKind::Panic || ends_stuck(timeline, index) {
        Some(Reason::Last)
    } else if event.weight == Weight::Key {
        Some(Reason::Asked)
    } else {
        (wakes || changes_culprit).then_some(Reason::Tells)
    }
}

/// Whether this is the last step of a lane that is stuck in the end.
fn ends_stuck(timeline: &Timeline, index: usize) -> bool {
    let lane = timeline.events[index].lane;
    let stuck = timeline.endings.iter().any(|ending| ending.lane == lane && ending.how == How::Stuck);
    stuck && timeline.events[index + 1..].iter().all(|event| event.lane != lane)
}

fn begins_to_wait(event: &Event, before: &[LaneState]) -> bool {
    event.lane_after == Some(LaneState::Waits) && before[event.lane] != LaneState::Waits
}

/// How the lanes that are marked as stuck came to wait: the look at the state just before, and the waking before that.
fn lead_up(timeline: &Timeline) -> Vec<usize> {
    let stuck = timeline.events.iter().enumerate().filter(|(_, event)| event.mark == Mark::Stuck);
    stuck.flat_map(|(index, event)| check_before(&timeline.events[..index], event.lane)).collect()
}

fn check_before(events: &[Event], lane: LaneId) -> Vec<usize> {
    let mut own = events.iter().enumerate().rev().filter(|(_, event)| event.lane == lane);
    let check = own.next().filter(|(_, event)| event.kind == EventKind::Read);
    let waking = check.and(own.next()).filter(|(_, event)| event.kind == EventKind::Wake);
    check.into_iter().chain(waking).map(|(index, _)| index).collect()
}

/// The steps that create a lane of which something is shown.
fn creations(timeline: &Timeline, told: &[(Reason, usize)]) -> Vec<usize> {
    let shown = |lane: LaneId| told.iter().any(|&(_, event)| timeline.events[event].lane == lane);
    let creates =
        |event: &Event| event.links.iter().any(|link| link.kind == LinkKind::Creates && shown(link.to));
    let told: Vec<usize> = told.iter().map(|&(_, event)| event).collect();
    (0..timeline.events.len())
        .filter(|event| !told.contains(event) && creates(&timeline.events[*event]))
        .collect()
}
