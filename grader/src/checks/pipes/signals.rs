//! What a signal means to `read` and `write`: nothing was transferred, and nothing is wrong.

use super::Play;
use super::reading::{comes, goes_on};
use super::writing::{interrupt, take};
use crate::process::Input;
use crate::scene::{Explain, Failed, Program};
use crate::trace::Call;
use nix::sys::signal::Signal;
use protocol::pattern;
use protocol::pipes::Task;

const SIZE: usize = 200_000;
const SIP: usize = 40_000;

pub(super) fn signals_change_nothing(play: &mut Play<'_>) -> Result<String, Failed> {
    play.look_at_calls(&[Call::Read, Call::Write]);
    write_all(play)?;
    play.look_at("src/io.rs", "read_to_end");
    read(play, "read_to_end", &Task::ReadToEnd { path: None })?;
    play.look_at("src/io.rs", "read_exact");
    read(play, "read_exact", &Task::ReadExact { sizes: vec![12] })?;
    Ok("Signals interrupted `write_all`, `read_to_end` and `read_exact`, and changed nothing.".to_owned())
}

/// The first signal ends a write that has taken a part; the second meets one that has taken nothing.
fn write_all(play: &mut Play<'_>) -> Result<(), Failed> {
    let writer = play.start_with("writer", &Task::WriteAll { size: SIZE, restart: false }, Input::Fed)?;
    for part in pattern(SIZE).chunks(SIP) {
        interrupt(play, writer)
            .and_then(|()| interrupt(play, writer))
            .and_then(|()| take(play, writer, part))
            .or_say(
                "A signal is not a failure: one interrupted `write_all`, and the bytes after it are missing.",
            )
            .expected(NOTHING_WRONG)
            .ask("What does EINTR say about the bytes, and about what to do next?")
            .misconception("interrupted")?;
    }
    play.end_input(writer);
    play.returned(writer, "write_all")?;
    play.expect_done(writer)
}

fn read(play: &mut Play<'_>, function: &str, task: &Task) -> Result<(), Failed> {
    let reader = play.start_watched("reader", task, Input::Fed, [])?;
    interrupt_read(play, reader, function)
        .and_then(|()| play.feed(reader, b"first "))
        .and_then(|()| interrupt_read(play, reader, function))
        .and_then(|()| play.feed(reader, b"second"))
        .map(|()| play.end_input(reader))
        .and_then(|()| comes(play, reader, function, b"first second").and_then(|()| play.expect_done(reader)))
        .or_say(&format!(
            "A signal is not a failure, nor an end: one interrupted `{function}`, and it gave up."
        ))
        .expected(NOTHING_WRONG)
        .ask("What does EINTR say about the bytes, and about what to do next?")
        .misconception("interrupted")
}

const NOTHING_WRONG: &str = "a call that a signal has interrupted is made again";

fn interrupt_read(play: &mut Play<'_>, reader: Program, function: &str) -> Result<(), Failed> {
    play.at_rest(reader)?;
    play.signal(reader, Signal::SIGUSR1)?;
    goes_on(play, reader, function, "A signal is not an end.")
}
