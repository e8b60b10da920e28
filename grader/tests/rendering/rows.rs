//! Which rows a drawing has, and where the lanes stand between them.

use crate::mocks::{Run, condvar_buffer, fork_server, pipes};
use grader::timeline::rows::{Content, Detail, Line, Row, rows};
use grader::timeline::{EventKind, How, LaneKind, LaneState, LinkKind, Mark, Timeline};

/// The numbers of the steps shown.
pub(crate) fn steps(timeline: &Timeline, detail: Detail) -> Vec<usize> {
    let number = |row: &Row| match row.content {
        Content::Step(index) => Some(index + 1),
        _ => None,
    };
    rows(timeline, detail).iter().filter_map(number).collect()
}

fn row(timeline: &Timeline, content: Content) -> Row {
    rows(timeline, Detail::All).into_iter().find(|row| row.content == content).expect("the row is there")
}

/// Lanes that take turns in going to sleep and being woken, so that every step is worth showing.
fn taking_turns(events: usize) -> Run {
    let mut run = Run::new("src/buffer.rs", &[]);
    run.lane("T1", LaneKind::Thread, LaneState::Runs).lane("T2", LaneKind::Thread, LaneState::Runs);
    for event in 0..events {
        run.event(event % 2, EventKind::Notify, "notify", 1).link(
            LinkKind::Wakes,
            (event + 1) % 2,
            LaneState::Wants,
        );
    }
    run
}

#[test]
fn a_slice_holds_the_steps_that_tell_what_happened() {
    assert_eq!(steps(&condvar_buffer().run, Detail::Slice), [3, 6, 9, 10, 14, 17, 18, 20, 21, 22]);
    assert_eq!(steps(&pipes().run, Detail::Slice), [5, 7, 9, 10, 12, 13, 17, 22, 24, 25, 26, 27]);
    assert_eq!(steps(&fork_server().run, Detail::Slice), [2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 14]);
}

#[test]
fn all_of_a_run_is_every_step() {
    assert_eq!(steps(&condvar_buffer().run, Detail::All), (1..=22).collect::<Vec<_>>());
}

#[test]
fn a_slice_keeps_the_fourteen_steps_nearest_to_the_decisive_one() {
    let mut run = taking_turns(100);
    run.timeline.events[49].mark = Mark::Wrong;
    assert_eq!(steps(&run.timeline, Detail::Slice), (43..=56).collect::<Vec<_>>());
}

#[test]
fn without_a_decisive_step_a_slice_keeps_the_last_fourteen() {
    assert_eq!(steps(&taking_turns(100).timeline, Detail::Slice), (87..=100).collect::<Vec<_>>());
}

#[test]
fn marked_steps_are_never_left_out() {
    let mut run = taking_turns(100);
    for event in (0..100).step_by(5) {
        run.timeline.events[event].mark = Mark::Stuck;
    }
    assert_eq!(steps(&run.timeline, Detail::Slice), (1..=100).step_by(5).collect::<Vec<_>>());
}

#[test]
fn the_last_step_of_a_stuck_lane_is_kept_however_far_away() {
    let mut run = taking_turns(1);
    run.lane("T3", LaneKind::Thread, LaneState::Runs)
        .event(2, EventKind::Lock, "lock", 1)
        .after(LaneState::Wants);
    for event in 0..100 {
        run.event(event % 2, EventKind::Notify, "notify", 1).link(
            LinkKind::Wakes,
            (event + 1) % 2,
            LaneState::Wants,
        );
    }
    run.ending(2, How::Stuck, "in lock");
    assert!(steps(&run.timeline, Detail::Slice).contains(&2));
}

#[test]
fn the_creation_of_a_lane_is_kept_if_something_of_the_lane_is() {
    let mut run = Run::new("src/server.rs", &[]);
    run.lane("server", LaneKind::Process, LaneState::Runs);
    run.lane("child 1", LaneKind::Process, LaneState::Absent).lane(
        "child 2",
        LaneKind::Process,
        LaneState::Absent,
    );
    run.event(0, EventKind::Spawn, "fork", 1).link(LinkKind::Creates, 1, LaneState::Runs);
    run.event(0, EventKind::Spawn, "fork", 1).link(LinkKind::Creates, 2, LaneState::Runs);
    run.event(2, EventKind::Panic, "panics", 2).after(LaneState::Ended);
    assert_eq!(steps(&run.timeline, Detail::Slice), [2, 3]);
}

#[test]
fn lines_change_with_the_steps() {
    let run = condvar_buffer().run;
    assert_eq!(row(&run, Content::Step(9)).before, [Line::Holds, Line::Waits, Line::Waits]);
    assert_eq!(row(&run, Content::Step(9)).after, [Line::Holds, Line::Wants, Line::Waits]);
    assert_eq!(row(&run, Content::Step(18)).after, [Line::Stuck, Line::Gone, Line::Wants]);
    assert_eq!(row(&run, Content::Ending(0)).after, [Line::Stuck, Line::Gone, Line::Stuck]);
}

#[test]
fn a_lane_is_stuck_from_its_last_step_on_and_not_before() {
    let run = condvar_buffer().run;
    assert_eq!(row(&run, Content::Step(5)).after[2], Line::Waits);
    assert_eq!(row(&run, Content::Step(13)).before[0], Line::Holds);
    assert_eq!(row(&run, Content::Step(13)).after[0], Line::Stuck);
    let run = pipes().run;
    assert_eq!(row(&run, Content::Step(24)).before[0], Line::Waits);
    assert_eq!(row(&run, Content::Step(24)).after[0], Line::Stuck);
}

#[test]
fn a_server_at_rest_is_not_stuck() {
    assert_eq!(row(&fork_server().run, Content::Ending(1)).after[1], Line::Waits);
}

#[test]
fn the_missing_step_stands_on_its_side_of_its_neighbour() {
    let around = |timeline: &Timeline| {
        let rows = rows(timeline, Detail::Slice);
        let at = rows.iter().position(|row| row.content == Content::Missing).expect("a missing step");
        rows[at - 1..=at + 2].iter().map(|row| row.content.clone()).collect::<Vec<_>>()
    };
    let after = [Content::Note(17), Content::Missing, Content::Helped, Content::Step(19)];
    assert_eq!(around(&condvar_buffer().run), after);
    let before = [Content::Step(12), Content::Missing, Content::Helped, Content::Step(16)];
    assert_eq!(around(&pipes().run), before);
}

#[test]
fn nothing_recorded_is_nothing_drawn() {
    assert!(rows(&Timeline::default(), Detail::Slice).is_empty());
}
