//! What a child of `serve_parallel` is: a process for one client, and for nothing else.

use super::Play;
use super::holders::listener_closed;
use crate::checks::serving::{BACK_IN_THE_LOOP, Left, Server, begin, came_back, greet, none_left};
use crate::observe::{Process, Snapshot, Syscall};
use crate::scene::{Explain, Failed};
use crate::steps::{Evidence, Looked};
use crate::trace::Call;
use protocol::fork_server::Answer;
use protocol::fork_server::Function::Parallel;
use protocol::program::Said;

pub(super) fn closes_listener(play: &mut Play<'_>) -> Result<String, Failed> {
    let server = begin(play, &Parallel.task())?;
    for _ in 0..3 {
        greet(play, &server)?;
        listener_closed(play, &server)?;
    }
    Ok("While three clients were served, only the server itself had the listener open.".to_owned())
}

pub(super) fn ends(play: &mut Play<'_>) -> Result<String, Failed> {
    let server = begin(play, &Parallel.task())?;
    let stays = greet(play, &server)?;
    let serving = made_since(&server, &play.at_rest(server.program)?);
    for gone in 1..=3 {
        let client = greet(play, &server)?;
        play.close(client);
        play.at_rest(server.program)?;
        nobody_else_accepts(play, &server)?;
        nobody_came_out(play, &server)?;
        ended(play, &server, serving, gone)?;
    }
    play.close(stays);
    none_left(play, &server, Left::Process, 4)?;
    nobody_came_out(play, &server)?;
    Ok("Each child ended with its client: none accepted another, none came back out of `serve_parallel`."
        .to_owned())
}

fn nobody_else_accepts(play: &mut Play<'_>, server: &Server) -> Result<(), Failed> {
    let accepts = |process: &&Process| {
        let mut threads = process.threads.iter();
        threads.any(|thread| thread.blocked.as_ref().is_some_and(|blocked| blocked.call == Syscall::Accept))
    };
    let now = play.snapshot(server.program);
    let accepting: Vec<_> = now.processes.iter().filter(accepts).collect();
    let names: Vec<_> = accepting.iter().map(|process| &*process.name).collect();
    let seen = format!("blocked in accept are `{}`", names.join("` and `"));
    play.require(
        accepting.len() <= 1,
        "server",
        Looked::at(Evidence::Waits, "is the only one to accept"),
        &seen,
    )
    .or_say(BACK_IN_THE_LOOP)
    .expected("one process accepts; a child ends when its handler has returned")
    .ask(GOES)
    .misconception("child-goes-on")
    .at(|| play.wait_of(accepting.last()?.pid))
}

/// The driver tells when the function is left in another process than the one that called it.
fn nobody_came_out(play: &mut Play<'_>, server: &Server) -> Result<(), Failed> {
    let escaped = matches!(play.heard(server.program)?, Some(Said::Answer(Answer::Escaped)));
    play.require(!escaped, "server", "is left by no child", "a child returned from `serve_parallel`")
        .or_say(
            "After fork both go on: a child came back out of `serve_parallel`, and carried on in its caller.",
        )
        .expected("a child ends when its handler has returned; it never leaves the function")
        .ask(GOES)
        .misconception("child-goes-on")
        .at(|| play.last(server.program, Call::Fork))
}

fn ended(play: &mut Play<'_>, server: &Server, serving: usize, gone: usize) -> Result<(), Failed> {
    let now = play.until(server.program, |now| made_since(server, now) <= serving)?;
    let more = made_since(server, &now).saturating_sub(serving);
    play.require(more == 0, "server", "has no child for a client that has gone", &format!("it has {more}"))
        .map_err(|failed| match came_back(play, server, &now) {
            true => failed.or_say(BACK_IN_THE_LOOP),
            false => failed.or_say(&format!(
                "A child ends when its client is served: {gone} gone, and {more} of their children still run."
            )),
        })
        .expected("a child per client that is still there")
        .ask(GOES)
        .misconception("child-goes-on")
        .at(|| Left::Process.origin(play, server, &now))
}

const GOES: &str = "Where does the child go after the handler has returned?";

/// How many processes were made for clients and have not ended.
fn made_since(server: &Server, now: &Snapshot) -> usize {
    now.processes.iter().filter(|process| !process.zombie && !server.had(process.pid)).count()
}
