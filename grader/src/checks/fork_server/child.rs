//! What a child of `serve_parallel` is: a process for one client, and for nothing else.

use super::Play;
use super::holders::listener_closed;
use crate::checks::serving::{Server, begin, greet, leave, nothing_left};
use crate::observe::{Process, Snapshot};
use crate::scene::{Explain, Failed};
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
    for turn in 1..=3 {
        let client = greet(play, &server)?;
        leave(play, client)?;
        play.at_rest(server.program)?;
        nobody_else_accepts(play, &server)?;
        nobody_came_out(play, &server)?;
        only_one_serves(play, &server, turn)?;
    }
    leave(play, stays)?;
    nothing_left(play, &server, 4)?;
    nobody_came_out(play, &server)?;
    Ok("Each child ended with its client: none accepted another, and none came back out of `serve_parallel`."
        .to_owned())
}

fn nobody_else_accepts(play: &mut Play<'_>, server: &Server) -> Result<(), Failed> {
    let now = play.snapshot(server.program);
    let accepts = |process: &&&Process| {
        process
            .threads
            .iter()
            .any(|thread| thread.blocked.as_ref().is_some_and(|blocked| blocked.call == "accept"))
    };
    let child = made_since(server, &now).iter().find(accepts).map(|process| process.name.clone());
    let seen = child.map_or_else(String::new, |name| format!("`{name}` is blocked in accept"));
    play.require(seen.is_empty(), "server", "is the only one to accept", &seen)
        .or_say("After fork both go on: a child came back into the loop, and waits for clients itself.")
        .expected("only the server accepts; a child ends when its handler has returned")
        .ask(GOES)
        .misconception("child-goes-on")
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
}

fn only_one_serves(play: &mut Play<'_>, server: &Server, gone: usize) -> Result<(), Failed> {
    let now = play.until(server.program, |now| made_since(server, now).len() == 1)?;
    let children = made_since(server, &now).len();
    play.require(
        children == 1,
        "server",
        "has one child, for the client that is still there",
        &format!("it has {children}"),
    )
    .or_say(&format!(
        "A child ends when its client is served: {gone} gone, one still there, and {children} children."
    ))
    .expected("one child per client that is still there")
    .ask(GOES)
    .misconception("child-goes-on")
}

const GOES: &str = "Where does the child go after the handler has returned?";

/// The processes that were made for clients and have not ended.
fn made_since<'a>(server: &Server, now: &'a Snapshot) -> Vec<&'a Process> {
    let old = |pid| server.before.processes.iter().any(|process| process.pid == pid);
    now.processes.iter().filter(|process| !process.zombie && !old(process.pid)).collect()
}
