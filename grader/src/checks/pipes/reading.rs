//! `read_to_end` and `read_exact`: pieces of a stream, put together by its end or by their number.

use super::{Play, same, unexpected};
use crate::process::Input;
use crate::scene::{Explain, Failed, Program};
use crate::steps::{Actor, Evidence, Looked};
use crate::trace::Call;
use protocol::pattern;
use protocol::pipes::{Answer, Said, Task};

const TO_END: &str = "read_to_end";
const EXACT: &str = "read_exact";
const PIECES: &[&[u8]] = &[b"one", b"two\n", b"\0", b"\xff\n\0 four"];
/// More than a pipe holds.
const LARGE: usize = 300_000;

pub(super) fn reads_to_the_end(play: &mut Play<'_>) -> Result<String, Failed> {
    play.look_at_calls(&[Call::Read]);
    let reader = play.start_with("reader", &Task::ReadToEnd { path: None }, Input::Fed)?;
    for piece in PIECES {
        play.feed(reader, piece)?;
        goes_on(
            play,
            reader,
            TO_END,
            "A short read is not the end of file: the write end is open, and `read_to_end` returned.",
        )?;
    }
    let large = pattern(LARGE);
    play.feed(reader, &large)?;
    play.end_input(reader);
    let all = [&PIECES.concat()[..], &large].concat();
    comes(play, reader, TO_END, &all)
        .map_err(|failed| play.ran_in_circles(reader, failed))
        .or_say("A stream is read piece by piece up to its end: what came back is not what was written.")
        .expected("every byte that was written, once and in order")
        .ask("Which bytes of the buffer are new after a read, and when does the loop end?")
        .misconception("short-read")?;
    play.expect_done(reader)?;
    let reader = play.start_watched("reader", &Task::ReadToEnd { path: None }, Input::Nothing, [])?;
    comes(play, reader, TO_END, b"")?;
    play.expect_done(reader)?;
    reports_failure(play)?;
    Ok(format!("Pieces, and {LARGE} bytes after them, came back whole when the write end was closed."))
}

fn reports_failure(play: &mut Play<'_>) -> Result<(), Failed> {
    play.note(Actor::Grader, "gives it a descriptor of a directory, which cannot be read");
    let path = Some(play.directory().to_owned());
    let reader = play.start_watched("reader", &Task::ReadToEnd { path }, Input::Nothing, [])?;
    play.refused(reader, TO_END)
        .map_err(|failed| play.ran_in_circles(reader, failed))
        .or_say("A read that fails is no end of file: the caller was not told that it failed.")
        .expected("`read_to_end` returns the `Err` of `read`: EISDIR")
        .ask("What becomes of the result of `read`?")
        .misconception("error-swallowed")
}

pub(super) fn reads_exactly(play: &mut Play<'_>) -> Result<String, Failed> {
    play.look_at_calls(&[Call::Read]);
    let sizes = vec![10, 0, 100_000, 5, 4];
    let reader = play.start_with("reader", &Task::ReadExact { sizes }, Input::Fed)?;
    play.feed(reader, b"only")?;
    goes_on(
        play,
        reader,
        EXACT,
        "A short read is not a full buffer: 4 of 10 bytes had come, and `read_exact` returned.",
    )?;
    play.feed(reader, b" a part, and")?;
    filled(play, reader, b"only a par")?;
    filled(play, reader, b"")?;
    let large = pattern(100_000 - 6);
    for piece in large.chunks(30_000) {
        play.feed(reader, piece)?;
    }
    filled(play, reader, &[b"t, and", &large[..]].concat())?;
    play.feed(reader, b"end")?;
    goes_on(
        play,
        reader,
        EXACT,
        "A short read is not a full buffer: 3 of 5 bytes had come, and `read_exact` returned.",
    )?;
    play.end_input(reader);
    ends_early(play, reader, 3)?;
    ends_early(play, reader, 0)?;
    Ok("Buffers were filled from pieces, what followed stayed in the pipe, and an early end was told."
        .to_owned())
}

fn filled(play: &mut Play<'_>, reader: Program, bytes: &[u8]) -> Result<(), Failed> {
    comes(play, reader, EXACT, bytes)
        .map_err(|failed| play.ran_in_circles(reader, failed))
        .or_say(&format!(
            "`read_exact` takes the next {} bytes, no more and no less: something else came.",
            bytes.len()
        ))
        .expected("the buffer holds the next bytes of the stream; those behind them stay in the pipe")
        .ask("How many bytes may each read still ask for, and where in the buffer do they go?")
        .misconception("short-read")
}

fn ends_early(play: &mut Play<'_>, reader: Program, came: usize) -> Result<(), Failed> {
    let said = play.said(reader).map_err(|failed| play.ran_in_circles(reader, failed));
    let told = |said: Said| match said {
        Said::Answer(Answer::Early { came: told }) if told == came => Ok(()),
        other => Err(unexpected(EXACT, &format!("`Error::Ended` with {came} bytes come"), &other)),
    };
    said.and_then(told)
        .or_say(&format!("End of file after {came} bytes of more: `read_exact` did not say so."))
        .expected(&format!("`read_exact` returns `Error::Ended` and says that {came} bytes had come"))
        .ask("What does a read of 0 bytes mean while the buffer is not full?")
        .misconception("end-of-file")
}

/// Expects that the function has not returned when all is at rest.
pub(super) fn goes_on(
    play: &mut Play<'_>,
    reader: Program,
    function: &str,
    headline: &str,
) -> Result<(), Failed> {
    play.at_rest(reader)?;
    let said = play.heard(reader)?;
    // The driver may have ended as it should, after a function that should not have: that is its last word.
    play.heard(reader)?;
    let seen = said.and_then(|said| unexpected(function, "nothing yet", &said).seen);
    play.require(
        seen.is_none(),
        "reader",
        Looked::at(Evidence::Waits, "waits for more"),
        &seen.unwrap_or_default(),
    )
    .or_say(headline)
    .expected("the function blocks until it has what it promises")
    .ask("What does a count say that is above 0 and below what was asked for?")
    .misconception("short-read")
}

/// Expects that the function returns these bytes.
pub(super) fn comes(
    play: &mut Play<'_>,
    reader: Program,
    function: &str,
    bytes: &[u8],
) -> Result<(), Failed> {
    let expected = format!("{} bytes", bytes.len());
    match play.said(reader)? {
        Said::Answer(Answer::Bytes(came)) => same(play, Actor::Grader, bytes, &came),
        other => Err(unexpected(function, &expected, &other)),
    }
}
