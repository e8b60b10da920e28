//! `capture`: the output of a program and how it ended, and nothing left behind.

use super::ends::{left_open, surplus};
use super::{Play, answer, at_rest, hang, same, unexpected};
use crate::process::Input;
use crate::scene::{Explain, Failed, Program};
use crate::steps::{Actor, Evidence, Looked};
use crate::trace::Call;
use nix::sys::signal::Signal;
use protocol::Content;
use protocol::pipes::{Answer, Task};

const CAPTURE: &str = "capture";
const BUFFERED: &str = "(what the parent had buffered)";
/// A name that nobody gives a program.
const NOBODY: &str = "no-program-of-this-name";

pub(super) fn captures_output(play: &mut Play<'_>) -> Result<String, Failed> {
    let cases: [(&[&str], &[u8]); 5] = [
        (&["printf", "hello\n"], b"hello\n"),
        (&["printf", "[%s]", "two words", "", "*", "$HOME"], b"[two words][][*][$HOME]"),
        (&["printf", "a\\000b\\377"], b"a\0b\xff"),
        (&["true"], b""),
        (&["sh", "-c", "echo out; echo err >&2"], b"out\n"),
    ];
    let commands: Vec<&[&str]> = cases.iter().map(|(command, _)| *command).collect();
    let parent = start(play, &commands, Input::Nothing)?;
    for (command, output) in cases {
        captured(play, parent, command, output, 0)?;
    }
    let parent = start(play, &[&["cat"]], Input::Bytes(b"from the caller".to_vec()))?;
    captured(play, parent, &["cat"], b"from the caller", 0)?;
    Ok("Outputs came back whole, arguments arrived as they were given, and empty output was empty."
        .to_owned())
}

pub(super) fn captures_more_than_a_pipe_holds(play: &mut Play<'_>) -> Result<String, Failed> {
    const NUMBERS: usize = 200_000;
    let output: String = (1..=NUMBERS).map(|number| format!("{number}\n")).collect();
    let (command, pieces) = (["seq", "200000"], ["sh", "-c", "cat; echo done"]);
    let parent = start(play, &[&command], Input::Nothing)?;
    captured(play, parent, &command, output.as_bytes(), 0)?;
    let parent = start(play, &[&pieces], Input::Fed)?;
    for piece in ["one\n", "two\n"] {
        play.at_rest(parent)?;
        play.feed(parent, piece.as_bytes())?;
    }
    play.at_rest(parent)?;
    play.end_input(parent);
    captured(play, parent, &pieces, b"one\ntwo\ndone\n", 0)?;
    Ok(format!("{} bytes of output, and output in pieces, came back whole.", output.len()))
}

pub(super) fn tells_how_it_ended(play: &mut Play<'_>) -> Result<String, Failed> {
    let cases: [(&[&str], &[u8], i32); 6] = [
        (&["sh", "-c", "exit 7"], b"", 7),
        (&["sh", "-c", "kill -TERM $$"], b"", 128 + 15),
        (&["sh", "-c", "echo last words; kill -KILL $$"], b"last words\n", 128 + 9),
        (&["sh", "-c", "kill -PIPE $$; echo survived"], b"", 128 + 13),
        (&[NOBODY, "argument"], b"", 127),
        (&["false"], b"", 1),
    ];
    let commands: Vec<Vec<String>> = cases.iter().map(|(command, ..)| owned(command)).collect();
    let parent = play.start("parent", &Task::Capture { commands, unwritten: BUFFERED.to_owned() })?;
    play.note("parent", "has something unwritten in the buffer of its standard output");
    for (command, output, status) in cases {
        captured(play, parent, command, output, status)?;
    }
    at_rest(play, parent, CAPTURE)?;
    written_once(play, parent)?;
    waits_for_the_program(play)?;
    Ok("Exit codes, deaths by signal and a program that does not exist were told apart.".to_owned())
}

/// A child that ends by `exit` writes out its copy of the parent's buffer, to wherever its output goes.
fn written_once(play: &mut Play<'_>, parent: Program) -> Result<(), Failed> {
    let printed = String::from_utf8_lossy(&play.outcome(parent).stdout).matches(BUFFERED).count();
    if printed != 1 {
        return written_by_the_child(play, &format!("it was written {printed} times"));
    }
    play.note("parent", "writes that buffer out, once");
    Ok(())
}

fn written_by_the_child(play: &mut Play<'_>, seen: &str) -> Result<(), Failed> {
    play.require(false, Actor::Grader, "expects the parent to write its buffer out, once", seen)
        .or_say("What the parent had buffered is the parent's to write: a child that could not exec wrote it as well.")
        .expected("a child in which exec has failed ends by `_exit`, which writes out nothing")
        .ask("How does the child end when `exec` has failed, and what does that do to buffers?")
        .misconception("both-go-on")
}

/// A program may close its output long before it ends; a signal may come meanwhile.
fn waits_for_the_program(play: &mut Play<'_>) -> Result<(), Failed> {
    let command = ["sh", "-c", "exec >&-; read line; exit 3"];
    let parent = start(play, &[&command], Input::Fed)?;
    play.at_rest(parent)?;
    play.signal(parent, Signal::SIGUSR1)?;
    let early =
        at_rest(play, parent, CAPTURE)?.and_then(|said| unexpected(CAPTURE, "nothing yet", &said).seen);
    play.require(
        early.is_none(),
        "parent",
        Looked::at(Evidence::Waits, "waits for the program to end"),
        &early.unwrap_or_default(),
    )
    .or_say(
        "The end of the output is not the end of the program, and a signal is neither: `capture` returned.",
    )
    .expected("`capture` returns when the program has ended, and says how")
    .ask("Which call says how a child has ended, and what does EINTR say there?")
    .misconception("interrupted")?;
    play.feed(parent, b"\n")?;
    captured(play, parent, &command, b"", 3)
}

pub(super) fn capture_leaves_nothing(play: &mut Play<'_>) -> Result<String, Failed> {
    let commands: [&[&str]; 4] = [&["cat"], &[NOBODY], &["true"], &["sh", "-c", "kill -TERM $$"]];
    let parent = start(play, &commands, Input::Fed)?;
    let surplus = surplus(&play.at_rest(parent)?);
    let seen = surplus.as_ref().map_or(String::new(), |surplus| surplus.words.clone());
    play.require(
        surplus.is_none(),
        Actor::Grader,
        Looked::at(Evidence::Descriptors, "expects `cat` to hold descriptors 0, 1 and 2 alone"),
        &seen,
    )
    .or_say(&format!("A program gets the end it needs and no other: {seen}."))
    .expected("the program finds nothing open but its standard input, output and error")
    .ask("What becomes of the original when `dup2` has made a copy, and of the other end?")
    .misconception("ends-inherited")
    .at(|| surplus?.origin(play))?;
    play.end_input(parent);
    for (command, status) in commands.into_iter().zip([0, 127, 0, 143]) {
        captured(play, parent, command, b"", status)?;
    }
    nothing_left(play, parent, CAPTURE)?;
    Ok("The program held its own end alone, and four calls left no descriptor and no child.".to_owned())
}

/// Expects that the parent has no child any more, and no descriptor besides its standard streams.
pub(super) fn nothing_left(play: &mut Play<'_>, parent: Program, function: &str) -> Result<(), Failed> {
    no_child_left(play, parent, function)?;
    no_end_left(play, parent, function)
}

/// No child is there any more, running or a zombie.
pub(super) fn no_child_left(play: &mut Play<'_>, parent: Program, function: &str) -> Result<(), Failed> {
    at_rest(play, parent, function)?;
    let found = play.at_rest(parent)?;
    let children = found.processes.len().saturating_sub(1);
    let seen = match found.zombies() {
        0 => format!("{children} still run"),
        zombies => format!("{zombies} have ended, and nobody has waited for them"),
    };
    play.require(children == 0, "parent", "has no child any more", &seen)
        .or_say(&format!(
            "A child that has ended stays until its parent waits: `{function}` left {children} behind."
        ))
        .expected(
            "every child is waited for before the function returns, also one that could not become a program",
        )
        .ask("On which paths is each child waited for?")
        .misconception("not-reaped")
        .at(|| play.birth(found.processes.get(1)?.pid))
}

/// No end of a pipe is open any more.
pub(super) fn no_end_left(play: &mut Play<'_>, parent: Program, function: &str) -> Result<(), Failed> {
    let found = play.at_rest(parent)?;
    let open = found.processes.first().map(left_open).unwrap_or_default();
    let seen = format!("it holds {open:?}");
    play.require(
        open.is_empty(),
        "parent",
        Looked::at(Evidence::Descriptors, "holds no descriptor of a pipe any more"),
        &seen,
    )
    .or_say(&format!(
        "What is opened for a call is closed with it: `{function}` left descriptors open: {open:?}."
    ))
    .expected("no descriptor is left open when the function has returned")
    .ask("Who owns each end of the pipe, and until when?")
    .misconception("descriptor-leaked")
    .at(|| play.origin(found.processes.first()?.pid, *open.first()?))
}

fn start(play: &mut Play<'_>, commands: &[&[&str]], input: Input) -> Result<Program, Failed> {
    let commands = commands.iter().map(|command| owned(command)).collect();
    play.start_with("parent", &Task::Capture { commands, unwritten: String::new() }, input)
}

pub(super) fn owned(command: &[&str]) -> Vec<String> {
    command.iter().map(|word| (*word).to_owned()).collect()
}

/// Expects that a command's output and status are captured.
fn captured(
    play: &mut Play<'_>,
    parent: Program,
    command: &[&str],
    output: &[u8],
    status: i32,
) -> Result<(), Failed> {
    let shown = command.join(" ");
    let found = answer(play, parent, CAPTURE, |play, failed| hang::explain(play, parent, 1, failed))?;
    let Answer::Captured { output: came, status: told } = &found else {
        return Err(Failed::unchecked("The driver answered something else than what was captured."));
    };
    play.note("parent", format!("captures `{}`: {found}", shown.escape_default()));
    if *came == Content::of(BUFFERED.as_bytes()) {
        return written_by_the_child(play, "the child wrote it");
    }
    own_output(play, output, came, &shown)?;
    let seen = format!("status {told}");
    play.require(*told == status, Actor::Grader, format!("expects status {status}"), &seen)
        .or_say(&headline(&shown, status, *told))
        .expected(&format!("status {status} for `{shown}`"))
        .ask("Which cases does the result of `waitpid` have, and which number does a shell make of each?")
        .misconception(if status == 141 { "sigpipe-ignored" } else { "status" })
        .at(|| match status {
            127 | 141 => play.last_of_all(parent, Call::Exec),
            _ => play.last(parent, Call::Wait),
        })
}

fn own_output(play: &mut Play<'_>, output: &[u8], came: &Content, shown: &str) -> Result<(), Failed> {
    same(play, Actor::Grader, output, came)
        .or_say(&wrong_output(output, came, shown))
        .expected("what the command writes to standard output, every byte, and nothing else")
        .ask("Which descriptor does the command write to, what is that at this moment, and who else writes to it?")
        .misconception("output")
}

fn wrong_output(output: &[u8], came: &Content, shown: &str) -> String {
    let shown: String = shown.chars().take(40).flat_map(char::escape_default).collect();
    let without_end = output.strip_suffix(b"\n").is_some_and(|output| *came == Content::of(output));
    match (came.size, output.len()) {
        (0, 1..) => format!(
            "A program writes to descriptor 1, whatever that is: nothing of `{shown}` came through it."
        ),
        _ if without_end => {
            format!("Output is bytes, and a line end is one of them: the last of `{shown}` is missing.")
        }
        (came, due) if came < due && due > 65_536 => {
            format!("A pipe holds less than a program may write: of {due} bytes, {came} came back.")
        }
        _ => {
            format!("What came back is the program's own output and nothing else: that of `{shown}` is not.")
        }
    }
}

fn headline(shown: &str, status: i32, told: i32) -> String {
    match status {
        127 => {
            format!("A program that does not exist is status 127, as a shell says: `capture` said {told}.")
        }
        141 => "An ignored signal stays ignored over exec: the program did not get the SIGPIPE that ends it."
            .to_owned(),
        128.. => format!(
            "Death by signal {} is status {status}, as a shell says: `capture` said {told}.",
            status - 128
        ),
        _ => format!(
            "How a program ended is for `waitpid` to say: `{shown}` with {status}, and `capture` said {told}."
        ),
    }
}
