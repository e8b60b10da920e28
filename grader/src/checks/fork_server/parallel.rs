//! `serve_parallel`: many clients at once, each in a process of its own.

use super::Play;
use super::holders::served_in_a_child;
use crate::checks::serving::{self, begin, closes_with_its_handler, crash_harms_one, greet};
use crate::scene::Failed;
use protocol::fork_server::Function::Parallel;
use protocol::serving::Request;

pub(super) fn all_at_once(play: &mut Play<'_>) -> Result<String, Failed> {
    serving::all_at_once(play, &Parallel.task())?;
    Ok("Four clients that were all there were served in another order than they came, and left in yet another."
        .to_owned())
}

pub(super) fn parent_closes_connection(play: &mut Play<'_>) -> Result<String, Failed> {
    let server = begin(play, &Parallel.task())?;
    let clients = [greet(play, &server)?, greet(play, &server)?];
    clients.iter().try_for_each(|client| served_in_a_child(play, &server, *client))?;
    play.kill(server.program);
    closes_with_its_handler(play, &Parallel.task())
}

pub(super) fn crash_by_signal(play: &mut Play<'_>) -> Result<String, Failed> {
    crash_harms_one(play, &Parallel.task(), Request::Abort, "died of a signal")?;
    crash_harms_one(play, &Parallel.task(), Request::Exit, "called `exit`")?;
    Ok("Handlers that died of a signal, or called `exit`, harmed their own client alone.".to_owned())
}

pub(super) fn crash_by_panic(play: &mut Play<'_>) -> Result<String, Failed> {
    crash_harms_one(play, &Parallel.task(), Request::Panic, "panicked")?;
    Ok("Handlers that panicked harmed their own client alone.".to_owned())
}

pub(super) fn burst(play: &mut Play<'_>) -> Result<String, Failed> {
    serving::burst(play, &Parallel.task())
}

/// A server that forgets its clients grows by nothing at all; a record of a hundred bytes for each would be twice this.
const NOISE: u64 = 64 << 10;

pub(super) fn flat(play: &mut Play<'_>) -> Result<String, Failed> {
    serving::flat(play, &Parallel.task(), NOISE)
}
