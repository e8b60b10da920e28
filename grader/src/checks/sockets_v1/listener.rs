//! `listen_on`: who can connect, where, when again, and how many at a time.

use super::Play;
use super::client::{has_ipv6, reserve};
use crate::checks::play::unexpected;
use crate::process::Input;
use crate::scene::{Address, Connection, Explain, Failed, Program};
use crate::steps::Actor;
use crate::trace::Call;
use nix::errno::Errno;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, SockaddrIn, bind, socket};
use protocol::program::Said;
use protocol::sockets::{Answer, Task};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::AsRawFd;

const LISTEN: &str = "listen_on";
/// What the contract promises room for.
const QUEUE: usize = 16;
/// Connections that are left in TIME_WAIT. One would do; the kernel is free to forget one.
const LINGERING: usize = 3;

pub(super) fn listens_on_both_families(play: &mut Play<'_>) -> Result<String, Failed> {
    play.look_at_calls(&[Call::Bind]);
    let v4: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv4Addr::new(127, 0, 0, 2).into()];
    let v6 = has_ipv6().then_some(IpAddr::V6(Ipv6Addr::LOCALHOST));
    let addresses: Vec<IpAddr> = v4.into_iter().chain(v6).collect();
    let server = listen_on(play, "server", 0, addresses.len())?;
    let port = blocking(play, server)?;
    for &address in &addresses {
        let family = if address.is_ipv4() { "IPv4" } else { "IPv6" };
        let client = play
            .connect(Address::Inet(SocketAddr::new(address, port)))
            .or_say(&format!(
                "A server serves both families: an {family} client could not connect to {address}."
            ))
            .expected("IPv4 and IPv6 clients reach the server at every address of this machine")
            .ask("Of which family is the listening socket, and which address is it bound to?")
            .misconception("one-family-listener")?;
        accepted(play, server, client)?;
    }
    let families = if v6.is_some() { "of both families" } else { "of IPv4; this machine has no IPv6" };
    Ok(format!("Clients were accepted at {} addresses {families}.", addresses.len()))
}

pub(super) fn listens_on_the_port_given(play: &mut Play<'_>) -> Result<String, Failed> {
    play.look_at_calls(&[Call::Bind]);
    let reserved = reserve()?;
    let number = reserved.number();
    let server = listen_on(play, "server", number, 1)?;
    let port = play.port(server, LISTEN)?;
    play.require(
        port == number,
        Actor::Grader,
        "expects the server to listen at the port it was given",
        "it listens at another one",
    )
    .or_say("The port is the caller's to choose: the server listens at another one.")
    .expected("`listen_on` listens at the port it was given")
    .ask("Which address reaches `bind`?")
    .misconception("port-ignored")?;
    knock(play, server, SocketAddr::from((Ipv4Addr::LOCALHOST, number)))?;
    let second = listen_on(play, "second server", number, 0)?;
    play.refused(second, LISTEN)
        .or_say("A port belongs to one server: a second one listens at the same port.")
        .expected("`listen_on` returns an `Err` (EADDRINUSE) while another server listens at this port")
        .ask("Which option is set, and what exactly does it allow?")
        .misconception("port-shared")?;
    Ok("The server listened at the port it was given, and a second one was refused there.".to_owned())
}

pub(super) fn restarts_at_once(play: &mut Play<'_>) -> Result<String, Failed> {
    play.look_at_calls(&[Call::Bind]);
    let reserved = reserve()?;
    let port = reserved.number();
    let before = listen_on(play, "server", port, LINGERING)?;
    play.port(before, LISTEN)?;
    for _ in 0..LINGERING {
        let client = knock(play, before, SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
        play.expect_end(client)?;
        play.close(client);
    }
    play.kill(before);
    lingers(play, port)?;
    let after = listen_on(play, "restarted server", port, 1)?;
    play.port(after, LISTEN)
        .or_say("A restarted server wants its port back at once: a connection of the old one lingers in TIME_WAIT.")
        .expected("`listen_on` succeeds while connections of the server before are in TIME_WAIT")
        .ask("What does the kernel need to be told before `bind`?")
        .misconception("no-reuseaddr")?;
    knock(play, after, SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
    Ok("A restarted server got its port while an old connection was in TIME_WAIT.".to_owned())
}

pub(super) fn queues_waiting_clients(play: &mut Play<'_>) -> Result<String, Failed> {
    play.look_at_calls(&[Call::Listen]);
    let task = Task::ListenOn { port: "0".to_owned(), accept: QUEUE };
    let server = play.start_with("server", &task, Input::Fed)?;
    let port = play.port(server, LISTEN)?;
    let mut waiting = Vec::new();
    for number in 1..=QUEUE {
        let client = play
            .connect(Address::v4(port))
            .or_say(&format!(
                "A busy server still has a queue: client {number} could not connect while nobody accepted."
            ))
            .expected(&format!("the queue of a listening socket has room for at least {QUEUE} clients"))
            .ask("What is the second argument of `listen`?")
            .misconception("no-backlog")?;
        waiting.push(client);
    }
    play.end_input(server);
    for client in waiting {
        accepted(play, server, client)?;
    }
    Ok(format!("{QUEUE} clients waited in the queue and were then accepted in their order."))
}

fn listen_on(play: &mut Play<'_>, name: &str, port: u16, accept: usize) -> Result<Program, Failed> {
    play.start(name, &Task::ListenOn { port: port.to_string(), accept })
}

/// A client connects, and the server accepts that very client.
fn knock(play: &mut Play<'_>, server: Program, address: SocketAddr) -> Result<Connection, Failed> {
    let client = play.connect(Address::Inet(address))?;
    accepted(play, server, client)?;
    Ok(client)
}

fn accepted(play: &mut Play<'_>, server: Program, client: Connection) -> Result<(), Failed> {
    let peer = match play.said(server)? {
        Said::Answer(Answer::Accepted { peer }) => peer,
        other => return Err(unexpected(LISTEN, "a listening socket", &other)),
    };
    let ours = play.endpoints(client).map(|(ours, _)| ours);
    let name = play.name(client).to_owned();
    play.require(peer == ours, "server", format!("accepts {name}"), "it accepted somebody else")
}

/// The port of a listener whose `accept` waits for a client.
fn blocking(play: &mut Play<'_>, server: Program) -> Result<u16, Failed> {
    let (port, blocking) = match play.said(server)? {
        Said::Listening { port, blocking } => (port, blocking),
        other => return Err(unexpected(LISTEN, "a listening socket", &other)),
    };
    play.require(blocking, Actor::Grader, "expects that `accept` on the listener waits", "it does not block")
        .or_say("The listener does not block: `accept` fails where no client waits.")
        .expected("`listen_on` returns a blocking listener")
        .ask("With which flags is the socket made?")?;
    Ok(port)
}

/// Makes sure that the port is taken by a lingering connection: only then does the restart say anything.
fn lingers(play: &mut Play<'_>, port: u16) -> Result<(), Failed> {
    play.note(Actor::Grader, "makes sure that the old connections keep the port in TIME_WAIT");
    let unchecked = |errno: Errno| Failed::unchecked(format!("No socket for a trial: {errno}."));
    let trial =
        socket(AddressFamily::Inet, SockType::Stream, SockFlag::SOCK_CLOEXEC, None).map_err(unchecked)?;
    match bind(trial.as_raw_fd(), &SockaddrIn::new(0, 0, 0, 0, port)) {
        Err(Errno::EADDRINUSE) => Ok(()),
        bound => Err(Failed::unchecked(format!(
            "No connection stayed in TIME_WAIT on this machine: a trial `bind` to the port gave {bound:?}."
        ))),
    }
}
