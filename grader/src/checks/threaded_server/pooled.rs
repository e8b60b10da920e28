//! `serve_pooled`: as many clients at once as the pool has workers.

use super::Play;
use crate::checks::serving::{Server, begin, begin_fed, crash_harms_one, leave, own_thread};
use crate::observe::{Snapshot, Syscall};
use crate::scene::{Connection, Explain, Failed};
use crate::steps::{Evidence, Looked};
use crate::trace::Call;
use protocol::program::Said;
use protocol::serving::Request;
use protocol::threaded_server::{Answer, Function, Then};

fn pool(workers: usize, queue: usize) -> Function {
    Function::Pooled { workers, queue }
}

/// The driver's main thread, which accepts, stands beside the pool's.
const DRIVER: usize = 1;

/// More clients than workers are all served, in turn; while they wait, the server takes no more of them than it has room
/// for.
pub(super) fn serves_everyone(play: &mut Play<'_>) -> Result<String, Failed> {
    play.look_at_calls(&[Call::Accept]);
    let (workers, queue, all) = (2, 1, 7);
    let server = begin(play, &pool(workers, queue).task())?;
    has_threads(play, &server, workers)?;
    let mut clients = Vec::new();
    for number in 1..=all {
        let client = play.connect(server.address())?;
        play.send(client, format!("client {number}").as_bytes())?;
        clients.push(client);
    }
    for turn in 0..all {
        let message = format!("client {}", turn + 1);
        served(play, clients[turn], message.as_bytes())?;
        if turn + 1 == workers {
            holds_back(play, &server, workers, queue, &clients)?;
        }
        if turn + 1 >= workers {
            done(play, clients[turn + 1 - workers])?;
        }
    }
    has_threads(play, &server, workers)?;
    Ok(format!("{all} clients were served by {workers} workers, in turn, and the others waited."))
}

fn has_threads(play: &mut Play<'_>, server: &Server, workers: usize) -> Result<(), Failed> {
    let now = play.at_rest(server.program)?;
    let threads = now.threads().saturating_sub(DRIVER);
    play.require(
        threads == workers,
        "server",
        Looked::at(Evidence::Waits, format!("has {workers} threads beside the one that accepts")),
        &format!("there are {threads}"),
    )
    .or_say(&format!(
        "A pool has the threads it was asked for: {workers} workers, and {threads} threads are there."
    ))
    .expected(&format!("{workers} threads, whatever the clients do"))
    .ask("Where are threads started, and where does one end?")
    .misconception("number-of-threads")
}

fn served(play: &mut Play<'_>, client: Connection, message: &[u8]) -> Result<(), Failed> {
    let name = play.name(client).to_owned();
    play.expect(client, message).map_err(|failed| not_served(failed, &name))
}

fn not_served(failed: Failed, name: &str) -> Failed {
    failed
        .or_say(&format!("Whoever waits gets a turn: {name} was there in time, and was not served."))
        .expected("as many clients are served at a time as there are workers, and the others in their order")
        .ask(
            "What does the accept loop do with a connection, and what does a worker do when its job is done?",
        )
        .misconception("one-at-a-time")
}

fn done(play: &mut Play<'_>, client: Connection) -> Result<(), Failed> {
    let name = play.name(client).to_owned();
    leave(play, client)
        .or_say(&format!("Served is not closed: {name} is done, and sees no end of file."))
        .expected("a connection is closed when its handler has returned")
        .ask("Who owns the connection while the handler runs, and when is it dropped?")
        .misconception("connection-kept")?;
    play.close(client);
    Ok(())
}

/// All workers are busy: no other client is served, and only so many are taken out of the listener's queue.
fn holds_back(
    play: &mut Play<'_>,
    server: &Server,
    workers: usize,
    queue: usize,
    clients: &[Connection],
) -> Result<(), Failed> {
    for waiting in &clients[workers..] {
        let (name, waits) = (play.name(*waiting).to_owned(), play.expect_nothing(*waiting));
        waits.map_err(|failed| match play.came(*waiting).is_empty() {
            true => not_served(failed, &name),
            false => failed
                .or_say(&format!(
                    "A pool does so many jobs at once: {workers} workers are busy, and {name} was served."
                ))
                .expected("a client waits until a worker is free")
                .ask("Which thread serves a client, and how many such threads are there?")
                .misconception("number-of-threads"),
        })?;
    }
    let now = play.at_rest(server.program)?;
    let held = now.sockets().len().saturating_sub(server.before.sockets().len());
    // One more is accepted, and waits with the accept loop for room in the queue.
    let most = workers + queue + 1;
    play.require(
        held <= most,
        "server",
        Looked::at(Evidence::Descriptors, format!("has accepted no more than {most} clients")),
        &format!("it has {held} connections"),
    )
    .or_say(&format!(
        "A full queue holds back: with room for {}, the server has accepted {held}.",
        workers + queue
    ))
    .expected("the others wait in the listener's queue")
    .ask("What does the accept loop do when the pool has no room for a job?")
    .misconception("no-back-pressure")
}

pub(super) fn survives_panics(play: &mut Play<'_>) -> Result<String, Failed> {
    crash_harms_one(play, &pool(2, 2).task(), Request::Panic, "panicked")?;
    Ok("Handlers that panicked harmed their own client alone, and no worker was lost.".to_owned())
}

/// What was accepted is served to the end, nobody else is, and nothing is left.
pub(super) fn shuts_down(play: &mut Play<'_>) -> Result<String, Failed> {
    let server = begin_fed(play, &pool(1, 2).then(Then::ShutDown))?;
    let clients = [&b"at work"[..], b"waiting"].map(|message| (play.connect(server.address()), message));
    let mut there = Vec::new();
    for (client, message) in clients {
        let client = client?;
        play.send(client, message)?;
        there.push((client, message));
    }
    served(play, there[0].0, there[0].1)?;
    play.at_rest(server.program)?;
    told_to_shut_down(play, &server)?;
    for (client, message) in [(there[0].0, &b"still here"[..]), there[1]] {
        if client == there[0].0 {
            play.send(client, message)?;
        }
        finishes(play, client, message)?;
    }
    for which in ["first", "second"] {
        shut_down(play, &server, which)?;
    }
    serves_no_new_client(play, &server)?;
    nothing_left(play, &server)?;
    play.kill(server.program);
    turns_away_who_waits(play)?;
    Ok("Two clients that the pool had accepted were served to the end; then it ended, twice, and took no other."
        .to_owned())
}

/// Returns when the call of `shutdown` is under way, and waits.
fn told_to_shut_down(play: &mut Play<'_>, server: &Server) -> Result<(), Failed> {
    play.end_input(server.program);
    play.note("server", "is told to shut the pool down");
    play.at_rest(server.program).map(drop)
}

/// The pool is full when it is shut down: whoever waits for room then is not served.
fn turns_away_who_waits(play: &mut Play<'_>) -> Result<(), Failed> {
    let server = begin_fed(play, &pool(1, 1).then(Then::ShutDown))?;
    let mut there = Vec::new();
    for message in [&b"at work"[..], b"waiting", b"too many"] {
        let client = play.connect(server.address())?;
        play.send(client, message)?;
        there.push(client);
    }
    served(play, there[0], b"at work")?;
    play.at_rest(server.program)?;
    told_to_shut_down(play, &server)?;
    turned_away(play, &server, there[2])
}

fn finishes(play: &mut Play<'_>, client: Connection, message: &[u8]) -> Result<(), Failed> {
    let name = play.name(client).to_owned();
    play.expect(client, message)
        .or_say(&format!(
            "What was accepted is finished: the pool was shut down, and {name} was no longer served."
        ))
        .expected("clients that the pool has accepted are served to the end")
        .ask("What does a worker look at first: whether there is a job, or whether it is the end?")
        .misconception("shutdown-drops-jobs")?;
    done(play, client)
}

fn shut_down(play: &mut Play<'_>, server: &Server, which: &str) -> Result<(), Failed> {
    play.look_at("src/pool.rs", "Pool::shutdown");
    let said = play.said(server.program).map_err(|failed| Failed {
        summary: format!("The {which} call of `shutdown` did not return."),
        ..failed
    });
    let said = said.misconception("shutdown-hangs")?;
    let right = said == Said::Answer(Answer::ShutDown);
    play.require(
        right,
        "server",
        format!("returns from the {which} `shutdown`"),
        &format!("it says {said:?}"),
    )
    .or_say("The server came to an end before its pool did.")
    .expected("`serve_pooled` goes on until a client comes for whom the pool has no room any more")
}

/// The pool has ended: the next client sees its connection closed, and the server comes to its end.
fn serves_no_new_client(play: &mut Play<'_>, server: &Server) -> Result<(), Failed> {
    let late = play.connect(server.address())?;
    play.send(late, b"too late?")?;
    turned_away(play, server, late)
}

fn turned_away(play: &mut Play<'_>, server: &Server, late: Connection) -> Result<(), Failed> {
    let name = play.name(late).to_owned();
    play.look_at("src/server.rs", "serve_pooled");
    play.expect_over(late)
        .map_err(|failed| {
            let serves = serves(&play.snapshot(server.program));
            let what = if serves { "the server serves it itself" } else { "its connection stays open" };
            failed.or_say(&format!(
                "After the end nobody is served: {name} came too late for the pool, and {what}."
            ))
        })
        .expected("a client that the pool does not take sees its connection closed")
        .ask("What becomes of a job that the pool gives back?")
        .misconception("connection-kept")?;
    play.refused(server.program, "serve_pooled")
        .or_say(
            "A server without a pool has come to its end: a client was refused, and `serve_pooled` goes on.",
        )
        .expected("`serve_pooled` returns `Error::ShutDown` when the pool does not take a client")
        .ask("What does the accept loop do when the pool gives the job back?")
        .misconception("execute-after-shutdown")
}

/// Whether the server's own thread, which is to accept, waits for a client's bytes.
fn serves(now: &Snapshot) -> bool {
    own_thread(now).is_some_and(|own| own.is_in(Syscall::Read) || own.is_in(Syscall::Recv))
}

/// The driver's own two threads are still there, and nothing else.
fn nothing_left(play: &mut Play<'_>, server: &Server) -> Result<(), Failed> {
    let own = DRIVER + 1;
    let now = play.until(server.program, |now| now.threads() <= own)?;
    let left = now.threads().saturating_sub(own);
    play.require(
        left == 0,
        "server",
        Looked::at(Evidence::Waits, "has no thread of the pool left"),
        &format!("there are {left}"),
    )
    .or_say(&format!("Shutting down is to wait for every thread: {left} of the pool are still there."))
    .expected("all of the pool's threads have ended")
    .ask("Which threads does `shutdown` wait for?")
    .misconception("shutdown-does-not-wait")
}
