//! What the kernel may do at any time and seldom does: short counts, and signals in every call that can block.

use super::capture::owned;
use super::reading::comes;
use super::worker::{answered, started, stopped, work};
use super::writing::take;
use super::{Play, answer, hang};
use crate::process::Input;
use crate::scene::{Explain, Failed};
use crate::steps::Actor;
use crate::trace::{Call, Fault, Kind, Record, Role, Rule};
use protocol::pipes::{Act, Answer, Handler, Task};
use protocol::{Content, pattern};

const CAPTURE: &str = "capture";
const RUN: &str = "run_pipeline";
const CALL: &str = "Worker::call";
/// What goes to a worker and back: less than one length takes, and more than a pipe holds.
const REQUESTS: [usize; 3] = [5, 70_000, 3];

pub(super) fn short_counts_change_nothing(play: &mut Play<'_>) -> Result<String, Failed> {
    play.look_at("src/io.rs", "write_all");
    write_all(play)?;
    let most = |call, most| Rule::new(call, Fault::Short(most)).times(1, 60);
    let reads = most(Call::Read, 3).by(Role::Program);
    for (function, task) in
        [("read_to_end", Task::ReadToEnd { path: None }), ("read_exact", Task::ReadExact { sizes: vec![90] })]
    {
        play.look_at("src/io.rs", function);
        let since = play.calls().len();
        let reader = play.start_with_faults("reader", &task, Input::Bytes(pattern(90)), [reads])?;
        comes(play, reader, function, &pattern(90))
            .or_say(&format!(
                "A read may give less than it was asked for: `{function}` took 3 bytes for all there were."
            ))
            .expected("the next read goes on where the one before ended, until all bytes have come")
            .ask("What does a count say that is above 0 and below what was asked for?")
            .misconception("short-read")?;
        made(play, Call::Read, since)?;
    }
    play.look_at("src/channel.rs", CALL);
    let rules = [most(Call::Read, 3).on(Kind::Pipe), most(Call::Write, 5_000).on(Kind::Pipe)];
    let since = play.calls().len();
    talk(play, rules)
        .or_say("Length and message are bytes like all others: a call moved a part of one, and it was taken for all.")
        .misconception("short-read")?;
    made(play, Call::Read, since)?;
    Ok("Every byte arrived, although reads gave 3 bytes, and writes took a part, at the most.".to_owned())
}

/// A write of no more than a page is taken whole or not at all, so only larger ones can be cut short.
fn write_all(play: &mut Play<'_>) -> Result<(), Failed> {
    const SIZE: usize = 50_000;
    let rule = Rule::new(Call::Write, Fault::Short(1_000)).on(Kind::Pipe).times(1, 20);
    let task = Task::WriteAll { size: SIZE, restart: true };
    let writer = play.start_with_faults("writer", &task, Input::Fed, [rule])?;
    take(play, writer, &pattern(SIZE))
        .or_say("A write may take less than it is given: it took 1000 bytes, and the others did not arrive.")
        .expected("every byte arrives, in order, however few of them one call takes")
        .ask("What does `write` return, and what becomes of the bytes that it did not take?")
        .misconception("short-write")?;
    play.end_input(writer);
    play.returned(writer, "write_all")
}

pub(super) fn interrupted_anywhere(play: &mut Play<'_>) -> Result<String, Failed> {
    let strikes = |call, nth| Rule::new(call, Fault::Interrupted).by(Role::Program).times(nth, 1);
    let rules = [1, 2].map(|nth| strikes(Call::Wait, nth));
    let reads = [1, 3].map(|nth| strikes(Call::Read, nth).on(Kind::Pipe));
    play.look_at("src/pipeline.rs", CAPTURE);
    captures(play, rules.into_iter().chain(reads))?;
    play.look_at("src/pipeline.rs", RUN);
    runs(play, rules)?;
    play.look_at("src/channel.rs", CALL);
    let both = [Role::Program, Role::Child].into_iter().flat_map(|role| {
        [(Call::Read, 1), (Call::Read, 4), (Call::Write, 1), (Call::Write, 3)].map(|(call, nth)| Rule {
            role,
            on: Some(Kind::Pipe),
            ..strikes(call, nth)
        })
    });
    let since = play.calls().len();
    talk(play, rules.into_iter().chain(both))
        .or_say("A signal is not a failure: calls returned EINTR in client and server, and one was not made again.")
        .misconception("interrupted")?;
    interrupted(play, Call::Wait, since)?;
    Ok("Signals interrupted reads, writes and waits on both sides, and changed nothing.".to_owned())
}

fn captures(play: &mut Play<'_>, rules: impl IntoIterator<Item = Rule>) -> Result<(), Failed> {
    let since = play.calls().len();
    let task = Task::Capture { commands: vec![owned(&["echo", "hello"])], unwritten: String::new() };
    let parent = play.start_with_faults("parent", &task, Input::Nothing, rules)?;
    let found = answer(play, parent, CAPTURE, |play, failed| hang::explain(play, parent, 1, failed));
    let right = Answer::Captured { output: Content::of(b"hello\n"), status: 0 };
    is(play, CAPTURE, found, right)?;
    interrupted(play, Call::Wait, since)
}

fn runs(play: &mut Play<'_>, rules: impl IntoIterator<Item = Rule>) -> Result<(), Failed> {
    let since = play.calls().len();
    let parent = play.start_with_faults("parent", &pipeline(&[&["cat"], &["cat"]]), Input::Nothing, rules)?;
    let found = answer(play, parent, RUN, |play, failed| hang::explain(play, parent, 2, failed));
    is(play, RUN, found, Answer::Ended(vec![0, 0]))?;
    interrupted(play, Call::Wait, since)
}

/// Expects this answer, whatever was interrupted.
fn is(
    play: &mut Play<'_>,
    function: &str,
    found: Result<Answer, Failed>,
    right: Answer,
) -> Result<(), Failed> {
    let (expected, seen) = (right.to_string(), found.as_ref().map(Answer::to_string).unwrap_or_default());
    found
        .and_then(|found| play.require(found == right, Actor::Grader, format!("expects {expected}"), &seen))
        .or_say(&format!(
            "A signal is not a failure: a call returned EINTR in `{function}`, and it did not make it again."
        ))
        .expected("a call that a signal has interrupted is made again")
        .ask("Which calls of this function can block, and what does each do with EINTR?")
        .misconception("interrupted")
}

/// A client and its server exchange messages, and part.
fn talk(play: &mut Play<'_>, rules: impl IntoIterator<Item = Rule>) -> Result<(), Failed> {
    let calls = REQUESTS.map(|size| Act::Call { worker: 0, size });
    let acts = [Act::Start(Handler::Echo)].into_iter().chain(calls).chain([Act::Stop { worker: 0 }]);
    let client = work(play, acts.collect(), rules)?;
    started(play, client)
        .and_then(|()| REQUESTS.iter().try_for_each(|size| answered(play, client, &pattern(*size))))
        .and_then(|()| stopped(play, client, 0))
        .expected("every message comes through whole, and the server ends when it is stopped")
        .ask(
            "Which calls move the length and the message, and what does each do with a part, and with EINTR?",
        )
}

fn pipeline(stages: &[&[&str]]) -> Task {
    Task::RunPipeline { pipelines: vec![stages.iter().map(|command| owned(command)).collect()] }
}

/// A call that was to be interrupted has to have been, or there was nothing to see.
fn interrupted(play: &mut Play<'_>, call: Call, since: usize) -> Result<(), Failed> {
    met(play, since, |record| record.call == call && record.fault.is_some())
}

/// A call that was to be cut short has to have been made. One that asks for no more than it gets cannot be.
fn made(play: &mut Play<'_>, call: Call, since: usize) -> Result<(), Failed> {
    met(play, since, |record| record.call == call)
}

fn met(play: &mut Play<'_>, since: usize, wanted: impl Fn(&Record) -> bool) -> Result<(), Failed> {
    match play.calls()[since..].iter().any(wanted) {
        true => Ok(()),
        false => Err(Failed::unchecked("No call was made that could come out otherwise.")),
    }
}
