//! Calls that fail, and what that means for the server.

use super::Play;
use crate::check::Status;
use crate::checks::serving::{
    Server, accepts_through_failures, ask, begin_with_faults, gives_up, greet, interrupted,
};
use crate::process::Ending;
use crate::scene::{Address, Explain, Failed};
use crate::trace::{Call, Fault, Rule};
use nix::errno::Errno;
use nix::sys::signal::Signal;
use protocol::fork_server::{Function, Task};
use protocol::serving::Request;

const BOTH: [Function; 2] = [Function::Protected, Function::Parallel];

pub(super) fn accept_fails(play: &mut Play<'_>) -> Result<String, Failed> {
    for function in BOTH {
        play.look_at("src/server.rs", function.name());
        let server = accepts_through_failures(play, &function.task())?;
        interrupted(play, server.program, server.port)?;
        play.kill(server.program);
    }
    Ok("Clients that left before they were accepted, exhaustion and signals ended neither server.".to_owned())
}

pub(super) fn fork_fails(play: &mut Play<'_>) -> Result<String, Failed> {
    for function in BOTH {
        play.look_at("src/server.rs", function.name());
        let fails = |(nth, errno)| Rule::new(Call::Fork, Fault::Fails(errno)).times(nth, 1);
        let rules = (1..).zip([Errno::EAGAIN, Errno::ENOMEM]).map(fails);
        let server = begin_with_faults(play, &function.task(), rules)?;
        for _ in 0..2 {
            let ended = unserved(play, server.address());
            ended.map_err(|failed| served_it_itself(play, &server, failed))?;
        }
        let served = goes_on(greet(play, &server));
        served.map_err(|failed| served_it_itself(play, &server, failed))?;
        play.kill(server.program);
    }
    Ok("Two forks failed: those clients saw their connection end, and the next one was served.".to_owned())
}

/// A handler that crashes ends the process that it runs in.
fn served_it_itself(play: &Play<'_>, server: &Server, failed: Failed) -> Failed {
    match play.outcome(server.program).ending {
        Ending::Signaled(Signal::SIGABRT) => Failed {
            status: Status::Fail,
            seen: Some(failed.summary.clone()),
            summary: "No process is no protection: `fork` failed, and the server ran the handler itself."
                .to_owned(),
            ..failed
        }
        .expected("a client for which there is no process sees its connection closed")
        .ask(FAILED),
        _ => failed,
    }
}

fn goes_on<T>(served: Result<T, Failed>) -> Result<T, Failed> {
    served
        .or_say("One client without a process is not the server's end: `fork` failed, and the next was not served.")
        .expected("a fork that fails costs one client its connection, and the next one nothing")
        .ask(FAILED)
        .misconception("failure-ends-server")
}

const FAILED: &str =
    "What is left to do for a client when there is no process for it, and what for the next one?";

/// A client for which there may be no process, and which would crash a server that served it itself. It is served late, or
/// sees its connection end, but it does not wait for ever.
fn unserved(play: &mut Play<'_>, address: Address) -> Result<(), Failed> {
    let client = goes_on(play.connect(address))?;
    ask(play, client, Request::Abort)?;
    play.expect_over(client)
        .or_say("No process is no service: `fork` failed, and its client waits for ever.")
        .expected("a client whose fork has failed sees its connection closed")
        .ask(FAILED)
        .misconception("connection-kept")?;
    play.close(client);
    Ok(())
}

pub(super) fn listener_of_no_use(play: &mut Play<'_>) -> Result<String, Failed> {
    for function in BOTH {
        play.look_at("src/server.rs", function.name());
        gives_up(play, &Task { useless: true, ..function.task() })?;
    }
    Ok("With a socket that does not listen, both servers returned what `accept` said.".to_owned())
}
