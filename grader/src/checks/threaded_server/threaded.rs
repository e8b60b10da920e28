//! `serve_threaded`: many clients at once, each in a thread of its own.

use super::Play;
use crate::checks::serving::{
    self, Left, accepts_through_failures, ask, begin, begin_for_crowd, begin_with_faults,
    closes_with_its_handler, crash_harms_one, gives_up, greet, interrupted, leave, none_left,
};
use crate::process::Input;
use crate::scene::{Explain, Failed};
use crate::steps::{Evidence, Looked};
use crate::trace::{Call, Fault, Rule};
use nix::errno::Errno;
use protocol::program::Said;
use protocol::serving::Request;
use protocol::stats::Counts;
use protocol::threaded_server::{Answer, Function, Then};

use Function::Threaded;

/// How many clients are counted, how many of them at once, and with how many bytes each.
const CLIENTS: usize = 200;
const AT_ONCE: usize = 50;
const BYTES: u64 = 70_000;

/// What a thousand clients may leave in memory: the system keeps some stacks, and the allocator some pages, for threads to
/// come. A thread that is never joined leaves several pages, and a thousand of them ten times this.
const NOISE: u64 = 1 << 20;

pub(super) fn all_at_once(play: &mut Play<'_>) -> Result<String, Failed> {
    let few = serving::all_at_once(play, &Threaded.task())?;
    play.kill(few.program);
    serving::burst(play, &Threaded.task())?;
    Ok("Four clients were served in another order than they came, and 200 that came at once were all served."
        .to_owned())
}

pub(super) fn closes_each_connection(play: &mut Play<'_>) -> Result<String, Failed> {
    closes_with_its_handler(play, &Threaded.task())
}

pub(super) fn panic_harms_one(play: &mut Play<'_>) -> Result<String, Failed> {
    crash_harms_one(play, &Threaded.task(), Request::Panic, "panicked")?;
    Ok("Handlers that panicked harmed their own client alone.".to_owned())
}

pub(super) fn leaves_nothing_behind(play: &mut Play<'_>) -> Result<String, Failed> {
    let server = begin(play, &Threaded.task())?;
    for _ in 0..3 {
        let client = greet(play, &server)?;
        leave(play, client)?;
        play.close(client);
    }
    none_left(play, &server, Left::Thread, 3)?;
    play.kill(server.program);
    serving::flat(play, &Threaded.task(), NOISE)
}

/// What the counters say of a real server is what its clients did.
pub(super) fn counts(play: &mut Play<'_>) -> Result<String, Failed> {
    let server = begin_for_crowd(play, &Threaded.then(Then::Count { bytes: BYTES }), Input::Fed)?;
    play.crowd(&server.address(), CLIENTS, AT_ONCE, b"count me")?;
    let staying = greet(play, &server)?;
    let panicking = greet(play, &server)?;
    ask(play, panicking, Request::Panic)?;
    play.expect_over(panicking)?;
    play.at_rest(server.program)?;
    play.end_input(server.program);
    let all = CLIENTS as u64 + 2;
    let right = Counts { opened: all, closed: all - 1, bytes: all * BYTES };
    play.look_at("src/stats.rs", "Stats::snapshot");
    let said = play.said(server.program)?;
    let told = match &said {
        Said::Answer(answer) => answer.to_string(),
        other => format!("{other:?}"),
    };
    let same = said == Said::Answer(Answer::Counted(right));
    let wanted = Answer::Counted(right).to_string();
    play.require(
        same,
        "server",
        Looked::at(Evidence::Counters, format!("has counted {wanted}")),
        &format!("it says {told}"),
    )
    .or_say(&format!("Every client counts, once: {all} came, and the counters say {told}."))
    .expected(&format!("{wanted}: one client is still there"))
    .ask("In how many steps does each function count, and can a thread get in between?")
    .misconception("lost-update")?;
    play.close(staying);
    Ok(format!("{all} clients in {AT_ONCE} threads at a time were counted, with {BYTES} bytes each."))
}

/// What may happen to a call of this server's.
pub(super) fn survives_failures(play: &mut Play<'_>) -> Result<String, Failed> {
    for function in [Threaded, Function::Pooled { workers: 2, queue: 2 }] {
        play.look_at("src/server.rs", function.name());
        let server = accepts_through_failures(play, &function.task()).misconception("failure-ends-server")?;
        interrupted(play, server.program, server.port).misconception("failure-ends-server")?;
        play.kill(server.program);
    }
    play.look_at("src/server.rs", Threaded.name());
    no_thread(play)?;
    for function in [Threaded, Function::Pooled { workers: 1, queue: 1 }] {
        play.look_at("src/server.rs", function.name());
        gives_up(play, &function.useless())?;
    }
    Ok("Clients that left before they were accepted, exhaustion, signals, and threads that could not be started ended no server.".to_owned())
}

/// No thread can be started for two clients: they see their connections end, and the next one is served.
fn no_thread(play: &mut Play<'_>) -> Result<(), Failed> {
    let rule = Rule::new(Call::Thread, Fault::Fails(Errno::EAGAIN)).times(1, 2);
    let server = begin_with_faults(play, &Threaded.task(), [rule])?;
    for _ in 0..2 {
        let client = goes_on(play.connect(server.address()))?;
        goes_on(ask(play, client, Request::Return))?;
        play.expect_over(client)
            .or_say("No thread is no service: none could be started, and the client waits for ever.")
            .expected("a client for whom no thread can be started sees its connection closed")
            .ask(FAILED)
            .misconception("connection-kept")?;
        play.close(client);
    }
    goes_on(greet(play, &server))?;
    play.kill(server.program);
    Ok(())
}

fn goes_on<T>(served: Result<T, Failed>) -> Result<T, Failed> {
    served
        .or_say("One client without a thread is not the server's end: none could be started, and the next client was not served.")
        .expected("a thread that cannot be started costs one client its connection, and the next one nothing")
        .ask(FAILED)
        .misconception("failure-ends-server")
}

const FAILED: &str =
    "What is left to do for a client when there is no thread for it, and what for the next one?";
