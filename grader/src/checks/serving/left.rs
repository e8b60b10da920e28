//! What is left of clients that have gone.

use super::Server;
use crate::check::Location;
use crate::checks::play::Play;
use crate::observe::{Process, Snapshot, Syscall};
use crate::scene::{Asked, Explain, Failed};
use crate::trace::Call;

/// Something that was made for a client, and has no use when the client has gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::checks) enum Left {
    /// A child that has ended, and that nobody has asked how.
    Zombie,
    /// A process that runs.
    Process,
    /// A thread.
    Thread,
    /// A socket.
    Connection,
}

/// Expects that the server, at rest, has no more of these than before its clients came, of which so many have gone.
pub(in crate::checks) fn none_left<T>(
    play: &mut Play<'_, T>,
    server: &Server,
    left: Left,
    gone: usize,
) -> Result<(), Failed> {
    play.at_rest(server.program)
        .or_say(
            "Who waits is blocked in a call: its clients have gone, and the server does not come to rest.",
        )
        .expected(
            "the server is blocked until the next client comes, or something else happens that concerns it",
        )
        .ask("What does the server do for clients that have gone?")
        .misconception("never-rests")
        .at(|| play.doing(server.program))?;
    play.expect_running(server.program)
        .or_say("A server serves for ever: clients have gone, and so has the server.")
        .expected("the server waits for the next client")
        .ask("What can make the loop end, and what was it this time?")
        .misconception("one-client")?;
    let before = left.count(&server.before);
    let now = play.until(server.program, |now| left.count(now) <= before)?;
    let more = left.count(&now).saturating_sub(before);
    let wanted = format!("has {} for a client that has gone", left.none());
    play.require(more == 0, "server", &wanted, &format!("it has {more}"))
        .map_err(|failed| Failed { seen: Some(left.seen(more)), ..failed })
        .map_err(|failed| failed.or_say(&left.headline(play, server, &now, (gone, more))))
        .expected(&format!("when it is at rest, the server {wanted}"))
        .ask(left.question())
        .misconception(left.misconception())
        .at(|| left.origin(play, server, &now))
}

/// A child that came back into the loop is told so, whatever it was asked for.
pub(in crate::checks) const BACK_IN_THE_LOOP: &str =
    "After fork both go on: a child came back into the loop, and waits for clients itself.";

/// Whether the youngest child waits for a client, or where the server itself waits.
pub(in crate::checks) fn came_back<T>(play: &Play<'_, T>, server: &Server, now: &Snapshot) -> bool {
    let child = child(server, now);
    let accepts = |process: &Process| process.threads.iter().any(|thread| thread.is_in(Syscall::Accept));
    if now.processes.iter().any(|process| Some(process.pid) == child && accepts(process)) {
        return true;
    }
    let place = child.and_then(|child| play.wait_of(child));
    let own = now.processes.first().and_then(|process| play.wait_of(process.pid));
    place.is_some() && place == own
}

fn child(server: &Server, now: &Snapshot) -> Option<i32> {
    youngest(server, now, |process| !process.zombie)
}

fn zombie(server: &Server, now: &Snapshot) -> Option<i32> {
    youngest(server, now, |process| process.zombie)
}

/// The last of such processes that were not there before any client came.
fn youngest(server: &Server, now: &Snapshot, is_one: impl Fn(&Process) -> bool) -> Option<i32> {
    Some(now.processes.iter().rfind(|process| !server.had(process.pid) && is_one(process))?.pid)
}

impl Left {
    fn count(self, snapshot: &Snapshot) -> usize {
        match self {
            Left::Zombie => snapshot.zombies(),
            Left::Process => snapshot.children(),
            Left::Thread => snapshot.threads(),
            Left::Connection => snapshot.sockets().len(),
        }
    }

    /// Where the youngest of them comes from, or waits.
    pub(in crate::checks) fn origin<T>(
        self,
        play: &Play<'_, T>,
        server: &Server,
        now: &Snapshot,
    ) -> Option<Location> {
        match self {
            // Where it asks too seldom, or sleeps instead of asking.
            Left::Zombie => {
                let asks = || play.last(server.program, Call::Wait);
                let sleeps = || play.wait_of(now.processes.first()?.pid);
                let asked = play.asked_of(server.program, zombie(server, now)?);
                let line = if asked == Some(Asked::Since) { asks() } else { sleeps() };
                line.or_else(|| play.birth(zombie(server, now)?))
            }
            Left::Process => {
                let pid = child(server, now)?;
                play.wait_of(pid).or_else(|| play.birth(pid))
            }
            Left::Thread => {
                play.youngest_wait(server.program).or_else(|| play.last(server.program, Call::Thread))
            }
            Left::Connection => {
                let own = now.processes.first()?;
                play.origin(own.pid, now.sockets().last()?.fd)
            }
        }
    }

    fn none(self) -> &'static str {
        match self {
            Left::Zombie => "no zombie",
            Left::Process => "no child",
            Left::Thread => "no thread",
            Left::Connection => "no connection open",
        }
    }

    fn headline<T>(
        self,
        play: &Play<'_, T>,
        server: &Server,
        now: &Snapshot,
        count: (usize, usize),
    ) -> String {
        let (gone, more) = count;
        let gone = match gone {
            1 => "1 client gone".to_owned(),
            several => format!("{several} clients gone"),
        };
        match self {
            Left::Zombie => {
                let zombies = match more {
                    1 => "1 child has ended and is a zombie".to_owned(),
                    several => format!("{several} children have ended and are zombies"),
                };
                match zombie(server, now).and_then(|child| play.asked_of(server.program, child)) {
                    Some(Asked::Never) => format!("{zombies}: the server never calls waitpid."),
                    Some(Asked::Before) => format!("{zombies}: the server has not called waitpid since."),
                    Some(Asked::Since) => {
                        format!("{zombies}: the server has called waitpid since, but not for each of them.")
                    }
                    None => format!("{zombies}."),
                }
            }
            Left::Process if came_back(play, server, now) => BACK_IN_THE_LOOP.to_owned(),
            Left::Process => {
                format!("A child ends with its client: {gone}, and {more} of the children still run.")
            }
            Left::Thread => {
                format!("A thread ends with its client: {gone}, and {more} of the threads still run.")
            }
            Left::Connection => {
                format!("Served is not closed: {gone}, and {more} sockets more are open than before.")
            }
        }
    }

    /// What was seen: so many of them.
    fn seen(self, more: usize) -> String {
        let (one, several) = match self {
            Left::Zombie => ("zombie", "zombies"),
            Left::Process => ("child that still runs", "children that still run"),
            Left::Thread => ("thread that still runs", "threads that still run"),
            Left::Connection => ("socket that is still open", "sockets that are still open"),
        };
        format!("{more} {}, with the server at rest", if more == 1 { one } else { several })
    }

    fn question(self) -> &'static str {
        match self {
            Left::Zombie => "Who learns that a child has ended, and when?",
            Left::Process => "Where does the child go after the handler has returned?",
            Left::Thread => "What does the thread do after the handler has returned?",
            Left::Connection => "Who owns a connection, and when is it dropped?",
        }
    }

    fn misconception(self) -> &'static str {
        match self {
            Left::Zombie => "zombies",
            Left::Process => "child-goes-on",
            Left::Thread => "thread-kept",
            Left::Connection => "connection-kept",
        }
    }
}
