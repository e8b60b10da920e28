//! `run_server`: what one client means to the next.

use super::Play;
use crate::checks::serving;
use crate::process::Input;
use crate::scene::{Address, ConnectOptions, Connection, Explain, Failed, Program};
use crate::steps::{Evidence, Looked};
use crate::trace::{Call, Fault, Kind, Rule};
use nix::errno::Errno;
use protocol::pattern;
use protocol::sockets::Task;

const RUN: &str = "run_server";
/// `run_server` with a listener of the driver's.
pub(super) const SERVE: Task = Task::RunServer { useless: false };
/// Several times what the buffers between client and server hold.
const FLOOD: usize = 4 << 20;
const BUFFERS: ConnectOptions =
    ConnectOptions { receive_buffer: Some(128 << 10), send_buffer: Some(256 << 10) };

pub(super) fn closes_each_connection(play: &mut Play<'_>) -> Result<String, Failed> {
    let (server, port) = begin(play)?;
    let before = sockets(play, server)?;
    for _ in 0..3 {
        let client = play.connect(Address::v4(port))?;
        echo(play, client, b"hello")?;
        leaves(play, client)?;
        let held = sockets(play, server)?.saturating_sub(before);
        let name = play.name(client).to_owned();
        play.require(
            held == 0,
            "server",
            Looked::at(Evidence::Descriptors, "holds no connection any more"),
            &format!("it holds {held}"),
        )
        .or_say(&format!("Served is not closed: the server still holds the connection of {name}."))
        .expected("no descriptor of a served client is left in the server")
        .ask(WHO_OWNS)
        .misconception("connection-kept")?;
    }
    Ok("Three clients saw end of file, and the server kept none of their connections.".to_owned())
}

pub(super) fn serves_client_after_client(play: &mut Play<'_>) -> Result<String, Failed> {
    let (_, port) = begin(play)?;
    let messages: [&[u8]; 4] = [b"the first client says a lot", b"second", b"3rd", b"4"];
    let mut waiting = Vec::new();
    for message in messages {
        let client = connect(play, port)?;
        play.send(client, message)?;
        waiting.push(client);
    }
    for (turn, message) in messages.into_iter().enumerate() {
        own_bytes(play, waiting[turn], message)?;
        waiting.get(turn + 1).map_or(Ok(()), |next| waits_its_turn(play, *next))?;
        leaves(play, waiting[turn])?;
    }
    let late = connect(play, port)?;
    play.send(late, b"late")?;
    own_bytes(play, late, b"late")?;
    Ok("Four waiting clients and a late one were served in turn, each with its own bytes.".to_owned())
}

pub(super) fn survives_a_reset(play: &mut Play<'_>) -> Result<String, Failed> {
    let server = play.start("server", &SERVE)?;
    let port = play.port(server, RUN)?;
    let before = sockets(play, server)?;
    resets_while_read(play, port)?;
    next_is_served(play, port, "reset while it was read from")?;
    resets_while_written(play, port)?;
    next_is_served(play, port, "reset while it was written to")?;
    leaves_before_accept(play, port)?;
    next_is_served(play, port, "left before it was accepted")?;
    let held = sockets(play, server)?.saturating_sub(before);
    play.require(
        held == 0,
        "server",
        Looked::at(Evidence::Descriptors, "holds no connection any more"),
        &format!("it holds {held}"),
    )
    .or_say("A client that has reset is gone, and the server still holds its connection.")
    .expected("a connection is closed whatever `serve_client` has returned")
    .ask(WHO_OWNS)
    .misconception("connection-kept")?;
    serving::interrupted(play, server, port)?;
    fails_for_one_client(play)?;
    Ok("Clients that reset while being read from, written to, and queued cost nobody else anything, and neither did a signal."
        .to_owned())
}

/// What a reset looks like is the system's choice: whichever call meets it, with whichever error.
fn fails_for_one_client(play: &mut Play<'_>) -> Result<(), Failed> {
    for (call, errno) in
        [(Call::Read, Errno::ECONNRESET), (Call::Write, Errno::ECONNRESET), (Call::Write, Errno::EPIPE)]
    {
        let rule = Rule::new(call, Fault::Fails(errno)).on(Kind::Accepted);
        let server = play.start_with_faults("server", &SERVE, Input::Nothing, [rule])?;
        let port = play.port(server, RUN)?;
        let lost = connect(play, port)?;
        play.send(lost, b"lost")?;
        play.at_rest(server)?;
        play.close(lost);
        next_is_served(play, port, &format!("had gone ({errno:?} of `{}`)", call.name()))?;
        play.kill(server);
    }
    Ok(())
}

fn resets_while_read(play: &mut Play<'_>, port: u16) -> Result<(), Failed> {
    let client = play.connect(Address::v4(port))?;
    echo(play, client, b"hello")?;
    play.reset(client);
    Ok(())
}

fn resets_while_written(play: &mut Play<'_>, port: u16) -> Result<(), Failed> {
    let client = play.connect_with(Address::v4(port), BUFFERS)?;
    play.send_until_blocked(client, &pattern(FLOOD))?;
    play.reset(client);
    Ok(())
}

fn leaves_before_accept(play: &mut Play<'_>, port: u16) -> Result<(), Failed> {
    let served = play.connect(Address::v4(port))?;
    echo(play, served, b"me first")?;
    let queued = play.connect(Address::v4(port))?;
    play.reset(queued);
    leaves(play, served)
}

fn next_is_served(play: &mut Play<'_>, port: u16, deed: &str) -> Result<(), Failed> {
    let client = play.connect(Address::v4(port));
    client
        .and_then(|client| echo(play, client, b"next").and_then(|()| leaves(play, client)))
        .or_say(&format!(
            "One client's reset is not the server's end: a client {deed}, and nobody served the next."
        ))
        .expected("what goes wrong with one client costs only that client")
        .ask("Whose trouble is the result of `serve_client`, and what is done with it?")
        .misconception("reset-ends-server")
}

fn begin(play: &mut Play<'_>) -> Result<(Program, u16), Failed> {
    let server = play.start_watched("server", &SERVE, Input::Nothing, [])?;
    let port = play.port(server, RUN)?;
    Ok((server, port))
}

const NEXT: &str = "What happens after a client is done: to the listener, to the loop, and to the buffer?";

fn connect(play: &mut Play<'_>, port: u16) -> Result<Connection, Failed> {
    play.connect(Address::v4(port))
        .or_say("A server serves for ever: after some clients, the next one found nobody.")
        .expected("the listener stays open, whatever becomes of the clients")
        .ask(NEXT)
        .misconception("one-client")
}

/// The client gets what it sent, and nothing of another one.
fn own_bytes(play: &mut Play<'_>, client: Connection, message: &[u8]) -> Result<(), Failed> {
    let name = play.name(client).to_owned();
    let came = play.expect(client, message);
    came.and_then(|()| play.expect_nothing(client))
        .map_err(|failed| match play.came(client).is_empty() {
            true => failed.or_say(&format!("A server serves for ever: {name} is there, and is not served.")),
            false => failed.or_say(&format!(
                "Nothing of one client is left for the next: {name} did not get exactly its own bytes back."
            )),
        })
        .expected("each client is served in turn, and nothing of the one before is left")
        .ask(NEXT)
        .misconception("one-client")
}

/// One client at a time: as long as one is there, the next one is not answered.
fn waits_its_turn(play: &mut Play<'_>, next: Connection) -> Result<(), Failed> {
    let name = play.name(next).to_owned();
    play.expect_nothing(next)
        .map_err(|failed| {
            let treated = play.treated(next);
            failed.or_say(&format!(
                "One client at a time: {name} {treated} before the client in front of it had left."
            ))
        })
        .expected("the others wait in the queue until the client before them is served")
        .ask("When is the next client accepted, and who serves it?")
        .misconception("one-client")
}

const WHO_OWNS: &str = "Who owns the connection, and when is it dropped?";

/// The client has no more to say, and sees the server close.
fn leaves(play: &mut Play<'_>, client: Connection) -> Result<(), Failed> {
    let name = play.name(client).to_owned();
    play.half_close(client)?;
    play.expect_end(client)
        .or_say(&format!("Served is not closed: {name} is done, and never sees end of file."))
        .expected("`run_server` closes a connection when its client is served")
        .ask(WHO_OWNS)
        .misconception("connection-kept")
}

/// How many sockets the server holds at rest.
fn sockets(play: &mut Play<'_>, server: Program) -> Result<usize, Failed> {
    Ok(play.at_rest(server)?.sockets().len())
}

fn echo(play: &mut Play<'_>, client: Connection, message: &[u8]) -> Result<(), Failed> {
    play.send(client, message)?;
    play.expect(client, message)
        .or_say("The server runs, and a client gets no echo.")
        .expected("each accepted connection is handed to `serve_client`")
        .ask("What is done with what `accept` returns?")
        .misconception("one-client")
}
