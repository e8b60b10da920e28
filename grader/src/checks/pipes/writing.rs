//! `write_all`: every byte, whatever `write` takes at a time.

use super::{Play, same, unexpected};
use crate::observe::Syscall;
use crate::process::Input;
use crate::scene::{Explain, Failed, Program};
use crate::steps::Action;
use crate::trace::Call;
use nix::sys::signal::Signal;
use protocol::pattern;
use protocol::pipes::{Answer, Said, Task};

const WRITE_ALL: &str = "write_all";
/// Several times what the smallest pipe holds, and what its reader takes at a time.
const SIZE: usize = 400_000;
const SIP: usize = 30_000;

pub(super) fn writes_all(play: &mut Play<'_>) -> Result<String, Failed> {
    play.look_at_calls(&[Call::Write]);
    let writer =
        play.start_watched("writer", &Task::WriteAll { size: 0, restart: true }, Input::Nothing, [])?;
    play.returned(writer, WRITE_ALL)
        .or_say("Nothing to write is done at once: `write_all` of 0 bytes did not return `Ok`.")
        .expected("`write_all` returns `Ok(())` when no byte is left to write")
        .ask("What is done before the loop asks whether anything is left?")?;
    play.expect_done(writer)?;
    let writer = play.start_with("writer", &Task::WriteAll { size: SIZE, restart: true }, Input::Fed)?;
    for part in pattern(SIZE).chunks(SIP) {
        interrupt(play, writer)
            .and_then(|()| take(play, writer, part))
            .or_say(
                "A write may take less than it is given: a signal cut one short, and not every byte arrived.",
            )
            .expected("every byte arrives, in order, however slowly they are read")
            .ask("What does `write` return, and what becomes of the bytes that it did not take?")
            .misconception("short-write")?;
    }
    play.end_input(writer);
    play.returned(writer, WRITE_ALL)?;
    play.expect_done(writer)?;
    nobody_reads(play)?;
    Ok(format!("{SIZE} bytes went through a pipe that holds one page, although writes were cut short."))
}

fn nobody_reads(play: &mut Play<'_>) -> Result<(), Failed> {
    let writer = play.start_with("writer", &Task::WriteAll { size: SIZE, restart: true }, Input::Fed)?;
    play.end_input(writer);
    play.note("reader", "closes the read end");
    play.refused(writer, WRITE_ALL)
        .or_say("A write that nobody will read fails: the read end was closed, and the caller was not told.")
        .expected("`write_all` returns the `Err` of `write`: EPIPE")
        .ask("What becomes of the result of `write`?")
        .misconception("error-swallowed")
}

/// Interrupts a write that waits for room. What it has taken by then is its result.
pub(super) fn interrupt(play: &mut Play<'_>, writer: Program) -> Result<(), Failed> {
    if play.at_rest(writer)?.blocked_in(Syscall::Write) {
        play.signal(writer, Signal::SIGUSR1)?;
        play.at_rest(writer)?;
    }
    Ok(())
}

/// Lets the reader take so many bytes from the pipe, and expects them to be these.
pub(super) fn take(play: &mut Play<'_>, writer: Program, bytes: &[u8]) -> Result<(), Failed> {
    let line = format!("{}\n", bytes.len());
    let action = Action::Does(format!("takes {} bytes from the pipe", bytes.len()));
    play.feed_as(writer, line.as_bytes(), "reader".into(), action)?;
    match play.said(writer)? {
        Said::Answer(Answer::Taken(taken)) => same(play, "reader", bytes, &taken),
        other => Err(unexpected(WRITE_ALL, "only when all is written", &other)),
    }
}
