//! What the checks of all servers share that handle clients side by side, whether in processes or in threads: scenarios
//! round the driver's own handler, and the words for them.

mod crash;
mod failures;
mod left;
mod load;
mod side_by_side;

pub(super) use crash::crash_harms_one;
pub(super) use failures::{accepts_through_failures, gives_up, interrupted};
pub(super) use left::{BACK_IN_THE_LOOP, Left, came_back, none_left};
pub(super) use load::{burst, flat};
pub(super) use side_by_side::{all_at_once, closes_with_its_handler};

use super::play::Play;
use crate::observe::{Snapshot, Syscall, Thread};
use crate::process::Input;
use crate::scene::{Address, Connection, Explain, Failed, Program};
use crate::trace::Rule;
use protocol::program::Task;
use protocol::serving::Request;

/// A server that was started, and is at rest.
pub(super) struct Server {
    pub(super) program: Program,
    pub(super) port: u16,
    /// How it was before any client came.
    pub(super) before: Snapshot,
}

/// Starts a server. `task` is about one function, which serves at a listener of the driver's.
pub(super) fn begin<T: Task>(play: &mut Play<'_, T>, task: &T) -> Result<Server, Failed> {
    let program = play.start_watched("server", task, Input::Nothing, [])?;
    ready(play, task, program)
}

/// Starts a server whose driver does something when its input ends.
pub(super) fn begin_fed<T: Task>(play: &mut Play<'_, T>, task: &T) -> Result<Server, Failed> {
    let program = play.start_watched("server", task, Input::Fed, [])?;
    ready(play, task, program)
}

/// Starts a server for a crowd: its calls are not recorded.
pub(super) fn begin_for_crowd<T: Task>(
    play: &mut Play<'_, T>,
    task: &T,
    input: Input,
) -> Result<Server, Failed> {
    let program = play.start_unseen("server", task, input)?;
    ready(play, task, program)
}

/// Starts a server some of whose calls come out otherwise.
pub(super) fn begin_with_faults<T: Task>(
    play: &mut Play<'_, T>,
    task: &T,
    rules: impl IntoIterator<Item = Rule>,
) -> Result<Server, Failed> {
    let program = play.start_watched("server", task, Input::Nothing, rules)?;
    ready(play, task, program)
}

fn ready<T: Task>(play: &mut Play<'_, T>, task: &T, program: Program) -> Result<Server, Failed> {
    let port = play.port(program, task.function().unwrap_or("the server"))?;
    let mut rested = play.at_rest(program);
    // One that was ended because it never rested is at rest now.
    if play.outcome(program).ending.is_endless() {
        rested = rested.and_then(|before| play.expect_running(program).map(|()| before));
    }
    let before = rested
        .map_err(|failed| play.ran_in_circles(program, failed))
        .or_say("Who waits is blocked in a call: without any client, the server does not come to rest.")
        .expected("the server is blocked until a client comes, or something else happens that concerns it")
        .ask("What does the server do while nothing happens?")
        .misconception("never-rests")
        .at(|| play.doing(program))?;
    Ok(Server { program, port, before })
}

impl Server {
    /// Whether this process was there before any client came.
    pub(super) fn had(&self, pid: i32) -> bool {
        self.before.processes.iter().any(|process| process.pid == pid)
    }

    pub(super) fn address(&self) -> Address {
        Address::v4(self.port)
    }
}

/// Whether the server itself has ended.
pub(super) fn is_gone(now: &Snapshot) -> bool {
    own_thread(now).is_none()
}

/// What the server itself waits for instead of the next client, in words.
fn waits_for(now: &Snapshot) -> Option<&'static str> {
    match own_thread(now)?.blocked.as_ref()?.call {
        Syscall::Wait => Some("a child to end"),
        Syscall::Futex => Some("a thread"),
        Syscall::Read | Syscall::Recv => Some("another client's bytes"),
        _ => None,
    }
}

/// The thread in which the server began.
pub(super) fn own_thread(now: &Snapshot) -> Option<&Thread> {
    now.processes.first()?.threads.first()
}

/// A new client gets its bytes back.
pub(super) fn greet<T>(play: &mut Play<'_, T>, server: &Server) -> Result<Connection, Failed> {
    let client = play.connect(server.address())?;
    echo(play, client, b"hello")?;
    Ok(client)
}

/// A client gets its bytes back.
pub(super) fn echo<T>(play: &mut Play<'_, T>, client: Connection, bytes: &[u8]) -> Result<(), Failed> {
    play.send(client, bytes)?;
    play.expect(client, bytes)
}

/// A client says that it has no more to say, and sees the connection end.
pub(super) fn leave<T>(play: &mut Play<'_, T>, client: Connection) -> Result<(), Failed> {
    play.half_close(client)?;
    play.expect_end(client)
}

/// A client asks the handler for something else than an echo.
pub(super) fn ask<T>(play: &mut Play<'_, T>, client: Connection, request: Request) -> Result<(), Failed> {
    let actor = play.actor(client);
    play.send(client, &[request as u8])?;
    play.note(actor, format!("has its handler {}", wish(request)));
    Ok(())
}

/// In words, after "its handler": what it then does.
fn wish(request: Request) -> &'static str {
    match request {
        Request::Return => "return, and stays connected",
        Request::Panic => "panic",
        Request::Abort => "end by a signal",
        Request::Exit => "call `exit`",
    }
}
