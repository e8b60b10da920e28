//! `serve_client`: the same bytes, all of them, up to the end.

use super::Play;
use crate::check::Status;
use crate::observe::{Snapshot, Syscall};
use crate::process::Ending;
use crate::scene::Connection as Client;
use crate::scene::{Address, ConnectOptions, Explain, Failed, Program};
use nix::sys::signal::Signal;
use protocol::pattern;
use protocol::sockets::{Connection, Task};

const SERVE: &str = "serve_client";
/// Around the sizes that buffers tend to have, the large one before the small ones.
const SIZES: &[usize] = &[1, 65_537, 4_096, 4_095, 1_025, 1_024, 3];
/// More than the buffers between client and server hold.
const LARGE: usize = 2 << 20;
/// Narrow: the server's writes soon find room for a part only. An odd segment size keeps that part from being a whole
/// number of the server's own buffers.
const NARROW: Connection =
    Connection { send_buffer: Some(1), segment: Some(977), no_delay: false, interruptible: false };
const RECEIVE_BUFFER: usize = 3_000;
const THROUGH_THE_NARROW: usize = 40_000;
const SIP: usize = 613;

pub(super) fn echoes_any_bytes(play: &mut Play<'_>) -> Result<String, Failed> {
    let (_, client) = begin(play, Connection::default(), ConnectOptions::default())?;
    let every_value: Vec<u8> = (0..=255).collect();
    for message in [b"hello\n", &every_value[..], b"\0", b"a\0b\0\0c", b"no line end", b"\r\n"] {
        play.send(client, message)?;
        same(play, client, message)?;
    }
    for &size in SIZES {
        let message = pattern(size);
        play.exchange(client, &message, &message)
            .or_say(&format!(
                "A buffer's size is no boundary: {size} bytes did not come back as they were sent."
            ))
            .expected("the echo is what was sent, byte for byte")
            .ask("Which part of the buffer does `read` fill, and which part is written?")
            .misconception("bytes-are-not-text")?;
    }
    nothing_more(play, client)?;
    Ok("All 256 byte values and messages round the sizes of buffers came back unchanged.".to_owned())
}

pub(super) fn echoes_until_end_of_file(play: &mut Play<'_>) -> Result<String, Failed> {
    let (server, client) = begin(play, Connection::default(), ConnectOptions::default())?;
    for message in ["first", "second", "third"] {
        play.send(client, message.as_bytes())?;
        play.expect(client, message.as_bytes())
            .or_say(&format!("One read is not the whole conversation: the {message} message was not echoed."))
            .expected("`serve_client` echoes until the client's end of file")
            .ask("What does a read that returns something say about what comes later?")
            .misconception("one-read")?;
    }
    let large = pattern(LARGE);
    play.exchange(client, &large, &large)
        .or_say("A conversation may be long: the echo of 2 MiB stopped on the way.")
        .ask("When does the loop end?")
        .misconception("one-read")?;
    let last = pattern(100_000);
    play.send_until_blocked(client, &last[..20_000])?;
    play.half_close(client)?;
    play.expect(client, &last[..20_000])
        .or_say("End of file ends what the client says, not what it is owed: the last echo is missing.")
        .ask("What is still to be written when `read` returns 0?")
        .misconception("one-read")?;
    returns(play, server)
        .or_say("A read of 0 bytes is the end: the client is done, and `serve_client` did not return `Ok`.")
        .expected("`serve_client` returns `Ok(())` at the client's end of file")
        .ask("What does `read` return at end of file, and what follows from it?")
        .misconception("end-of-file")?;
    reports_a_reset(play)?;
    Ok("Three messages, 2 MiB and the bytes before end of file came back, and then the function returned."
        .to_owned())
}

/// Who reads on after end of file gets 0 bytes as fast as the processor can ask: that limit is the misunderstanding itself.
fn returns(play: &mut Play<'_>, server: Program) -> Result<(), Failed> {
    play.returned(server, SERVE).map_err(|failed| match play.outcome(server).ending {
        Ending::ProcessorLimit(_) => {
            Failed { status: Status::Fail, seen: Some(failed.summary.clone()), ..failed }
        }
        _ => failed,
    })
}

fn reports_a_reset(play: &mut Play<'_>) -> Result<(), Failed> {
    let (server, client) = begin(play, Connection::default(), ConnectOptions::default())?;
    play.send(client, b"hello")?;
    play.expect(client, b"hello")?;
    play.reset(client);
    play.refused(server, SERVE)
        .or_say(
            "A reset is not the end of file: the client reset its connection, and the caller was not told.",
        )
        .expected("`serve_client` returns the `Err` of the call that failed")
        .ask("What becomes of the result of `read`?")
        .misconception("end-of-file")
}

pub(super) fn echoes_under_back_pressure(play: &mut Play<'_>) -> Result<String, Failed> {
    let options = ConnectOptions { receive_buffer: Some(RECEIVE_BUFFER), send_buffer: None };
    let (server, client) = begin(play, NARROW, options)?;
    let bytes = pattern(THROUGH_THE_NARROW);
    let (mut sent, mut back) = (0, 0);
    while back < bytes.len() {
        sent += play.send_until_blocked(client, &bytes[sent..])?;
        interrupt_write(play, server)?;
        let next = sent.min(back + SIP);
        play.expect(client, &bytes[back..next])
            .or_say("`write` may take less than it was given: the client reads slowly, and the echo is not what was sent.")
            .expected("every byte comes back, however slowly the client reads")
            .ask("What does `write` return, and what becomes of the bytes it did not take?")
            .misconception("short-write")?;
        back = next;
    }
    play.half_close(client)?;
    play.returned(server, SERVE)?;
    Ok(format!("{back} bytes came back to a slow client, although writes of the server were cut short."))
}

/// Interrupts a write that has no room left: what it has taken so far is then its result. A call that has taken nothing is
/// made again by the kernel, and no other call is touched, so only the count can tell.
fn interrupt_write(play: &mut Play<'_>, server: Program) -> Result<(), Failed> {
    if writes(&play.at_rest(server)?) {
        play.signal(server, Signal::SIGUSR1)?;
        play.at_rest(server)?;
    }
    Ok(())
}

fn writes(server: &Snapshot) -> bool {
    [Syscall::Write, Syscall::Send, Syscall::SendMsg].into_iter().any(|call| server.blocked_in(call))
}

pub(super) fn same(play: &mut Play<'_>, client: Client, message: &[u8]) -> Result<(), Failed> {
    play.expect(client, message)
        .map_err(|failed| failed.or_say(&changed(message, play.came(client))))
        .expected("the echo is what was sent, byte for byte: NUL and line ends are bytes like others")
        .ask("How does the server know how many bytes there are to write?")
        .misconception("bytes-are-not-text")
}

/// What an echo that is not what was sent shows of how the bytes were taken.
fn changed(message: &[u8], came: &[u8]) -> String {
    let same = message.iter().zip(came).take_while(|(sent, came)| sent == came).count();
    match (message.get(same), came.get(same)) {
        (Some(0), None) if message.len() > 1 => {
            "Bytes are bytes, and NUL is one of them: the echo ends where one was sent.".to_owned()
        }
        (Some(_), None) if !message.contains(&b'\n') => {
            format!("Bytes are bytes: {} without a line end did not come back.", counted(message))
        }
        (Some(0..=127), Some(_)) => {
            "Bytes are bytes, and an echo adds none: others came back than were sent.".to_owned()
        }
        (Some(_), Some(_)) => format!("Bytes are bytes, not text: byte {same} came back as another."),
        _ => format!("Bytes are bytes: {} did not come back as they were sent.", counted(message)),
    }
}

/// An echo has no bytes of its own.
fn nothing_more(play: &mut Play<'_>, client: Client) -> Result<(), Failed> {
    play.expect_nothing(client)
        .or_say("An echo adds nothing: more bytes came back than were sent.")
        .expected("as many bytes as were sent")
        .ask("Which bytes of the buffer are the client's?")
        .misconception("bytes-are-not-text")
}

fn begin(
    play: &mut Play<'_>,
    connection: Connection,
    options: ConnectOptions,
) -> Result<(Program, Client), Failed> {
    let server = play.start("server", &Task::ServeClient(connection))?;
    let port = play.port(server, SERVE)?;
    let client = play.connect_with(Address::v4(port), options)?;
    Ok((server, client))
}

fn counted(bytes: &[u8]) -> String {
    if bytes.len() == 1 { "1 byte".to_owned() } else { format!("{} bytes", bytes.len()) }
}
