//! `setup_address` and `lookup_host`: the hints are judged by what they bring back.

use super::Play;
use crate::checks::play::unexpected;
use crate::scene::{Explain, Failed};
use crate::steps::Actor;
use crate::trace::Call;
use nix::sys::socket::{AddressFamily, SockType};
use oslab::{AiFlags, Hints};
use protocol::program::Said;
use protocol::sockets::{Address, Answer, Host, Task};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

const SETUP: &str = "setup_address";
const LOOKUP: &str = "lookup_host";
const PORT: u16 = 4711;

pub(super) fn address_of_the_server(play: &mut Play<'_>) -> Result<String, Failed> {
    play.look_at_calls(&[Call::Socket]);
    let program = play.start("program", &Task::SetupAddress { port: PORT.to_string() })?;
    let said = play.said(program)?;
    let found = addresses(play, SETUP, said)?;
    let promised = own_addresses().map_err(|error| Failed::unchecked(format!("getaddrinfo: {error}")))?;
    streams_only(play, SETUP, &found)?;
    wildcards_only(play, &found)?;
    same_ports(play, SETUP, &found)?;
    every_family(play, &found, &promised)?;
    let holds = found.len() == promised.len();
    play.require(holds, Actor::Grader, "expects each address once", &came(&listed(&found)))
        .or_say("Each address of the server is wanted once.")
        .ask("What may the list of addresses contain, according to the contract?")?;
    unknown_service(play)?;
    Ok(format!("{} for port {PORT}, as promised.", listed(&found)))
}

pub(super) fn address_of_a_host(play: &mut Play<'_>) -> Result<String, Failed> {
    play.look_at_calls(&[Call::Socket]);
    let known =
        [IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2)), Ipv6Addr::LOCALHOST.into(), Ipv4Addr::LOCALHOST.into()];
    let found = look_up(play, "several.test", &known)?;
    streams_only(play, LOOKUP, &found)?;
    same_ports(play, LOOKUP, &found)?;
    let found: Vec<IpAddr> = found.iter().filter_map(|address| address.addr).map(|addr| addr.ip()).collect();
    play.require(
        found == known,
        Actor::Grader,
        "expects all three addresses, in the order of the answer",
        &came(&plain(&found)),
    )
    .or_say(&format!("The name has 3 addresses of both families, and `{LOOKUP}` returned {}.", plain(&found)))
    .expected(&format!("{}, each once and in this order", plain(&known)))
    .ask("Which family do the hints ask for, and what is done with the answer?")
    .misconception("one-family")?;
    unknown_host(play)?;
    Ok("All three addresses of a name came back in order, and an unknown name was refused.".to_owned())
}

fn look_up(play: &mut Play<'_>, name: &str, known: &[IpAddr]) -> Result<Vec<Address>, Failed> {
    let hosts = vec![Host { name: name.to_owned(), addresses: known.to_vec() }];
    play.note(Actor::Grader, format!("gives the name {name} the addresses {}", plain(known)));
    let task = Task::LookupHost { hosts, host: name.to_owned(), port: PORT.to_string() };
    let program = play.start("program", &task)?;
    let said = play.said(program)?;
    addresses(play, LOOKUP, said)
        .or_say("A host has a name, not only digits: no address was found for a name that has three.")
        .expected(&plain(known))
        .ask("Do the hints, or anything else, keep the name from being looked up?")
        .misconception("one-family")
}

fn unknown_host(play: &mut Play<'_>) -> Result<(), Failed> {
    let hosts = vec![Host { name: "nobody.test".to_owned(), addresses: Vec::new() }];
    let task = Task::LookupHost { hosts, host: "nobody.test".to_owned(), port: PORT.to_string() };
    let program = play.start("program", &task)?;
    play.refused(program, LOOKUP)
        .or_say("A host that nobody knows is reported to the caller, and is no reason to stop.")
        .expected("`lookup_host` returns an `Err` for a name without addresses")
        .ask("What becomes of the result of `getaddrinfo`?")
        .misconception("panic-instead-of-result")
}

fn unknown_service(play: &mut Play<'_>) -> Result<(), Failed> {
    let program = play.start("program", &Task::SetupAddress { port: "no such service".to_owned() })?;
    play.refused(program, SETUP)
        .or_say("A service that nobody knows is reported to the caller, and is no reason to stop.")
        .expected("`setup_address` returns an `Err` for a port that is neither a number nor a known service")
        .ask("What becomes of the result of `getaddrinfo`?")
        .misconception("panic-instead-of-result")
}

/// What getaddrinfo promises on this machine.
fn own_addresses() -> Result<Vec<SocketAddr>, oslab::GaiError> {
    let hints =
        Hints { flags: AiFlags::AI_PASSIVE, family: AddressFamily::Unspec, socktype: Some(SockType::Stream) };
    let entries = oslab::getaddrinfo(None, Some(&PORT.to_string()), &hints)?;
    let v4 =
        entries.iter().filter_map(|entry| entry.addr.as_sockaddr_in()).map(|addr| SocketAddr::from(*addr));
    let v6 =
        entries.iter().filter_map(|entry| entry.addr.as_sockaddr_in6()).map(|addr| SocketAddr::from(*addr));
    Ok(v4.chain(v6).collect())
}

fn addresses(play: &mut Play<'_>, function: &str, said: Said<Answer>) -> Result<Vec<Address>, Failed> {
    let Said::Answer(Answer::Addresses(found)) = said else {
        return Err(unexpected(function, "addresses", &said));
    };
    play.note("program", format!("returns {} addresses: {}", found.len(), listed(&found)));
    let usable = !found.is_empty() && found.iter().all(|address| address.consistent);
    play.require(usable, Actor::Grader, "expects addresses of the internet", &came(&listed(&found)))
        .or_say(&format!("Nothing can be bound or connected to what `{function}` returned."))?;
    Ok(found)
}

fn streams_only(play: &mut Play<'_>, function: &str, found: &[Address]) -> Result<(), Failed> {
    let strangers = found.iter().filter(|address| !address.stream).count();
    play.require(
        strangers == 0,
        Actor::Grader,
        "expects stream sockets only",
        &came(&format!("{strangers} of another type")),
    )
    .or_say(&format!(
        "Not every address is for TCP: {strangers} of {} are for another type of socket.",
        found.len()
    ))
    .expected(&format!("`{function}` returns addresses for stream sockets, each once"))
    .ask("Which type of socket do the hints ask for?")
    .misconception("any-socket-type")
}

fn wildcards_only(play: &mut Play<'_>, found: &[Address]) -> Result<(), Failed> {
    let narrow = found.iter().filter_map(|address| address.addr).find(|addr| !addr.ip().is_unspecified());
    let seen = narrow.map_or(String::new(), |addr| addr.ip().to_string());
    play.require(
        narrow.is_none(),
        Actor::Grader,
        "expects the wildcard addresses 0.0.0.0 and ::",
        &came(&seen),
    )
    .or_say(&format!("A server listens on every interface: `{SETUP}` returned {seen}, one interface alone."))
    .expected("`setup_address` returns 0.0.0.0 and ::, which stand for every interface")
    .ask("Which flag tells getaddrinfo that the address is for `bind`?")
    .misconception("not-passive")
}

fn same_ports(play: &mut Play<'_>, function: &str, found: &[Address]) -> Result<(), Failed> {
    let other = found.iter().filter_map(|address| address.addr).find(|addr| addr.port() != PORT);
    let seen = other.map_or(String::new(), |addr| format!("port {}", addr.port()));
    play.require(other.is_none(), Actor::Grader, format!("expects port {PORT} everywhere"), &came(&seen))
        .or_say(&format!(
            "The port is the caller's to choose: `{function}` was given {PORT} and returned {seen}."
        ))
        .expected(&format!("every address has port {PORT}"))
        .ask("Where does the argument `port` go?")
        .misconception("port-ignored")
}

fn every_family(play: &mut Play<'_>, found: &[Address], promised: &[SocketAddr]) -> Result<(), Failed> {
    let has = |wanted: &SocketAddr| found.iter().any(|address| address.addr == Some(*wanted));
    let missing = promised.iter().find(|wanted| !has(wanted)).map(|addr| addr.ip());
    let family = if missing.is_some_and(|ip| ip.is_ipv4()) { "IPv4" } else { "IPv6" };
    play.require(missing.is_none(), Actor::Grader, "expects both IPv4 and IPv6", &came(&listed(found)))
        .or_say(&format!("A server serves both families: `{SETUP}` returned no {family} address."))
        .expected("addresses of IPv4 and IPv6, since this machine has both")
        .ask("Which family do the hints ask for?")
        .misconception("one-family")
}

fn came(what: &str) -> String {
    format!("{what} came")
}

fn listed(found: &[Address]) -> String {
    let names: Vec<String> = found
        .iter()
        .map(|address| address.addr.map_or("no IP address".to_owned(), |addr| addr.ip().to_string()))
        .collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn plain(addresses: &[IpAddr]) -> String {
    let names: Vec<String> = addresses.iter().map(IpAddr::to_string).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
