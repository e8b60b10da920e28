//! A timeline as rows: what every drawing of it has in common. Renderers only draw rows.

use super::{Event, How, LaneId, LaneState, Side, Timeline, slice};

/// How much of a run is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// The steps that tell what happened, few enough for a terminal.
    Slice,
    /// The most important of these.
    Brief(Room),
    /// Every step.
    All,
}

/// How much room there is for a drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// At most so many steps, the decisive one first.
    pub steps: usize,
    /// At most so many endings.
    pub endings: usize,
    /// At most so many lines for each sentence.
    pub lines: usize,
}

/// One row of a drawing, with every lane's line above and below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What stands in it.
    pub content: Content,
    /// Each lane's line as it reaches the row.
    pub before: Vec<Line>,
    /// Each lane's line as it leaves the row.
    pub after: Vec<Line>,
}

/// What stands in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A step: an index into [`Timeline::events`]. Its number is one more, whatever else is shown.
    Step(usize),
    /// The sentence below that step.
    Note(usize),
    /// The step that did not happen.
    Missing,
    /// The sentence below it.
    Helped,
    /// How a lane ended: an index into [`Timeline::endings`].
    Ending(usize),
}

/// A piece of a lane's life-line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// Not there yet, or no more.
    Gone,
    /// Runs, or could.
    Runs,
    /// Holds the lock.
    Holds,
    /// Stands in line for the lock.
    Wants,
    /// Sleeps, or waits in a call.
    Waits,
    /// Waits for what will never come.
    Stuck,
    /// Has ended, and its parent has not asked how.
    Zombie,
}

/// The rows of a timeline, from top to bottom.
pub fn rows(timeline: &Timeline, detail: Detail) -> Vec<Row> {
    let lines = lines(timeline);
    let shown = match detail {
        Detail::Slice => slice::kept(timeline, None),
        Detail::Brief(room) => slice::kept(timeline, Some(room.steps)),
        Detail::All => (0..timeline.events.len()).collect(),
    };
    let mut rows: Vec<Row> = shown.into_iter().flat_map(|event| around(timeline, event, &lines)).collect();
    let endings = match detail {
        Detail::Brief(room) => timeline.endings.len().min(room.endings),
        Detail::Slice | Detail::All => timeline.endings.len(),
    };
    rows.extend((0..endings).map(|ending| still(Content::Ending(ending), lines.last())));
    rows
}

/// The row of an event, with its note and, where it stands beside this event, the missing step.
fn around(timeline: &Timeline, event: usize, lines: &[Vec<Line>]) -> Vec<Row> {
    let mut rows = Vec::new();
    let missing = |side| timeline.missing.as_ref().is_some_and(|m| m.event == event && m.side == side);
    if missing(Side::Before) {
        rows.extend([Content::Missing, Content::Helped].map(|content| still(content, lines.get(event))));
    }
    rows.push(Row {
        content: Content::Step(event),
        before: lines[event].clone(),
        after: lines[event + 1].clone(),
    });
    if timeline.events[event].note.is_some() {
        rows.push(still(Content::Note(event), lines.get(event + 1)));
    }
    if missing(Side::After) {
        rows.extend([Content::Missing, Content::Helped].map(|content| still(content, lines.get(event + 1))));
    }
    rows
}

/// A row in which no line changes.
fn still(content: Content, lines: Option<&Vec<Line>>) -> Row {
    let lines = lines.cloned().unwrap_or_default();
    Row { content, before: lines.clone(), after: lines }
}

/// Every lane's line before each event, and after the last one.
fn lines(timeline: &Timeline) -> Vec<Vec<Line>> {
    let stuck: Vec<Option<usize>> =
        (0..timeline.lanes.len()).map(|lane| stuck_from(timeline, lane)).collect();
    let draw = |(event, states): (usize, Vec<LaneState>)| {
        let is_stuck = |lane: usize| stuck[lane].is_some_and(|from| event >= from);
        states.into_iter().enumerate().map(|(lane, state)| line(state, is_stuck(lane))).collect()
    };
    states(timeline).into_iter().enumerate().map(draw).collect()
}

/// Every lane's state before each event, and after the last one: the fold of what the events change.
pub(super) fn states(timeline: &Timeline) -> Vec<Vec<LaneState>> {
    let mut now: Vec<LaneState> = timeline.lanes.iter().map(|lane| lane.start).collect();
    let mut states = vec![now.clone()];
    for event in &timeline.events {
        for (lane, state) in changes(event) {
            now[lane] = state;
        }
        states.push(now.clone());
    }
    states
}

fn changes(event: &Event) -> impl Iterator<Item = (LaneId, LaneState)> {
    let own = event.lane_after.map(|state| (event.lane, state));
    own.into_iter().chain(event.links.iter().filter_map(|link| Some((link.to, link.lane_after?))))
}

/// Where a lane that ends stuck gets stuck: the number of events that have happened by then.
fn stuck_from(timeline: &Timeline, lane: LaneId) -> Option<usize> {
    timeline.endings.iter().find(|ending| ending.lane == lane && ending.how == How::Stuck)?;
    let touches = |event: &Event| event.lane == lane || changes(event).any(|(changed, _)| changed == lane);
    Some(timeline.events.iter().rposition(touches).map_or(0, |event| event + 1))
}

fn line(state: LaneState, stuck: bool) -> Line {
    match state {
        LaneState::Absent | LaneState::Ended => Line::Gone,
        LaneState::Runs => Line::Runs,
        LaneState::Holds => Line::Holds,
        LaneState::Wants | LaneState::Waits if stuck => Line::Stuck,
        LaneState::Wants => Line::Wants,
        LaneState::Waits => Line::Waits,
        LaneState::Zombie => Line::Zombie,
    }
}
