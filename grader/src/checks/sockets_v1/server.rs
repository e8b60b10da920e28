//! `run_server`: what one client means to the next.

use super::play::Play;
use crate::scene::{Address, Connection, Explain, Failed, Program};
use protocol::sockets::Task;

const RUN: &str = "run_server";
/// More than the buffers between client and server hold.
const FLOOD: usize = 16 << 20;

pub(super) fn closes_each_connection(play: &mut Play<'_>) -> Result<String, Failed> {
    let (server, port) = begin(play)?;
    for _ in 0..3 {
        let client = play.connect(Address::v4(port))?;
        echo(play, client, b"hello")?;
        play.half_close(client)?;
        let name = play.name(client).to_owned();
        play.expect_end(client)
            .or_say(&format!(
                "Served is not closed: {name} is done, and never sees end of file."
            ))
            .expected("`run_server` closes a connection when its client is served")
            .ask("Who owns the connection, and when is it dropped?")
            .misconception("connection-kept")?;
        play.expect_connection_closed(server, client)
            .or_say(&format!(
                "Served is not closed: the server still holds the connection of {name}."
            ))
            .expected("no descriptor of a served client is left in the server")
            .ask("Who owns the connection, and when is it dropped?")
            .misconception("connection-kept")?;
    }
    Ok("Three clients saw end of file, and the server kept none of their connections.".to_owned())
}

pub(super) fn serves_client_after_client(play: &mut Play<'_>) -> Result<String, Failed> {
    let (_, port) = begin(play)?;
    let messages: [&[u8]; 4] = [b"the first client says a lot", b"second", b"3rd", b"4"];
    let mut waiting = Vec::new();
    for message in messages {
        waiting.push((
            play.connect(Address::v4(port))
                .or_say(ONLY_ONE)
                .misconception("one-client")?,
            message,
        ));
    }
    for (client, message) in waiting {
        let name = play.name(client).to_owned();
        play.send(client, message)
            .or_say(ONLY_ONE)
            .misconception("one-client")?;
        play.expect(client, message)
            .or_say(&format!(
                "A server serves for ever: {name} did not get exactly its own bytes back."
            ))
            .expected("each client is served in turn, and nothing of the one before is left")
            .ask("What happens after a client is done: to the listener, the loop, and the buffer?")
            .misconception("one-client")?;
        play.half_close(client)?;
        play.expect_over(client).misconception("connection-kept")?;
    }
    let late = play
        .connect(Address::v4(port))
        .or_say(ONLY_ONE)
        .misconception("one-client")?;
    echo(play, late, b"late")
        .or_say(ONLY_ONE)
        .misconception("one-client")?;
    Ok("Four waiting clients and a late one were served in turn, each with its own bytes.".to_owned())
}

const ONLY_ONE: &str = "A server serves for ever: after some clients, the next one found nobody.";

pub(super) fn survives_a_reset(play: &mut Play<'_>) -> Result<String, Failed> {
    let (_, port) = begin(play)?;
    resets_while_read(play, port)?;
    next_is_served(
        play,
        port,
        "reset its connection while the server waited for its bytes",
    )?;
    resets_while_written(play, port)?;
    next_is_served(play, port, "reset its connection while the server was writing")?;
    leaves_before_accept(play, port)?;
    next_is_served(play, port, "left before it was accepted")?;
    Ok(
        "Clients that reset while being read from, written to, and queued cost nobody else anything."
            .to_owned(),
    )
}

fn resets_while_read(play: &mut Play<'_>, port: u16) -> Result<(), Failed> {
    let client = play.connect(Address::v4(port))?;
    echo(play, client, b"hello")?;
    play.reset(client);
    Ok(())
}

fn resets_while_written(play: &mut Play<'_>, port: u16) -> Result<(), Failed> {
    let client = play.connect(Address::v4(port))?;
    play.send_until_blocked(client, &vec![b'x'; FLOOD])?;
    play.reset(client);
    Ok(())
}

fn leaves_before_accept(play: &mut Play<'_>, port: u16) -> Result<(), Failed> {
    let served = play.connect(Address::v4(port))?;
    echo(play, served, b"me first")?;
    let queued = play.connect(Address::v4(port))?;
    play.reset(queued);
    play.half_close(served)?;
    play.expect_over(served).misconception("connection-kept")
}

fn next_is_served(play: &mut Play<'_>, port: u16, deed: &str) -> Result<(), Failed> {
    let headline =
        format!("One client's reset is not the server's end: a client {deed}, and the next is not served.");
    let client = play.connect(Address::v4(port)).or_say(&headline);
    let served = client.and_then(|client| {
        echo(play, client, b"next").or_say(&headline)?;
        play.half_close(client)?;
        play.expect_over(client)
    });
    served
        .expected("what goes wrong with one client costs only that client")
        .ask("Whose trouble is the result of `serve_client`, and what is done with it?")
        .misconception("reset-ends-server")
}

fn begin(play: &mut Play<'_>) -> Result<(Program, u16), Failed> {
    let server = play.start("server", &Task::RunServer)?;
    let port = play.port(server, RUN)?;
    Ok((server, port))
}

fn echo(play: &mut Play<'_>, client: Connection, message: &[u8]) -> Result<(), Failed> {
    play.send(client, message)?;
    play.expect(client, message)
        .or_say("The server runs, and a client gets no echo.")
        .expected("each accepted connection is handed to `serve_client`")
        .ask("What is done with what `accept` returns?")
        .misconception("one-client")
}
