//! What may happen to a server that says nothing about its listener.

use super::{Server, begin, greet};
use crate::checks::play::Play;
use crate::scene::{Explain, Failed};
use nix::sys::signal::Signal;
use protocol::program::Task;

const WHICH: &str =
    "Which failures of this call say that the listener is of no use any more, and which do not?";

/// A signal makes `accept` fail with EINTR, or `poll` where the server waits there: the driver's handler restarts nothing.
pub(in crate::checks) fn interrupted<T: Task>(play: &mut Play<'_, T>, server: &Server) -> Result<(), Failed> {
    play.at_rest(server.program)?;
    play.signal(server.program, Signal::SIGUSR1)?;
    play.at_rest(server.program)?;
    let client = greet(play, server);
    client
        .map(|client| play.close(client))
        .or_say("A signal is not the server's end: it came while the server waited for a client, and nobody served the next.")
        .expected("a call that a signal has interrupted is made again")
        .ask(WHICH)
        .misconception("failure-ends-server")
}

/// `task` has `accept` fail for passing reasons, `reasons` in words; then a client comes.
pub(in crate::checks) fn accepts_again<T: Task>(
    play: &mut Play<'_, T>,
    task: &T,
    reasons: &str,
) -> Result<Server, Failed> {
    let server = begin(play, task)?;
    play.note("grader", format!("has `accept` fail, once each: {reasons}"));
    let client = greet(play, &server);
    client
        .map(|client| play.close(client))
        .or_say("A failure that passes is not the server's end: `accept` failed a few times, and no client was served.")
        .expected(&format!("failures of `accept` that pass end nothing: {reasons}"))
        .ask(WHICH)
        .misconception("failure-ends-server")?;
    Ok(server)
}
