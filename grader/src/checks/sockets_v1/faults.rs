//! What the kernel may do at any time and seldom does: short counts, signals, and failures of `accept` that pass.

use super::Play;
use super::conversation::{self, Conversation};
use super::echo::same;
use crate::checks::serving;
use crate::process::Input;
use crate::scene::{Address, Explain, Failed, Program};
use crate::trace::{Call, Fault, Kind, Rule};
use protocol::pattern;
use protocol::sockets::{Connection, Task};

/// Bytes of one message: many short counts long.
const MESSAGE: usize = 200;
/// Small pieces go out at once, and do not wait for the acknowledgement of the piece before.
const AT_ONCE: Connection =
    Connection { send_buffer: None, segment: None, no_delay: true, interruptible: true };

pub(super) fn echoes_through_short_counts(play: &mut Play<'_>) -> Result<String, Failed> {
    let short = |call, most, count| Rule::new(call, Fault::Short(most)).on(Kind::Accepted).times(1, count);
    let (server, client) = serve_client(play, [short(Call::Read, 7, 40), short(Call::Write, 3, 80)])?;
    let message = pattern(MESSAGE);
    play.exchange(client, &message, &message)
        .or_say("`write` may take less than it was given: calls were cut short, and the echo is not what was sent.")
        .expected("every byte comes back, however few of them one call moves")
        .ask("What does `write` return, and what becomes of the bytes it did not take?")
        .misconception("short-write")?;
    play.half_close(client)?;
    returns(play, server)?;
    Ok(format!("{MESSAGE} bytes came back, although reads gave 7 and writes took 3 of them at the most."))
}

pub(super) fn echoes_through_signals(play: &mut Play<'_>) -> Result<String, Failed> {
    let rules = [1, 3].into_iter().flat_map(|nth| {
        let interrupted = |call| Rule::new(call, Fault::Interrupted).on(Kind::Accepted).times(nth, 1);
        [interrupted(Call::Read), interrupted(Call::Write)]
    });
    let (server, client) = serve_client(play, rules)?;
    for message in [&b"one"[..], b"two", b"three"] {
        play.send(client, message)?;
        same(play, client, message)
            .or_say("A signal is no failure: a call returned EINTR, and the echo did not go on.")
            .expected("a call that a signal has interrupted (EINTR) is made again")
            .ask("What has happened to the bytes when `read` or `write` returns EINTR?")
            .misconception("interrupted-is-not-failed")?;
    }
    play.half_close(client)?;
    returns(play, server)?;
    Ok("Three messages came back, although signals interrupted reads and writes.".to_owned())
}

pub(super) fn client_through_faults(play: &mut Play<'_>) -> Result<String, Failed> {
    let rules = [
        Rule::new(Call::Poll, Fault::Interrupted).times(1, 2),
        Rule::new(Call::Read, Fault::Interrupted).on(Kind::Connected),
        Rule::new(Call::Write, Fault::Interrupted).on(Kind::Connected),
        Rule::new(Call::Write, Fault::Short(3)).on(Kind::Connected).times(2, 40),
    ];
    let Conversation { client, peer, output } = conversation::begin_with(play, Input::Fed, false, rules)?;
    let (question, answer) = (pattern(60), pattern(50));
    play.feed(client, &question)?;
    play.expect(peer, &question)
        .or_say("Short counts and signals are no end: what was typed did not all arrive at the server.")
        .expected("every byte of the input reaches the server, however few of them one call moves")
        .ask("What does `send` or `write` return, and what becomes of the bytes it did not take?")
        .misconception("short-write")?;
    play.send(peer, &answer)?;
    play.expect(output, &answer)
        .or_say("Short counts and signals are no end: what the server said was not all printed.")
        .expected("every byte of the server reaches the output, however few of them one call moves")
        .ask("What does `write` return, and what becomes of the bytes it did not take?")
        .misconception("short-write")?;
    play.close(peer);
    conversation::ends(play, client, output)?;
    Ok("Every byte arrived on both sides, although calls were interrupted and cut short.".to_owned())
}

pub(super) fn accepts_through_failures(play: &mut Play<'_>) -> Result<String, Failed> {
    serving::accepts_through_failures(play, &Task::RunServer { useless: false })?;
    Ok("A client was served after `accept` had failed several times.".to_owned())
}

pub(super) fn listener_of_no_use(play: &mut Play<'_>) -> Result<String, Failed> {
    serving::gives_up(play, &Task::RunServer { useless: true })?;
    Ok("With a socket that does not listen, `run_server` returned what `accept` said.".to_owned())
}

fn serve_client(
    play: &mut Play<'_>,
    rules: impl IntoIterator<Item = Rule>,
) -> Result<(Program, crate::scene::Connection), Failed> {
    let server = play.start_with_faults("server", &Task::ServeClient(AT_ONCE), Input::Nothing, rules)?;
    let port = play.port(server, "serve_client")?;
    let client = play.connect(Address::v4(port))?;
    Ok((server, client))
}

fn returns(play: &mut Play<'_>, server: Program) -> Result<(), Failed> {
    play.returned(server, "serve_client")
        .expected("`serve_client` returns `Ok(())` at the client's end of file")
}
