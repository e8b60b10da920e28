//! `Worker`: messages keep their boundaries, and the server comes to an end.

use super::capture::nothing_left;
use super::ends::both_ends;
use super::{Play, answer, both_go_on, same, unexpected};
use crate::observe::{Snapshot, Syscall};
use crate::process::Input;
use crate::scene::{Explain, Failed, Program};
use crate::steps::{Action, Actor, Evidence, Looked};
use crate::trace::{Call, Rule};
use nix::errno::Errno;
use protocol::pipes::{Act, Answer, Handler, Said, Task};
use protocol::{Content, pattern};

const START: &str = "Worker::start";
const CALL: &str = "Worker::call";
const STOP: &str = "Worker::stop";
/// What a worker is used by.
pub(super) const FUNCTIONS: [&str; 3] = [START, CALL, STOP];
/// Nothing, something, less than a pipe holds, exactly as much, and many times that.
const SIZES: &[usize] = &[0, 1, 10_000, 65_536, 1_000_000, 0, 3, 65_535, 70_000];

pub(super) fn keeps_boundaries(play: &mut Play<'_>) -> Result<String, Failed> {
    let calls = SIZES.iter().map(|&size| call(0, size));
    let client = work(play, std::iter::once(Act::Start(Handler::Echo)).chain(calls).collect(), [])?;
    started(play, client)?;
    for &size in SIZES {
        answered(play, client, &pattern(size))?;
    }
    for (request, size) in [(1, 1_000_000), (1_000_000, 1), (65_536, 0)] {
        let client = work(play, vec![Act::Start(Handler::Size(size)), call(0, request)], [])?;
        started(play, client)?;
        answered(play, client, &pattern(size))?;
    }
    let client = work(play, vec![Act::Start(Handler::Count), call(0, 9), call(0, 0), call(0, 9)], [])?;
    started(play, client)?;
    for count in ["1", "2", "3"] {
        answered(play, client, count.as_bytes())?;
    }
    Ok("Messages of 0 to 1000000 bytes came through whole in both directions, each as one.".to_owned())
}

pub(super) fn stop_ends_the_server(play: &mut Play<'_>) -> Result<String, Failed> {
    let round = [Act::Start(Handler::Process), call(0, 4), Act::Wait, Act::Stop { worker: 0 }];
    let again = [Act::Start(Handler::Echo), Act::Stop { worker: 1 }];
    let client = work(play, round.into_iter().chain(again).collect(), [])?;
    started(play, client)?;
    serves_elsewhere(play, client)?;
    play.feed_as(client, b"\n", Actor::Grader, Action::Does("lets `client` stop the server".to_owned()))?;
    stopped(play, client, 0)?;
    started(play, client)?;
    stopped(play, client, 0)?;
    nothing_left(play, client, STOP)?;
    Ok("Each side held its own ends; stopping ended the server, told its status, and left nothing."
        .to_owned())
}

/// The handler runs in a child, and each process holds one end of each pipe.
fn serves_elsewhere(play: &mut Play<'_>, client: Program) -> Result<(), Failed> {
    let came = reply(play, client)?;
    let found = play.at_rest(client)?;
    let mut children = found.processes.iter().skip(1);
    let server = children.any(|child| child.pid.to_string().as_bytes() == came.head);
    play.require(server, Actor::Grader, "expects the handler to run in a child", "it ran somewhere else")
        .or_say("A server is a process of its own: the handler did not run in a child of the client.")
        .expected("the handler runs in the child that `Worker::start` has made")
        .ask("Which process calls the handler?")?;
    let both = both_ends(&found);
    let seen = both.as_ref().map_or(String::new(), |both| both.words.clone());
    play.require(
        both.is_none(),
        Actor::Grader,
        Looked::at(Evidence::Descriptors, "expects each process to hold one end of each pipe"),
        &seen,
    )
    .or_say(&format!("Who holds both ends of a pipe never sees its end: {seen}."))
    .expected("each process closes the ends that belong to the other one")
    .ask("Which two of the four ends does each side need, and what happens to the other two?")
    .misconception("both-ends-kept")
    .at(|| both?.origin(play))
}

pub(super) fn stops_in_any_order(play: &mut Play<'_>) -> Result<String, Failed> {
    let acts = vec![
        Act::Start(Handler::Echo),
        Act::Start(Handler::Echo),
        call(0, 7),
        call(1, 100_000),
        Act::Stop { worker: 0 },
        call(1, 9),
        Act::Stop { worker: 1 },
    ];
    let client = work(play, acts, [])?;
    started(play, client)?;
    started(play, client)?;
    answered(play, client, &pattern(7))?;
    answered(play, client, &pattern(100_000))?;
    answer(play, client, STOP, kept_by_the_later).and_then(|answer| is_status(play, client, answer, 0))?;
    answered(play, client, &pattern(9))?;
    stopped(play, client, 0)?;
    nothing_left(play, client, STOP)?;
    Ok("The older of two workers was stopped first, and the younger one went on.".to_owned())
}

fn kept_by_the_later(_: &mut Play<'_>, failed: Failed) -> Failed {
    failed
        .or_say("Who is forked later inherits what is open: the second server holds a copy, and the first one waits on.")
        .expected("workers can be stopped in any order")
        .ask("What tells the server that there will be no more requests, and who could keep that from it?")
        .misconception("inherited-by-the-later")
}

pub(super) fn a_broken_handler(play: &mut Play<'_>) -> Result<String, Failed> {
    let endings = [
        (Handler::Panic, "panicked", 101),
        (Handler::Exit(3), "ended by itself", 3),
        (Handler::Signal(9), "was killed", 137),
    ];
    for (handler, how, status) in endings {
        let acts = vec![
            Act::Start(handler),
            call(0, 5),
            Act::Wait,
            call(0, 1_000_000),
            Act::Wait,
            Act::Stop { worker: 0 },
        ];
        let client = work(play, acts, [])?;
        started(play, client)?;
        for _ in 0..2 {
            no_answer(play, client, how)?;
            play.feed_as(client, b"\n", Actor::Grader, Action::Does("lets `client` go on".to_owned()))?;
        }
        play.look_at("src/channel.rs", if status == 101 { START } else { STOP });
        stopped(play, client, status).map_err(|failed| {
            if gave_up_unheard(&failed) {
                play.look_at("src/channel.rs", STOP);
            }
            unheard(how, failed)
        })?;
        nothing_left(play, client, STOP)?;
        play.look_at("src/channel.rs", CALL);
    }
    Ok("A server that panicked, ended, or was killed cost an `Err` and nothing else, and its status was told."
        .to_owned())
}

/// Whether `stop` gave up since the server could not be told to end.
fn gave_up_unheard(failed: &Failed) -> bool {
    failed.errno == Some(Errno::EPIPE)
}

/// A server that has gone cannot be told to end.
fn unheard(how: &str, failed: Failed) -> Failed {
    if !gave_up_unheard(&failed) {
        return failed;
    }
    failed
        .or_say(&format!(
            "Who has gone need not be told: the server {how}, and `stop` gave up before it had waited."
        ))
        .expected("`stop` waits for a server that cannot be told any more, and says how it ended")
        .ask("What does `stop` do when the server does not hear it?")
        .misconception("server-gone")
}

/// Expects that a call reports that there is no answer. A child that is left by a panic says so a moment later.
fn no_answer(play: &mut Play<'_>, client: Program, how: &str) -> Result<(), Failed> {
    play.note("client", format!("calls a server that {how}"));
    play.at_rest(client)?;
    let mut told = None;
    while let Some(said) = play.heard(client)? {
        if let Said::Answer(Answer::Astray { panicked }) = said {
            return Err(both_go_on(play, START, panicked));
        }
        told.get_or_insert(said);
    }
    let told = match told.map_or_else(|| play.said(client), Ok) {
        Ok(Said::Answer(Answer::Early { .. }) | Said::Refused { .. }) => Ok(()),
        Ok(other) => Err(unexpected(CALL, "an `Err`", &other)),
        Err(failed) => Err(failed),
    };
    told.or_say(&format!(
        "A server may end at any time: it {how}, and `call` did not report that no answer comes."
    ))
    .expected("`call` returns an `Err`: EPIPE from `write`, or an early end from `read`")
    .ask("What do `write` and `read` say when the process at the other end has gone?")
    .misconception("server-gone")
}

fn call(worker: usize, size: usize) -> Act {
    Act::Call { worker, size }
}

/// Starts a client that does this; some of its calls, and of its servers', come out otherwise.
pub(super) fn work(
    play: &mut Play<'_>,
    acts: Vec<Act>,
    rules: impl IntoIterator<Item = Rule>,
) -> Result<Program, Failed> {
    play.start_with_faults("client", &Task::Work { acts }, Input::Fed, rules)
}

pub(super) fn started(play: &mut Play<'_>, client: Program) -> Result<(), Failed> {
    play.returned(client, START)?;
    play.note("client", "starts a server");
    Ok(())
}

/// Expects this answer to a call.
pub(super) fn answered(play: &mut Play<'_>, client: Program, bytes: &[u8]) -> Result<(), Failed> {
    let came = reply(play, client)?;
    let words = match came.size == bytes.len() {
        true => format!("{} bytes are due, and others came.", bytes.len()),
        false => format!("an answer of {} bytes is due, and {} came.", bytes.len(), came.size),
    };
    same(play, "client", bytes, &came)
        .or_say(&format!("A pipe knows no messages: {words}"))
        .expected("each answer comes back whole and alone, whatever its size and its bytes")
        .ask("How does the reader know where a message ends?")
        .misconception("no-boundaries")
        .at(|| play.last(client, Call::Read))
}

/// What a call has brought back. Whether a write or a read shows first that a server has gone is chance.
fn reply(play: &mut Play<'_>, client: Program) -> Result<Content, Failed> {
    match play.said(client) {
        Ok(Said::Answer(Answer::Bytes(came))) => Ok(came),
        Ok(Said::Answer(Answer::Astray { panicked })) => Err(both_go_on(play, START, panicked)),
        Ok(Said::Answer(Answer::Early { .. }) | Said::Refused { .. }) => Err(play
            .require(false, "client", "gets an answer", "`call` returned an `Err`: the server has gone")
            .or_say(
                "Every request has an answer, and the server goes on: there was no answer, and no server.",
            )
            .expected("the server answers one request after the other until it is stopped")
            .ask("What ends the server, and which request can be taken for that?")
            .unwrap_err()),
        Ok(other) => Err(unexpected(CALL, "an answer", &other)),
        Err(failed) => Err(stuck(play, client, failed)),
    }
}

pub(super) fn stopped(play: &mut Play<'_>, client: Program, status: i32) -> Result<(), Failed> {
    let answer = answer(play, client, STOP, |play, failed| stuck(play, client, failed))?;
    is_status(play, client, answer, status)
}

fn is_status(play: &mut Play<'_>, client: Program, answer: Answer, status: i32) -> Result<(), Failed> {
    let Answer::Status(told) = answer else {
        return Err(unexpected(STOP, "a status", &Said::Answer(answer)));
    };
    play.require(told == status, "client", format!("is told status {status}"), &format!("it is told {told}"))
        .or_say(&format!("How the server ended is told by `stop`: status {status}, and it said {told}."))
        .expected(&format!("status {status}"))
        .ask("How does the server end in this case, and which number does a shell make of it?")
        .misconception("status")
        .at(|| play.last(client, Call::Wait))
}

/// Words for a client that gets no answer, by where it and its server are found.
fn stuck(play: &mut Play<'_>, client: Program, failed: Failed) -> Failed {
    let found = play.snapshot(client);
    let (headline, question, misconception) = if all_in(&found, Syscall::Read) {
        (
            "A pipe knows no messages: client and server both wait in read, each for bytes of the other.",
            "How does each side know that it has got all of a message?",
            "no-boundaries",
        )
    } else if found.blocked_in(Syscall::Write) {
        (
            "A pipe knows no messages: one side is blocked in write, and the other one does not read what is left.",
            "How many bytes does each side read for a message, and how does it know?",
            "no-boundaries",
        )
    } else if found.blocked_in(Syscall::Wait) {
        (
            "A server ends when it is told to: the client waits for it, and it waits for the next request.",
            "What tells the server that there will be no more requests, and is it told before the client waits?",
            "server-not-told",
        )
    } else {
        return failed;
    };
    failed
        .or_say(headline)
        .expected("the answer to every request, and the end of the server when it is stopped")
        .ask(question)
        .misconception(misconception)
}

fn all_in(found: &Snapshot, call: Syscall) -> bool {
    let mut threads = found.processes.iter().flat_map(|process| &process.threads);
    threads.all(|thread| thread.is_in(call))
}
