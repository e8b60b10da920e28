//! What is left of clients that have gone.

use super::Server;
use crate::checks::play::Play;
use crate::observe::Snapshot;
use crate::scene::{Explain, Failed};
use protocol::program::Task;

/// Expects that the server, at rest, is as it was before its clients came: no zombie, no process, thread or connection more.
pub(in crate::checks) fn nothing_left<T: Task>(
    play: &mut Play<'_, T>,
    server: &Server,
    clients: usize,
) -> Result<(), Failed> {
    play.at_rest(server.program)?;
    play.expect_running(server.program)
        .or_say("A server serves for ever: its clients have gone, and so has it.")
        .expected("the server waits for the next client")
        .ask("What can make the loop end, and what was it this time?")
        .misconception("one-client")?;
    let before = Count::of(&server.before);
    let now = Count::of(&play.until(server.program, |snapshot| Count::of(snapshot).within(&before))?);
    let [zombies, processes, threads, sockets] = now.beyond(&before);
    let clients = match clients {
        1 => "1 client".to_owned(),
        several => format!("{several} clients"),
    };
    none(play, zombies, "no ended child waits to be reaped")
        .or_say(&format!(
            "An ended child stays until its parent asks how: {clients} gone, {zombies} left as zombies."
        ))
        .ask("Who learns that a child has ended, and when?")
        .misconception("zombies")?;
    none(play, processes, "no process runs that was made for a client")
        .or_say(&format!("A child ends when its client is served: {clients} gone, and {processes} more processes than before."))
        .ask("What does the child do after the handler has returned?")
        .misconception("child-goes-on")?;
    none(play, threads, "no thread runs that was made for a client")
        .or_say(&format!(
            "A thread ends when its client is served: {clients} gone, and {threads} more threads than before."
        ))
        .ask("What does the thread do after the handler has returned?")
        .misconception("thread-kept")?;
    none(play, sockets, "no connection is open any more")
        .or_say(&format!(
            "Served is not closed: {clients} gone, and the server holds {sockets} sockets more than before."
        ))
        .ask("Who owns a connection, and when is it dropped?")
        .misconception("connection-kept")
}

fn none<T>(play: &mut Play<'_, T>, left: usize, wanted: &str) -> Result<(), Failed> {
    if left == 0 {
        return Ok(());
    }
    play.require(false, "grader", &format!("finds that {wanted}"), &format!("there are {left}"))
        .expected(wanted)
}

/// What a program consists of at one moment.
struct Count {
    zombies: usize,
    processes: usize,
    threads: usize,
    sockets: usize,
}

impl Count {
    fn of(snapshot: &Snapshot) -> Count {
        Count {
            zombies: snapshot.zombies(),
            processes: snapshot.children(),
            threads: snapshot.threads(),
            sockets: snapshot.sockets().len(),
        }
    }

    /// How much more there is of each than before.
    fn beyond(&self, before: &Count) -> [usize; 4] {
        let Count { zombies, processes, threads, sockets } = self;
        [
            zombies.saturating_sub(before.zombies),
            processes.saturating_sub(before.processes),
            threads.saturating_sub(before.threads),
            sockets.saturating_sub(before.sockets),
        ]
    }

    fn within(&self, before: &Count) -> bool {
        self.beyond(before) == [0; 4]
    }
}
