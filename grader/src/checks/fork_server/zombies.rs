//! Children that have ended are reaped.

use super::Play;
use crate::checks::serving::{Left, begin, greet, none_left};
use crate::scene::{Explain, Failed};
use nix::sys::signal::Signal;
use protocol::fork_server::Function::Parallel;

/// How many children end while the server cannot run.
const SEVERAL: usize = 5;

pub(super) fn reaps_without_blocking(play: &mut Play<'_>) -> Result<String, Failed> {
    let server = begin(play, &Parallel.task())?;
    let stays = greet(play, &server)?;
    for gone in 1..=4 {
        let client = greet(play, &server);
        client
            .map(|client| play.close(client))
            .or_say("To reap is to ask, not to wait: one client stayed, another had left, and the next was not served.")
            .expected("clients are served whoever has ended and whoever has not")
            .ask("Which children does the server wait for, and what if they do not end?")
            .misconception("one-at-a-time")?;
        none_left(play, &server, Left::Zombie, gone)?;
    }
    play.close(stays);
    none_left(play, &server, Left::Zombie, 5)?;
    Ok("Each child was reaped when it ended, while another one still served and nobody new came.".to_owned())
}

/// A server that is stopped for a moment finds several children ended, and is told of it by one signal.
pub(super) fn reaps_several_at_once(play: &mut Play<'_>) -> Result<String, Failed> {
    let server = begin(play, &Parallel.task())?;
    let clients = (0..SEVERAL).map(|_| greet(play, &server)).collect::<Result<Vec<_>, _>>()?;
    play.at_rest(server.program)?;
    play.signal(server.program, Signal::SIGSTOP)?;
    clients.into_iter().for_each(|client| play.close(client));
    let children = server.before.children();
    play.until(server.program, |now| now.children() <= children)?;
    play.signal(server.program, Signal::SIGCONT)?;
    // A call that a stop has interrupted is restarted under a name that hides what it waits for: one more client ends it.
    let next = greet(play, &server)?;
    play.close(next);
    none_left(play, &server, Left::Zombie, SEVERAL + 1)
        .expected("all children that have ended are reaped, however few signals told of them")
        .ask("How often is SIGCHLD delivered when several children end before the parent runs again?")?;
    Ok("Five children that had ended before the server could run again were all reaped.".to_owned())
}
