//! Clients that are there at the same time.

use super::{Left, Server, ask, begin, echo, greet, is_gone, leave, none_left, waits_for};
use crate::checks::play::Play;
use crate::observe::Syscall;
use crate::scene::{Connection, Explain, Failed};
use protocol::program::Task;
use protocol::serving::Request;

const WAITS_FOR: &str = "What does the accept loop wait for before it accepts the next client?";
const WHO_CLOSES: &str = "How many copies of this connection are there, and when is each of them closed?";

/// Four clients that are all held open are all served, and leave in another order than they came.
pub(in crate::checks) fn all_at_once<T: Task>(play: &mut Play<'_, T>, task: &T) -> Result<Server, Failed> {
    let server = begin(play, task)?;
    let mut clients = Vec::new();
    for before in 0..4 {
        clients.push(arrives(play, &server, before)?);
    }
    for turn in [2, 0, 3, 1] {
        let message = format!("client {} speaks", turn + 1);
        served_among_others(play, &server, clients[turn], message.as_bytes())?;
    }
    for (turn, others) in [(1, &[0, 2, 3][..]), (3, &[0, 2]), (0, &[2]), (2, &[])] {
        leaves_among_others(play, clients[turn])?;
        others
            .iter()
            .try_for_each(|other| served_among_others(play, &server, clients[*other], b"still here"))?;
    }
    Ok(server)
}

/// A client connects, after so many others that are still there, and the server has done with it what it does at once.
fn arrives<T>(play: &mut Play<'_, T>, server: &Server, before: usize) -> Result<Connection, Failed> {
    let headline = match before {
        0 => "A server serves for ever: the first client finds nobody.",
        _ => "A server serves for ever: a client is still there, and the next one finds nobody.",
    };
    let client = play
        .connect(server.address())
        .or_say(headline)
        .at(|| play.doing(server.program))
        .expected("every client is served while the others are there")
        .ask("What can make the accept loop end, and what was it this time?")
        .misconception("one-at-a-time")?;
    play.at_rest(server.program)?;
    Ok(client)
}

fn served_among_others<T>(
    play: &mut Play<'_, T>,
    server: &Server,
    client: Connection,
    message: &[u8],
) -> Result<(), Failed> {
    echo(play, client, message)
        .map_err(|failed| failed.or_say(&unanswered(play, server, client)))
        .at(|| play.futex_wait(server.program))
        .expected("every client is served while the others are there")
        .ask(WAITS_FOR)
        .misconception("one-at-a-time")
}

/// Why a client has no answer: what the server's own thread does instead of accepting, or what became of the connection.
fn unanswered<T>(play: &Play<'_, T>, server: &Server, client: Connection) -> String {
    let (name, now) = (play.name(client), play.snapshot(server.program));
    if is_gone(&now) {
        format!("A server serves for ever: {name} spoke while others were silent, and the server was gone.")
    } else if play.was_shut_down(client) {
        format!(
            "`shutdown` ends a connection for all who hold it: {name} spoke while others were silent, and it was over."
        )
    } else if let Some(waits_for) = waits_for(&now) {
        format!("No client waits for another: the server waits for {waits_for}, and {name} gets no answer.")
    } else if now.blocked_in(Syscall::Futex) {
        format!(
            "A lock held while a client is served shuts the others out: {name} spoke, and its thread waits for one."
        )
    } else {
        format!("No client waits for another: {name} spoke while others were silent, and got no answer.")
    }
}

fn leaves_among_others<T>(play: &mut Play<'_, T>, client: Connection) -> Result<(), Failed> {
    let name = play.name(client).to_owned();
    leave(play, client)
        .or_say(&format!(
            "Served is not closed: {name} is done, and sees no end of file while others are there."
        ))
        .expected("a connection is closed when its own handler has returned, whoever else is there")
        .ask(WHO_CLOSES)
        .misconception("connection-kept")
}

/// A connection is closed when its handler returns, and not only when the client leaves; what is left of it is nothing.
pub(in crate::checks) fn closes_with_its_handler<T: Task>(
    play: &mut Play<'_, T>,
    task: &T,
) -> Result<String, Failed> {
    let server = begin(play, task)?;
    let witness = greet(play, &server)?;
    for _ in 0..3 {
        handler_returns(play, &server)?;
    }
    echo(play, witness, b"still here")?;
    leaves_among_others(play, witness)?;
    none_left(play, &server, Left::Connection, 4)?;
    Ok("Each client saw end of file as soon as its handler had returned, while another one stayed."
        .to_owned())
}

fn handler_returns<T>(play: &mut Play<'_, T>, server: &Server) -> Result<(), Failed> {
    let client = greet(play, server)?;
    let name = play.name(client).to_owned();
    ask(play, client, Request::Return)?;
    play.expect_end(client)
        .or_say(&format!(
            "Served is not closed: the handler of {name} has returned, and no end of file comes."
        ))
        .expected("a connection is closed when its handler has returned")
        .ask(WHO_CLOSES)
        .misconception("connection-kept")?;
    play.close(client);
    Ok(())
}
