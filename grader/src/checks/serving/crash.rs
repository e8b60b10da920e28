//! Handlers that crash.

use super::{Left, Server, ask, begin, echo, greet, none_left};
use crate::checks::play::Play;
use crate::process::Ending;
use crate::scene::{Explain, Failed};
use protocol::program::Task;
use protocol::serving::Request;

/// A handler that crashes ends its own connection, and no other; clients that come later are served. `deed` says what it
/// does: "panicked".
pub(in crate::checks) fn crash_harms_one<T: Task>(
    play: &mut Play<'_, T>,
    task: &T,
    request: Request,
    deed: &str,
) -> Result<(), Failed> {
    let server = begin(play, task)?;
    let witness = greet(play, &server)?;
    let server = Server { before: play.at_rest(server.program)?, ..server };
    for _ in 0..2 {
        let victim = greet(play, &server).found(deed)?;
        let name = play.name(victim).to_owned();
        ask(play, victim, request)?;
        play.expect_over(victim)
            .or_say(&format!(
                "A crash is an end as well: the handler of {name} {deed}, and its connection stays open."
            ))
            .expected("the connection is closed, however its handler came to its end")
            .ask("What closes the connection where the handler does not return?")
            .misconception("connection-kept")?;
        echo(play, witness, b"unharmed")
            .or_say(&format!(
                "A crash harms one client: the handler of {name} {deed}, and another is no longer served."
            ))
            .expected("the others are served as if nothing had happened")
            .ask(REACHES)
            .misconception("crash-spreads")?;
        none_left(play, &server, Left::Process, 1)
            .and_then(|()| none_left(play, &server, Left::Thread, 1))
            .map_err(|failed| taken_along(play, &server, failed, &format!("the handler of {name} {deed}")))?;
    }
    greet(play, &server).found(deed).map(drop)
}

/// A server that a signal has ended was ended by the crash.
fn taken_along<T>(play: &Play<'_, T>, server: &Server, failed: Failed, crash: &str) -> Failed {
    let Ending::Signaled(signal) = play.outcome(server.program).ending else { return failed };
    let summary = format!("A crash harms one client: {crash}, and {signal} ended the server.");
    Failed { summary, ..failed }.ask(REACHES).misconception("crash-spreads")
}

const REACHES: &str = "How far does a crash reach, and what does the accept loop get to see of it?";

/// That a client is served, after others have crashed.
trait Found: Explain {
    fn found(self, deed: &str) -> Self {
        self.or_say(&format!(
            "A crash harms one client: a handler {deed}, and the next client was not served."
        ))
        .expected("the server goes on accepting")
        .ask(REACHES)
        .misconception("crash-spreads")
    }
}

impl<T> Found for Result<T, Failed> {}
