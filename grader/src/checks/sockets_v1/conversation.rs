//! `run_client`: the grader is the server, the user who types, and the one who reads the output.

use super::Play;
use crate::checks::play::unexpected;
use crate::process::Input;
use crate::scene::{Address, Connection, Explain, Failed, Listener, Program};
use crate::steps::Actor;
use crate::trace::Rule;
use protocol::pattern;
use protocol::program::Said;
use protocol::sockets::Task;
use std::net::SocketAddr;

const RUN: &str = "run_client";
/// More than the pipe and both socket buffers hold.
const FLOOD: usize = 2 << 20;
const ROUNDS: usize = 16;
const QUESTION: &[u8] = b"what is a socket?\n";

/// A client in the middle of things.
pub(super) struct Conversation {
    pub(super) client: Program,
    /// The server's end of the client's connection.
    pub(super) peer: Connection,
    /// What the client prints arrives here.
    pub(super) output: Connection,
}

pub(super) fn client_sends_and_receives(play: &mut Play<'_>) -> Result<String, Failed> {
    let Conversation { client, peer, output } = begin(play, Input::Fed, false)?;
    play.feed(client, QUESTION)?;
    play.expect(peer, QUESTION)
        .or_say("What is typed goes to the server: the input did not arrive there.")
        .ask("Which descriptor is read, and where do its bytes go?")
        .misconception("one-direction")?;
    play.send(peer, b"an I/O queue\0\xff")?;
    play.expect(output, b"an I/O queue\0\xff")
        .map_err(|failed| failed.or_say(printed(play.came(output))))
        .ask("Which descriptor is read, and where do its bytes go?")
        .misconception("one-direction")?;
    play.feed(client, b"and what else?\n")?;
    play.expect(peer, b"and what else?\n")
        .or_say("One read is not all of the input: the second line did not arrive at the server.")
        .expected("only a read of 0 bytes is the end of the input")
        .ask("What does a read that returns something say about what comes later?")
        .misconception("one-read")?;
    play.end_input(client);
    play.expect_end(peer)
        .or_say("The end of input is the end of sending: the server still waits for more.")
        .expected(
            "at the end of input the client shuts its sending side down, and the server reads end of file",
        )
        .ask("How does the server learn that nothing more will come?")
        .misconception("no-half-close")?;
    play.send(peer, b"and a descriptor")?;
    play.expect(output, b"and a descriptor")
        .or_say("Half closed is not closed: what the server said after the end of input was not printed.")
        .expected("after the end of input, answers of the server still reach the output")
        .ask("Which direction ends with the input, and which does not?")
        .misconception("no-half-close")?;
    play.close(peer);
    ends(play, client, output)?;
    Ok("Bytes went both ways, and the end of input ended one direction only.".to_owned())
}

/// What is wrong with the output, by what came there instead of the server's answer.
fn printed(came: &[u8]) -> &'static str {
    match came {
        [] => "What the server says is printed: its answer did not appear on the output.",
        came if came.starts_with(QUESTION) => {
            "What is printed is what the server says: what was typed appeared on the output."
        }
        _ => "Bytes are printed as they came: the answer appeared on the output with other bytes in it.",
    }
}

pub(super) fn client_both_ways_at_once(play: &mut Play<'_>) -> Result<String, Failed> {
    speaks_first(play)?;
    let flood = pattern(FLOOD);
    let Conversation { client, peer, output } = begin(play, Input::Bytes(flood.clone()), false)?;
    hears_while_held_up(play, client, peer, output)?;
    play.expect(peer, &flood)
        .or_say("Everything typed reaches the server, also where sending was held up in between.")
        .ask("How many bytes did each call take, and what happens to the rest?")
        .misconception("short-write")?;
    play.expect_end(peer).misconception("no-half-close")?;
    play.close(peer);
    ends(play, client, output)?;
    Ok("The server was heard while the input was silent, and while sending was held up.".to_owned())
}

pub(super) fn client_ends_with_the_server(play: &mut Play<'_>) -> Result<String, Failed> {
    let Conversation { client, peer, output } = begin(play, Input::Fed, true)?;
    play.send(peer, b"goodbye")?;
    play.close(peer);
    has_returned(play, client)?;
    play.expect(output, b"goodbye")
        .or_say("The last words count: what the server sent before it closed was not printed.")
        .ask("What is done with bytes that arrive together with the end?")
        .misconception("waits-for-input")?;
    play.expect_end(output)
        .or_say("The client prints what the server says, and nothing else.")
        .misconception("one-direction")?;
    Ok("The server closed, and the client ended while its input was still open.".to_owned())
}

/// The server reads nothing, but says something again and again. What it says carries acknowledgements, which may let the
/// client send once more: only after some rounds has it sent all that the buffers on the way hold.
fn hears_while_held_up(
    play: &mut Play<'_>,
    client: Program,
    peer: Connection,
    output: Connection,
) -> Result<(), Failed> {
    for _ in 0..ROUNDS {
        play.at_rest(client)?;
        play.send(peer, b"too much!")?;
        play.expect(output, b"too much!")
            .or_say("Both directions flow at once: while sending was held up, the server's words were not printed.")
            .expected("a client that cannot send for the moment still receives and prints")
            .ask("In which call is the client while the server takes nothing more?")
            .misconception("one-direction-at-a-time")?;
    }
    Ok(())
}

/// The user is silent, and the server is not.
fn speaks_first(play: &mut Play<'_>) -> Result<(), Failed> {
    let Conversation { client, peer, output } = begin(play, Input::Fed, false)?;
    play.at_rest(client)?;
    play.send(peer, b"welcome")?;
    play.expect(output, b"welcome")
        .or_say("Both directions flow at once: nothing was typed, and the server's words were not printed.")
        .expected("what the server says appears at once, also while the input is silent")
        .ask("Which of the two descriptors does the client wait for?")
        .misconception("one-direction-at-a-time")?;
    play.kill(client);
    Ok(())
}

/// A client whose output is a connection to the grader, so that it is seen at once; or a pipe, as in a shell, which is seen
/// when the client has returned.
fn begin(play: &mut Play<'_>, input: Input, piped: bool) -> Result<Conversation, Failed> {
    begin_as(play, piped, |play, task| play.start_with("client", task, input))
}

/// The same, with faults in the client's calls.
pub(super) fn begin_with(
    play: &mut Play<'_>,
    input: Input,
    piped: bool,
    rules: impl IntoIterator<Item = Rule>,
) -> Result<Conversation, Failed> {
    begin_as(play, piped, |play, task| play.start_with_faults("client", task, input, rules))
}

fn begin_as<'a>(
    play: &mut Play<'a>,
    piped: bool,
    start: impl FnOnce(&mut Play<'a>, &Task) -> Result<Program, Failed>,
) -> Result<Conversation, Failed> {
    let server = play.listen(Address::v4(0))?;
    let shown = play.listen(Address::v4(0))?;
    let task = Task::RunClient { server: place(play, server)?, output: place(play, shown)?, piped };
    let client = start(play, &task)?;
    let peer = play.expect_connection(server)?;
    let output = play.expect_connection(shown)?;
    let (peer_name, output_name) = (play.name(peer).to_owned(), play.name(output).to_owned());
    play.note(Actor::Grader, format!("{peer_name} is the server; {output_name} gets what the client prints"));
    Ok(Conversation { client, peer, output })
}

/// The server has closed: the function returns, and nothing more is printed.
pub(super) fn ends(play: &mut Play<'_>, client: Program, output: Connection) -> Result<(), Failed> {
    has_returned(play, client)?;
    play.expect_end(output)
        .or_say("The client prints what the server says, and nothing else.")
        .misconception("one-direction")
}

fn has_returned(play: &mut Play<'_>, client: Program) -> Result<(), Failed> {
    let failed = match play.said(client) {
        Ok(Said::Returned) => return Ok(()),
        Ok(said) => {
            let failed = unexpected(RUN, "`Ok(())`", &said);
            let headline = format!("A conversation that went well ends with `Ok`, but {}", failed.summary);
            failed.or_say(&headline)
        }
        Err(failed) => {
            failed.or_say("The conversation is over when the server ends it: `run_client` did not return.")
        }
    };
    Err(failed)
        .expected("`run_client` returns `Ok(())` once the server has closed its side")
        .ask("What does `read` return when the server has closed, and who looks at it?")
        .misconception("waits-for-input")
}

fn place(play: &Play<'_>, listener: Listener) -> Result<SocketAddr, Failed> {
    match play.address(listener) {
        Address::Inet(address) => Ok(address),
        Address::Unix(_) => Err(Failed::unchecked("The grader's listener has no IP address.")),
    }
}
