//! `listen_at` and `connect_at`: the socket file, and what may be in its place.

use super::Play;
use crate::checks::play::unexpected;
use crate::scene::{Address, Explain, Failed};
use crate::steps::Actor;
use crate::trace::Call;
use protocol::program::Said;
use protocol::sockets::{Answer, Task};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

const LISTEN: &str = "listen_at";
const CONNECT: &str = "connect_at";

pub(super) fn unix_socket(play: &mut Play<'_>) -> Result<String, Failed> {
    play.look_at_calls(&[Call::Bind, Call::Connect]);
    let directory = play.directory().to_owned();
    let path = directory.join("echo");
    serves(play, &path)?;
    serves(play, &path)
        .or_say(
            "A socket file outlives its server: one that is left over keeps the next server from listening.",
        )
        .expected("`listen_at` replaces a socket file that an earlier server left behind")
        .ask("What lies at the path when a server has ended, and what does `bind` say to it?")
        .misconception("stale-socket-file")?;
    keeps_a_file(play, &directory.join("notes"))?;
    keeps_a_link(play, &directory.join("link"), &path)?;
    play.look_at("src/local.rs", CONNECT);
    connects(play, &directory.join("served"))?;
    nobody_there(play, &directory.join("nobody"))?;
    Ok("A server at a path was reached, its leftover file replaced, and another file left alone.".to_owned())
}

/// A server listens at the path, accepts a client and ends; its socket file stays.
fn serves(play: &mut Play<'_>, path: &Path) -> Result<(), Failed> {
    let server = play.start("server", &Task::ListenAt { path: path.to_owned(), accept: 1 })?;
    play.port(server, LISTEN)?;
    play.connect(Address::Unix(path.to_owned()))
        .or_say("A server listens at a path, and a client that connects there finds nobody.")
        .expected("`listen_at` returns a stream socket that is bound to the path and listens")
        .ask("Which calls make a listener of a socket, and which type of socket is it?")?;
    match play.said(server)? {
        Said::Answer(Answer::Accepted { .. }) => play.kill(server),
        other => return Err(unexpected(LISTEN, "a listening socket", &other)),
    }
    Ok(())
}

fn keeps_a_file(play: &mut Play<'_>, path: &Path) -> Result<(), Failed> {
    fs::write(path, "precious").map_err(|error| unchecked(&error))?;
    keeps(play, path, "a regular file", |path| fs::read(path).is_ok_and(|bytes| bytes == b"precious"))
}

/// A link to what is left of a server is still a link, and somebody made it.
fn keeps_a_link(play: &mut Play<'_>, path: &Path, leftover: &Path) -> Result<(), Failed> {
    symlink(leftover, path).map_err(|error| unchecked(&error))?;
    keeps(play, path, "a link to a socket file", |path| fs::read_link(path).is_ok())
}

fn keeps(play: &mut Play<'_>, path: &Path, what: &str, kept: fn(&Path) -> bool) -> Result<(), Failed> {
    play.note(Actor::Grader, format!("puts {what} where the next server is to listen"));
    let server = play.start("server", &Task::ListenAt { path: path.to_owned(), accept: 0 })?;
    let said = play.said(server)?;
    let kept = kept(path);
    let answer = if matches!(said, Said::Refused { .. }) { "an `Err` came" } else { "no `Err` came" };
    let seen = format!("{answer}, and it is {}", if kept { "still there" } else { "gone" });
    play.require(
        kept && matches!(said, Said::Refused { .. }),
        Actor::Grader,
        format!("expects an `Err`, and {what} that is still there"),
        &seen,
    )
    .or_say(&format!("Not every file is a leftover: {what} was in the way and was not respected."))
    .expected("`listen_at` returns an `Err` and leaves a file alone that is no socket")
    .ask("How is a leftover told from a file that somebody needs?")
    .misconception("stale-socket-file")
}

fn connects(play: &mut Play<'_>, path: &Path) -> Result<(), Failed> {
    let listener = play.listen(Address::Unix(path.to_owned()))?;
    let client = play.start("client", &Task::ConnectAt { path: path.to_owned() })?;
    match play.said(client)? {
        Said::Answer(Answer::Connected { .. }) => {}
        other => return Err(unexpected(CONNECT, "a connected socket", &other)),
    }
    play.expect_connection(listener)
        .map(drop)
        .or_say("`connect_at` returned a socket, and nobody has connected.")
        .ask("Which call connects a socket to a path?")
        .misconception("socket-without-connect")
}

fn nobody_there(play: &mut Play<'_>, path: &Path) -> Result<(), Failed> {
    let client = play.start("client", &Task::ConnectAt { path: path.to_owned() })?;
    play.refused(client, CONNECT)
        .or_say("Where nobody listens, the caller has to learn it.")
        .expected("`connect_at` returns an `Err`")
        .ask("What becomes of the result of `connect`?")
        .misconception("panic-instead-of-result")
}

fn unchecked(error: &std::io::Error) -> Failed {
    Failed::unchecked(format!("The grader could not prepare a directory: {error}."))
}
