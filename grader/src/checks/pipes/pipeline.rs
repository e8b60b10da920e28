//! `run_pipeline`: stages side by side, each with its own two ends and no other.

use super::capture::{nothing_left, owned};
use super::ends::{pipe_ends, surplus};
use super::{Play, answer, at_rest, hang};
use crate::process::Input;
use crate::scene::{Explain, Failed, Program};
use crate::steps::{Actor, Evidence, Looked};
use crate::trace::Call;
use protocol::pipes::{Answer, Task};

const RUN: &str = "run_pipeline";
/// Many times what the pipes between the stages hold.
const LINES: usize = 25_000;

/// A command, and a pipeline of them.
type Stages<'a> = &'a [&'a [&'a str]];

const CATS: Stages = &[&["cat"], &["tee"], &["cat"]];

pub(super) fn stages_run_at_once(play: &mut Play<'_>) -> Result<String, Failed> {
    let parent = start(play, &[CATS], Input::Fed)?;
    let large = "bytes on their way through three stages\n".repeat(LINES);
    for bytes in [b"hello\n", large.as_bytes()] {
        play.feed(parent, bytes)
            .and_then(|()| play.expect_output(parent, bytes))
            .or_say("Stages run side by side: what the first one reads did not come out of the last one.")
            .expected("bytes flow through all stages while each of them still runs")
            .ask("Where does each stage read from and write to, and which of them run at this moment?")
            .misconception("one-stage-at-a-time")
            .map_err(|failed| hang::explain(play, parent, CATS.len(), failed))?;
    }
    play.end_input(parent);
    ended(play, parent, CATS, &[0, 0, 0])?;
    Ok(format!("{} bytes flowed through three stages, which all ran at the same time.", large.len()))
}

pub(super) fn pipeline_ends(play: &mut Play<'_>) -> Result<String, Failed> {
    let long: Stages = &[&["cat"], &["tr", "a-z", "A-Z"], &["sort"]];
    let parent = start(play, &[long], Input::Fed)?;
    play.feed(parent, b"b\na\n")?;
    play.end_input(parent);
    ended(play, parent, long, &[0, 0, 0])?;
    writes(play, parent, b"A\nB\n")?;
    reads_no_input(play)?;
    Ok("Every stage saw the end of the one before it, and the pipeline ended: with three stages, two, one, none.".to_owned())
}

/// The first stage has no use for its input, which does not end.
fn reads_no_input(play: &mut Play<'_>) -> Result<(), Failed> {
    let two: Stages = &[&["printf", "%s\\n", "two words", "one"], &["sort"]];
    let one: Stages = &[&["echo", "alone"]];
    let parent = start(play, &[two, one, &[]], Input::Fed)?;
    ended(play, parent, two, &[0, 0])?;
    writes(play, parent, b"one\ntwo words\n")?;
    ended(play, parent, one, &[0])?;
    writes(play, parent, b"alone\n")?;
    ended(play, parent, &[], &[])
}

pub(super) fn only_its_own_ends(play: &mut Play<'_>) -> Result<String, Failed> {
    let parent = start(play, &[CATS, &[&["true"], &["false"]]], Input::Fed)?;
    let found = play
        .at_rest(parent)
        .or_say("Who waits sleeps: the parent does not come to rest while its stages run.")
        .expected("the parent is blocked in `waitpid` until a stage ends")
        .ask("What does the parent do while no stage has ended?")
        .misconception("asks-again")
        .at(|| play.last(parent, Call::Wait))?;
    let running = found.children();
    play.require(running == CATS.len(), Actor::Grader, "expects three stages", &format!("{running} run"))
        .or_say("Three stages are to run side by side, and they do not.")
        .map_err(|failed| hang::explain(play, parent, CATS.len(), failed))?;
    let surplus = surplus(&found);
    let seen = surplus.as_ref().map_or(String::new(), |surplus| surplus.words.clone());
    play.require(
        surplus.is_none(),
        Actor::Grader,
        Looked::at(Evidence::Descriptors, "expects each stage to hold 0, 1 and 2 alone"),
        &seen,
    )
    .or_say(&format!("A stage needs its own two ends and no other: {seen}."))
    .expected("a stage holds the pipes on its two sides by 0 and 1, and no other end of any pipe")
    .ask("Which ends has this stage inherited by the time it is made, and who closes them?")
    .misconception("ends-inherited")
    .at(|| surplus?.origin(play))?;
    let kept = found.processes.first().map(pipe_ends).unwrap_or_default();
    play.require(
        kept.is_empty(),
        "parent",
        Looked::at(Evidence::Descriptors, "holds no end of a pipe"),
        &format!("it holds {kept:?}"),
    )
    .or_say(&format!("Who neither reads nor writes needs no end: the parent still holds {kept:?}."))
    .expected("the parent holds no end of a pipe once the stages run")
    .ask("When does the parent need each end for the last time?")
    .misconception("write-end-kept")
    .at(|| play.origin(found.processes.first()?.pid, *kept.first()?))?;
    play.end_input(parent);
    ended(play, parent, CATS, &[0, 0, 0])?;
    ended(play, parent, &[&["true"], &["false"]], &[0, 1])?;
    nothing_left(play, parent, RUN)?;
    Ok("Each stage held its own two ends, the parent none; afterwards nothing was left.".to_owned())
}

pub(super) fn ends_with_its_reader(play: &mut Play<'_>) -> Result<String, Failed> {
    let stages: Stages = &[&["yes"], &["cat"], &["head", "-n", "1"]];
    let parent = start(play, &[stages], Input::Nothing)?;
    let statuses = statuses(play, parent, stages.len())?;
    writes(play, parent, b"y\n")?;
    let seen = format!("{statuses:?} came");
    play.require(statuses == [141, 141, 0], Actor::Grader, "expects the statuses [141, 141, 0]", &seen)
        .or_say("An ignored signal stays ignored over exec: `yes` was not ended by SIGPIPE when its reader had gone.")
        .expected("statuses 141 (128 + SIGPIPE) of `yes` and `cat`, and 0 of `head`")
        .ask("What does a Rust program do with SIGPIPE, and what does a program find that it starts?")
        .misconception("sigpipe-ignored")
        .at(|| play.last_of_all(parent, Call::Exec))?;
    Ok("`yes | cat | head -n 1` printed one line, and SIGPIPE ended the stages before it.".to_owned())
}

pub(super) fn status_of_every_stage(play: &mut Play<'_>) -> Result<String, Failed> {
    let stages: Stages = &[
        &["sh", "-c", "read line; exit 3"],
        &["no-program-of-this-name"],
        &["sh", "-c", "kill -TERM $$"],
        &["true"],
        &["sh", "-c", "exit 5"],
    ];
    let parent = start(play, &[stages], Input::Fed)?;
    let early = at_rest(play, parent, RUN)?.is_some();
    play.require(
        !early,
        "parent",
        Looked::at(Evidence::Waits, "waits for the first stage, the last to end"),
        "it has returned",
    )
    .or_say("Every stage is waited for: `run_pipeline` returned while the first stage still ran.")
    .expected("`run_pipeline` returns when every stage has ended")
    .ask("For which of the children does the parent wait?")
    .misconception("not-reaped")?;
    play.feed(parent, b"\n")?;
    ended(play, parent, stages, &[3, 127, 143, 0, 5])?;
    Ok("Five stages told how they ended, in their own order, and not in the order of their ends.".to_owned())
}

fn start(play: &mut Play<'_>, pipelines: &[Stages], input: Input) -> Result<Program, Failed> {
    let own = |stages: &Stages| stages.iter().map(|command| owned(command)).collect();
    let pipelines = pipelines.iter().map(own).collect();
    play.start_with("parent", &Task::RunPipeline { pipelines }, input)
}

/// Expects that a pipeline ends, with these statuses.
fn ended(play: &mut Play<'_>, parent: Program, stages: Stages, expected: &[i32]) -> Result<(), Failed> {
    let shown = stages.iter().map(|command| command.join(" ")).collect::<Vec<_>>().join(" | ");
    let statuses = statuses(play, parent, stages.len())?;
    play.note("parent", format!("has run `{}`", shown.escape_default()));
    let seen = format!("{statuses:?} came");
    play.require(statuses == expected, Actor::Grader, format!("expects the statuses {expected:?}"), &seen)
        .or_say(&format!("Every stage has a status, in the order of the stages: {statuses:?} came."))
        .expected(&format!("the statuses {expected:?}"))
        .ask("Which child does each `waitpid` wait for, and what is made of its result?")
        .misconception("status")
        .at(|| play.last(parent, Call::Wait))
}

fn statuses(play: &mut Play<'_>, parent: Program, stages: usize) -> Result<Vec<i32>, Failed> {
    match answer(play, parent, RUN, |play, failed| hang::explain(play, parent, stages, failed))? {
        Answer::Ended(statuses) => Ok(statuses),
        _ => Err(Failed::unchecked("The driver answered something else than statuses.")),
    }
}

fn writes(play: &mut Play<'_>, parent: Program, output: &[u8]) -> Result<(), Failed> {
    play.expect_output(parent, output)
        .or_say(
            "A stage's output is the next one's input: what the last stage wrote is not what it had to be.",
        )
        .expected("the last stage writes to the caller's standard output what went through all stages")
        .ask("Which end of which pipe is the standard input of this stage, and which its standard output?")
        .misconception("output")
}
