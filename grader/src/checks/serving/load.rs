//! Many clients: in a burst, and one burst after the other.

use super::{Server, begin_for_crowd, waits_for};
use crate::checks::play::Play;
use crate::process::Input;
use crate::scene::{Explain, Failed};
use crate::steps::{Evidence, Looked};
use protocol::program::Task;

/// How many clients come at once.
const BURST: usize = 200;
/// How many come in all where it is about what they leave behind, and in which portions.
const MANY: usize = 1000;
const PORTION: usize = 50;
/// After so many, a server has all that it needs for as many as are there at the same time.
const FIRST: usize = 100;

/// Two hundred clients at once are all served.
pub(in crate::checks) fn burst<T: Task>(play: &mut Play<'_, T>, task: &T) -> Result<String, Failed> {
    let server = begin_for_crowd(play, task, Input::Nothing)?;
    play.crowd(&server.address(), BURST, BURST, b"me too")
        .map_err(|failed| failed.or_say(&left_out(play, &server)))
        .expected("200 clients that are there at the same time all get their bytes back")
        .ask("What may run short when 200 clients are there, and what becomes of a client then?")
        .misconception("one-at-a-time")?;
    Ok("200 clients that came at once were all served.".to_owned())
}

/// Why not all are served: what the server waits for instead of the next of them.
fn left_out<T>(play: &Play<'_, T>, server: &Server) -> String {
    match waits_for(&play.snapshot(server.program)) {
        Some(what) => format!(
            "No client waits for another: of 200 at once, not all were served, and the server waits for {what}."
        ),
        None => "Nobody is left out: of 200 clients that came at once, not all were served.".to_owned(),
    }
}

/// A thousand clients leave nothing behind: no descriptor, and of memory no more than `noise`, in bytes.
pub(in crate::checks) fn flat<T: Task>(
    play: &mut Play<'_, T>,
    task: &T,
    noise: u64,
) -> Result<String, Failed> {
    let server = begin_for_crowd(play, task, Input::Nothing)?;
    portions(play, &server, FIRST)?;
    let (held, memory) = look(play, &server)?;
    portions(play, &server, MANY - FIRST)?;
    let (holds, more) = look(play, &server)?;
    play.require(
        holds <= held,
        "server",
        Looked::at(Evidence::Descriptors, format!("holds {held} descriptors, as before")),
        &format!("it holds {holds}"),
    )
    .or_say(&format!(
        "Each client leaves something open: {held} descriptors after {FIRST} clients, {holds} after {MANY}."
    ))
    .expected("the server holds as many descriptors as before")
    .ask("What is opened for each client, and who owns it when the client has gone?")
    .misconception("grows")?;
    let grown = more.saturating_sub(memory);
    play.require(
        grown <= noise,
        "server",
        Looked::at(Evidence::Memory, "has about as much memory as before"),
        &format!("it has over {} more", power_of_two(grown)),
    )
    .or_say(&format!(
        "Each client leaves something in memory: over {} more after {MANY} clients than after {FIRST}.",
        power_of_two(grown)
    ))
    .expected("the server's memory does not grow with the number of clients that have gone")
    .ask("What is kept for each client, and when is it let go?")
    .misconception("grows")?;
    Ok("1000 clients came and went, and the server holds no more than after the first.".to_owned())
}

/// The largest power of two that is not more: the last digits differ from run to run.
fn power_of_two(bytes: u64) -> String {
    match bytes.checked_ilog2().unwrap_or(0) {
        many @ 20.. => format!("{} MiB", 1 << (many - 20)),
        few => format!("{} KiB", (1_u64 << few) >> 10),
    }
}

fn portions<T>(play: &mut Play<'_, T>, server: &Server, clients: usize) -> Result<(), Failed> {
    play.crowd(&server.address(), clients, PORTION, b"me too")
        .or_say("A server serves for ever: of 1000 clients, not all were served.")
        .expected("client after client gets its bytes back")
        .ask("What is left of a client that has gone, and what may run short?")
        .misconception("grows")
}

/// How many descriptors the server itself has, and how much memory, once it is at rest.
fn look<T>(play: &mut Play<'_, T>, server: &Server) -> Result<(usize, u64), Failed> {
    let now = play.at_rest(server.program)?;
    let own = now.processes.iter().filter(|process| server.had(process.pid));
    let memory = play.memory(server.program);
    let memory = memory.ok_or_else(|| Failed::unchecked("This machine does not show a program's memory."))?;
    Ok((own.map(|process| process.descriptors.len()).sum(), memory))
}
