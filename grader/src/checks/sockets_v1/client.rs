//! `connect_to`: which connections it makes, and what it leaves open.

use super::Play;
use crate::checks::play::unexpected;
use crate::scene::{Address, Explain, Failed, Listener, Port, Program};
use crate::steps::Actor;
use crate::trace::Call;
use protocol::program::Said;
use protocol::sockets::{Answer, Host, Task};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

const CONNECT: &str = "connect_to";
const FIRST: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
const SECOND: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 3));
const V4: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);

pub(super) fn connects(play: &mut Play<'_>) -> Result<String, Failed> {
    play.look_at_calls(&[Call::Connect]);
    reaches(play, V4)?;
    if has_ipv6() {
        reaches(play, V6)?;
    }
    let port = reserve()?;
    play.expect_refused(Address::v4(port.number()))?;
    let client = connect_to(play, "127.0.0.1", port.number(), Vec::new())?;
    play.refused(client, CONNECT)
        .or_say("A refused connection is reported to the caller, and is no reason to stop.")
        .expected("`connect_to` returns an `Err` where nobody listens")
        .ask("What becomes of the result of `connect`?")
        .misconception("panic-instead-of-result")?;
    Ok("A server was reached by its address, and a port without a server was reported.".to_owned())
}

pub(super) fn tries_every_address(play: &mut Play<'_>) -> Result<String, Failed> {
    play.look_at_calls(&[Call::Connect]);
    second_address(play, FIRST, SECOND)?;
    if has_ipv6() {
        second_address(play, V6, V4)?;
    }
    first_address_is_enough(play)?;
    every_address_refuses(play)?;
    Ok("Addresses were tried in their order, up to the first that answered.".to_owned())
}

/// A name whose first address refuses and whose second one answers.
fn second_address(play: &mut Play<'_>, refusing: IpAddr, answering: IpAddr) -> Result<(), Failed> {
    let reserved = reserve()?;
    let port = reserved.number();
    let listener = play.listen(Address::Inet(SocketAddr::new(answering, port)))?;
    play.expect_refused(Address::Inet(SocketAddr::new(refusing, port)))?;
    let hosts = host(play, "several.test", &[refusing, answering]);
    let client = connect_to(play, "several.test", port, hosts)?;
    arrives(play, client, listener)
        .map_err(|failed| {
            let principle = match play.connected_again() {
                true => "A socket that was refused is of no more use",
                false => "A name has several addresses",
            };
            failed.or_say(&format!("{principle}: {refusing} refused, and {answering} was never reached."))
        })
        .expected(&format!("`connect_to` tries the next address and reaches {answering}"))
        .ask("What becomes of the second address?")
        .misconception("first-address-only")?
        .is_returned(play)?;
    one_socket_left(play, client)
}

fn first_address_is_enough(play: &mut Play<'_>) -> Result<(), Failed> {
    let reserved = reserve()?;
    let port = reserved.number();
    let first = play.listen(Address::Inet(SocketAddr::new(FIRST, port)))?;
    let second = play.listen(Address::Inet(SocketAddr::new(SECOND, port)))?;
    let hosts = host(play, "twice.test", &[FIRST, SECOND]);
    let client = connect_to(play, "twice.test", port, hosts)?;
    arrives(play, client, first)
        .or_say(&format!(
            "Addresses come in the order to try them: {FIRST} answers, and was not the one connected to."
        ))
        .ask("In which order are the addresses tried, and when does the trying end?")
        .misconception("first-address-only")?
        .is_returned(play)?;
    play.expect_no_connection(second)
        .or_say(&format!("One connection is enough: {FIRST} had answered, and {SECOND} was tried as well."))
        .ask("What happens after the first success?")
        .misconception("first-address-only")
}

fn every_address_refuses(play: &mut Play<'_>) -> Result<(), Failed> {
    let reserved = reserve()?;
    let port = reserved.number();
    for address in [FIRST, SECOND] {
        play.expect_refused(Address::Inet(SocketAddr::new(address, port)))?;
    }
    let hosts = host(play, "dead.test", &[FIRST, SECOND]);
    let client = connect_to(play, "dead.test", port, hosts)?;
    play.refused(client, CONNECT)
        .or_say("When no address answers, the caller has to learn it.")
        .expected("`connect_to` returns the `Err` of the last attempt")
        .ask("What is returned when the addresses are used up?")
        .misconception("panic-instead-of-result")
}

fn reaches(play: &mut Play<'_>, server: IpAddr) -> Result<(), Failed> {
    let listener = play.listen(Address::Inet(SocketAddr::new(server, 0)))?;
    let Address::Inet(address) = play.address(listener) else {
        return Ok(());
    };
    let client = connect_to(play, &server.to_string(), address.port(), Vec::new())?;
    arrives(play, client, listener)
        .or_say(&format!("The server at {server} was not reached."))
        .expected("`connect_to` returns a socket that is connected to the server")
        .ask("Which calls make a connection of an address, and in which order?")
        .misconception("socket-without-connect")?
        .is_returned(play)
}

/// The connection arrives.
fn arrives(play: &mut Play<'_>, client: Program, listener: Listener) -> Result<Arrival, Failed> {
    let local = match play.said(client)? {
        Said::Answer(Answer::Connected { local }) => local,
        other => return Err(unexpected(CONNECT, "a connected socket", &other)),
    };
    let connection = play.expect_connection(listener)?;
    Ok(Arrival { local, remote: play.endpoints(connection).map(|(_, theirs)| theirs) })
}

/// The own end of the socket that was returned, and the other end of the connection that arrived.
struct Arrival {
    local: Option<SocketAddr>,
    remote: Option<SocketAddr>,
}

impl Arrival {
    fn is_returned(&self, play: &mut Play<'_>) -> Result<(), Failed> {
        play.require(
            self.local.is_some() && self.local == self.remote,
            Actor::Grader,
            "expects that the returned socket is the one that connected",
            "it is another socket",
        )
        .or_say("`connect_to` connected one socket and returned another.")
        .expected("the socket that has connected first is returned, and nothing else is connected")
        .ask("Which socket is handed on after `connect` has succeeded?")
        .misconception("socket-without-connect")
    }
}

/// What failed attempts leave behind.
fn one_socket_left(play: &mut Play<'_>, client: Program) -> Result<(), Failed> {
    let snapshot = play.at_rest(client)?;
    let sockets = snapshot.sockets().len();
    let seen = format!("{sockets} sockets are open");
    play.require(sockets == 1, Actor::Grader, "expects that only the connected socket is open", &seen)
        .or_say(&format!(
            "A failed attempt leaves nothing behind: {sockets} sockets are open, one of them connected."
        ))
        .expected("the socket of a failed attempt is closed, the connected one is returned")
        .ask("Who owns the socket of an attempt that failed?")
        .misconception("socket-leaked")
}

fn connect_to(play: &mut Play<'_>, host: &str, port: u16, hosts: Vec<Host>) -> Result<Program, Failed> {
    play.start("client", &Task::ConnectTo { hosts, host: host.to_owned(), port: port.to_string() })
}

fn host(play: &mut Play<'_>, name: &str, addresses: &[IpAddr]) -> Vec<Host> {
    let list: Vec<String> = addresses.iter().map(IpAddr::to_string).collect();
    play.note(Actor::Grader, format!("gives the name {name} the addresses {}", list.join(", ")));
    vec![Host { name: name.to_owned(), addresses: addresses.to_vec() }]
}

pub(super) fn reserve() -> Result<Port, Failed> {
    Port::reserve().map_err(|error| Failed::unchecked(format!("No port could be reserved: {error}.")))
}

/// Whether this machine has IPv6.
pub(super) fn has_ipv6() -> bool {
    TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok()
}
