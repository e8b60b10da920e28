//! The checks of pipes: each starts the driver with one function of the student's, between pipes of the grader's.

mod capture;
mod ends;
mod failures;
mod faults;
mod hang;
mod pipeline;
mod reading;
mod signals;
mod worker;
mod writing;

use super::play::{self, unexpected};
use crate::check::{Finding, Status};
use crate::scene::{Explain, Failed, Program, Scene};
use crate::steps::Actor;
use crate::supervisor::Job;
use protocol::Content;
use protocol::pipes::{Answer, Said, Task};

type Play<'a> = play::Play<'a, Task>;

const CHECKS: &[(&str, play::Check<Task>)] = &[
    ("writes-all", writing::writes_all),
    ("reads-to-the-end", reading::reads_to_the_end),
    ("reads-exactly", reading::reads_exactly),
    ("signals-change-nothing", signals::signals_change_nothing),
    ("captures-output", capture::captures_output),
    ("captures-more-than-a-pipe-holds", capture::captures_more_than_a_pipe_holds),
    ("tells-how-it-ended", capture::tells_how_it_ended),
    ("capture-leaves-nothing", capture::capture_leaves_nothing),
    ("stages-run-at-once", pipeline::stages_run_at_once),
    ("pipeline-ends", pipeline::pipeline_ends),
    ("only-its-own-ends", pipeline::only_its_own_ends),
    ("ends-with-its-reader", pipeline::ends_with_its_reader),
    ("status-of-every-stage", pipeline::status_of_every_stage),
    ("keeps-boundaries", worker::keeps_boundaries),
    ("stop-ends-the-server", worker::stop_ends_the_server),
    ("stops-in-any-order", worker::stops_in_any_order),
    ("a-broken-handler", worker::a_broken_handler),
    ("short-counts-change-nothing", faults::short_counts_change_nothing),
    ("interrupted-anywhere", faults::interrupted_anywhere),
    ("failures-leave-nothing", failures::failures_leave_nothing),
];

/// The ids of the checks, in the order in which they are reported.
pub fn ids() -> impl Iterator<Item = &'static str> {
    CHECKS.iter().map(|(id, _)| *id)
}

/// Plays the check that a job names.
pub fn play(job: &Job, scene: &mut Scene) -> Finding {
    match CHECKS.iter().find(|(id, _)| *id == job.check) {
        Some((_, check)) => play::judge(scene, &job.source, *check),
        None => Finding::new(Status::Unchecked, format!("There is no check `{}` in pipes.", job.check)),
    }
}

/// What a function answers; `explain` finds words where no answer comes.
fn answer(
    play: &mut Play<'_>,
    program: Program,
    function: &str,
    explain: impl FnOnce(&mut Play<'_>, Failed) -> Failed,
) -> Result<Answer, Failed> {
    match play.said(program) {
        Ok(Said::Answer(Answer::Astray { panicked })) => Err(both_go_on(play, function, panicked)),
        Ok(Said::Answer(answer)) => Ok(answer),
        Ok(Said::Refused { message, errno }) => {
            let headline = format!("Nothing has failed for good, and `{function}` gave up: {message}.");
            Err(unexpected(function, "a result", &Said::Refused { message, errno })).or_say(&headline)
        }
        Ok(other) => Err(unexpected(function, "a result", &other)),
        Err(failed) => Err(explain(play, failed)),
    }
}

/// What the driver has said by the time all is at rest; that a second process has come out of the function is a failure.
fn at_rest(play: &mut Play<'_>, program: Program, function: &str) -> Result<Option<Said>, Failed> {
    play.at_rest(program)?;
    match play.heard(program)? {
        Some(Said::Answer(Answer::Astray { panicked })) => Err(both_go_on(play, function, panicked)),
        said => Ok(said),
    }
}

/// Expects that what has come are these bytes.
fn same(play: &mut Play<'_>, actor: impl Into<Actor>, bytes: &[u8], came: &Content) -> Result<(), Failed> {
    let expected = Content::of(bytes);
    let seen = match came.size == expected.size && came.head == expected.head {
        true => format!("as many came, which differ from them behind the first {}", came.head.len()),
        false => format!("{came} came"),
    };
    play.require(*came == expected, actor, format!("expects {expected}"), &seen)
}

/// A child has come out of the function.
fn both_go_on(play: &mut Play<'_>, function: &str, panicked: bool) -> Failed {
    let (file, function) = match worker::FUNCTIONS.contains(&function) {
        true => ("src/channel.rs", "Worker::start"),
        false => ("src/pipeline.rs", function),
    };
    play.look_at(file, function);
    let what = match panicked {
        true => format!("a panic in a child of `{function}` went up to the caller"),
        false => format!("`{function}` came back a second time, in a child"),
    };
    play.require(
        false,
        Actor::Grader,
        format!("expects `{function}` to come back in its caller alone"),
        &what,
    )
    .or_say(&format!("After `fork` both processes go on: {what}."))
    .expected("a child becomes another program, serves, or ends by `_exit`; it never gets back to the caller")
    .ask("On which paths does the child leave the branch that is its own?")
    .misconception("both-go-on")
    .unwrap_err()
}
