//! `serve_protected`: a process per client, one client at a time.

use super::Play;
use super::holders::{listener_closed, served_in_a_child};
use crate::checks::serving::{Left, Server, ask, begin, echo, greet, is_gone, leave, none_left};
use crate::scene::{Connection, Explain, Failed};
use crate::trace::Call;
use nix::sys::signal::Signal;
use protocol::fork_server::Function;
use protocol::serving::Request;

pub(super) fn in_a_process(play: &mut Play<'_>) -> Result<String, Failed> {
    let server = begin(play, &Function::Protected.task())?;
    for _ in 0..2 {
        let client = served(play, &server)?;
        served_in_a_child(play, &server, client)?;
        listener_closed(play, &server)?;
        done(play, client)?;
    }
    Ok("Two clients were served, each in a child that had nothing open but its connection.".to_owned())
}

pub(super) fn one_at_a_time(play: &mut Play<'_>) -> Result<String, Failed> {
    let server = begin(play, &Function::Protected.task())?;
    let mut waiting = Vec::new();
    for message in [&b"first"[..], b"second", b"third"] {
        let client = play.connect(server.address())?;
        play.send(client, message)?;
        waiting.push((client, message));
    }
    for turn in 0..waiting.len() {
        let (client, message) = waiting[turn];
        play.expect(client, message)
            .map_err(|failed| failed.or_say(&unserved(play, &server, turn + 1)))
            .expected("clients wait in the listener's queue, and are served in the order they came")
            .ask("What does the parent do when its child has ended?")
            .misconception("one-client")?;
        waiting.get(turn + 1).map_or(Ok(()), |(next, _)| waits_its_turn(play, &server, *next))?;
        play.close(client);
    }
    Ok("Of three clients that were there, each was served when the one before it had left.".to_owned())
}

fn unserved(play: &Play<'_>, server: &Server, client: usize) -> String {
    match is_gone(&play.snapshot(server.program)) {
        true => format!("A server serves for ever: it was gone before client {client} had its turn."),
        false => {
            format!("One after the other is each in its turn: client {client} was not served in its own.")
        }
    }
}

/// As long as one is served, the next one is not.
fn waits_its_turn(play: &mut Play<'_>, server: &Server, next: Connection) -> Result<(), Failed> {
    let name = play.name(next).to_owned();
    play.expect_nothing(next)
        .map_err(|failed| {
            let treated = play.treated(next);
            failed.or_say(&format!(
                "One child at a time: {name} {treated} before the client in front of it had left."
            ))
        })
        .expected("the parent waits for its child before it accepts the next client")
        .ask("What does the parent do between the fork and the next accept?")
        .misconception("does-not-wait")
        .at(|| play.last(server.program, Call::Wait).or_else(|| play.last(server.program, Call::Fork)))
}

pub(super) fn waits(play: &mut Play<'_>) -> Result<String, Failed> {
    let server = begin(play, &Function::Protected.task())?;
    let first = served(play, &server)?;
    let second = play.connect(server.address())?;
    play.send(second, b"second")?;
    for _ in 0..2 {
        play.at_rest(server.program)?;
        play.signal(server.program, Signal::SIGUSR1)?;
        play.expect_nothing(second)
            .or_say("Interrupted is not ended: a signal came while the parent waited, and it went on to the next client.")
            .expected("the wait goes on until the child has ended, whatever interrupts it")
            .ask("What does `waitpid` return when a signal arrives, and what is then known of the child?")
            .misconception("wait-interrupted")
            .at(|| play.interrupted(server.program))?;
    }
    echo(play, first, b"still here")?;
    play.close(first);
    play.expect(second, b"second")
        .or_say("A signal is not the server's end: one came while it waited for a child, and nobody served the next client.")
        .expected("the next client is served when the child has ended")
        .ask("What does `waitpid` return when a signal arrives, and what becomes of that?")
        .misconception("wait-interrupted")?;
    play.close(second);
    none_left(play, &server, Left::Zombie, 2)?;
    Ok("Two signals did not end the wait for a child; no zombie was left.".to_owned())
}

pub(super) fn crash(play: &mut Play<'_>) -> Result<String, Failed> {
    let server = begin(play, &Function::Protected.task())?;
    let deeds = [
        (Request::Abort, "died of a signal"),
        (Request::Panic, "panicked"),
        (Request::Exit, "called `exit`"),
    ];
    for (request, deed) in deeds {
        let victim = served(play, &server)?;
        ask(play, victim, request)?;
        play.expect_over(victim)
            .or_say(&format!(
                "A crash is an end as well: a handler {deed}, and its client's connection stays open."
            ))
            .expected("the connection is closed, however its handler came to its end")
            .ask("What closes the connection where the handler does not return?")
            .misconception("connection-kept")?;
        let next = greet(play, &server);
        next.map(|client| play.close(client))
            .or_say(&format!(
                "A crash harms one client: a handler {deed}, and the next client was not served."
            ))
            .expected("the child is gone, and the server accepts the next client")
            .ask("How far does a crash reach, and what does the parent get to see of it?")
            .misconception("crash-spreads")?;
        none_left(play, &server, Left::Process, 2)?;
    }
    Ok("Handlers that died of a signal, panicked, and called `exit` harmed their own client alone."
        .to_owned())
}

/// A new client gets its bytes back.
fn served(play: &mut Play<'_>, server: &Server) -> Result<Connection, Failed> {
    greet(play, server)
        .or_say("The server runs, and a client gets no echo.")
        .expected("the handler is called with each connection")
        .ask("What is done with what `accept` returns, and by which of the two processes?")
        .misconception("one-client")
}

/// A client leaves, and sees the connection end with its child.
fn done(play: &mut Play<'_>, client: Connection) -> Result<(), Failed> {
    let name = play.name(client).to_owned();
    leave(play, client)
        .or_say(&format!("Served is not closed: {name} is done, and never sees end of file."))
        .expected("the client sees end of file when its child has ended")
        .ask("How many copies of this connection are there, and when is each of them closed?")
        .misconception("connection-kept")
}
