//! What may happen to a server that says nothing about its listener.

use super::{Server, begin_with_faults, echo, greet};
use crate::checks::play::Play;
use crate::process::Input;
use crate::scene::{Address, Explain, Failed, Program};
use crate::trace::{Call, Fault, Rule};
use nix::errno::Errno;
use nix::sys::signal::Signal;
use protocol::program::Task;

const WHICH: &str =
    "Which failures of this call say that the listener is of no use any more, and which do not?";

/// A signal makes `accept` fail with EINTR, or `poll` where the server waits there: the driver's handler restarts nothing.
pub(in crate::checks) fn interrupted<T>(
    play: &mut Play<'_, T>,
    server: Program,
    port: u16,
) -> Result<(), Failed> {
    play.at_rest(server)?;
    play.signal(server, Signal::SIGUSR1)?;
    play.at_rest(server)?;
    let client = play.connect(Address::v4(port));
    client
        .and_then(|client| echo(play, client, b"still there?"))
        .or_say("A signal is not the server's end: it came while the server waited for a client, and nobody served the next.")
        .expected("a call that a signal has interrupted is made again")
        .ask(WHICH)
        .at(|| play.interrupted(server))
}

/// What `accept` may fail with while the listener is as good as ever.
const PASSING: [Fault; 5] = [
    Fault::Fails(Errno::ECONNABORTED),
    Fault::Interrupted,
    Fault::Fails(Errno::EMFILE),
    Fault::Fails(Errno::ENFILE),
    Fault::Fails(Errno::ENOMEM),
];

/// A client is served after `accept` has failed for reasons that pass.
pub(in crate::checks) fn accepts_through_failures<T: Task>(
    play: &mut Play<'_, T>,
    task: &T,
) -> Result<Server, Failed> {
    let fails = |(nth, fault)| Rule::new(Call::Accept, fault).times(nth, 1);
    let server = begin_with_faults(play, task, (1..).zip(PASSING).map(fails))?;
    let greeted = greet(play, &server);
    let failure = play.calls().iter().rev().find_map(|record| record.fault?.errno());
    let how = failure.map_or("failed".to_owned(), |errno| format!("returned {errno:?}"));
    greeted
        .map(|client| play.close(client))
        .or_say(&format!(
            "A failure that passes ends no server: `accept` {how}, and the next client was not served."
        ))
        .expected("the server goes on after ECONNABORTED, EINTR, EMFILE, ENFILE and ENOMEM")
        .ask(WHICH)?;
    Ok(server)
}

/// A listener that is none is the one failure that ends a server. `task` is about one function and such a listener.
pub(in crate::checks) fn gives_up<T: Task>(play: &mut Play<'_, T>, task: &T) -> Result<(), Failed> {
    let function = task.function().unwrap_or("the server");
    // It may be tried again and again: too many calls to record.
    let server = play.start_unseen("server", task, Input::Nothing)?;
    play.port(server, function)?;
    let refused = play.refused(server, function);
    let goes_on = play.waits_in_vain() || play.outcome(server).ending.is_endless();
    refused
        .map_err(|failed| play.ran_in_circles(server, failed))
        .or_say(match goes_on {
            true => "What can never succeed is not tried for ever: the socket does not listen, and the server goes on.",
            false => "What can never succeed is reported to the caller: the socket does not listen, and no `Error` says so.",
        })
        .expected("an `Error` with what `accept` said of the listener")
        .ask("Which failures of `accept` say that no client will ever come?")
        .misconception("failure-ignored")?;
    play.kill(server);
    Ok(())
}
