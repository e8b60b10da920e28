//! `five_tuple`: compared with what the clients know of themselves.

use super::Play;
use super::client::has_ipv6;
use crate::checks::play::unexpected;
use crate::scene::{Address, Explain, Failed};
use crate::steps::Actor;
use protocol::program::Said;
use protocol::sockets::{Answer, Task};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

const FIVE_TUPLE: &str = "five_tuple";

pub(super) fn five_tuple(play: &mut Play<'_>) -> Result<String, Failed> {
    let v4: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv4Addr::new(127, 0, 0, 2).into()];
    let v6 = has_ipv6().then_some(IpAddr::V6(Ipv6Addr::LOCALHOST));
    let servers: Vec<IpAddr> = v4.into_iter().chain(v6).collect();
    let program = play.start("server", &Task::FiveTuple { accept: servers.len() })?;
    let port = play.port(program, FIVE_TUPLE)?;
    for &server in &servers {
        let client = play.connect(Address::Inet(SocketAddr::new(server, port)))?;
        let Some((source, destination)) = play.endpoints(client) else {
            return Err(Failed::unchecked("The grader's client does not know its own address."));
        };
        let said = play.said(program)?;
        agree(play, &said, source, destination)?;
    }
    Ok(format!("{} connections were named by addresses, ports and protocol.", servers.len()))
}

fn agree(
    play: &mut Play<'_>,
    said: &Said<Answer>,
    source: SocketAddr,
    destination: SocketAddr,
) -> Result<(), Failed> {
    let Said::Answer(Answer::FiveTuple { source: from, destination: to, tcp }) = said else {
        return Err(unexpected(FIVE_TUPLE, "a 5-tuple", said));
    };
    let wrong = [
        ("source address", plain(from) != plain(&source)),
        ("source port", from.port() != source.port()),
        ("destination address", plain(to) != plain(&destination)),
        ("destination port", to.port() != destination.port()),
        ("protocol", !tcp),
    ];
    let names: Vec<&str> = wrong.iter().filter(|(_, wrong)| *wrong).map(|(name, _)| *name).collect();
    play.require(
        names.is_empty(),
        Actor::Grader,
        "expects the 5-tuple that the client knows",
        &format!("it differs in {}", names.join(", ")),
    )
    .or_say(&format!("A connection is named by both its ends, source first: wrong {}.", names.join(" and ")))
    .expected("source is the client's end, destination the server's end of this very connection")
    .ask("Which call tells this socket's own end, and which the other one?")
    .misconception("ends-swapped")
}

/// An IPv4 address, also where it comes dressed as IPv6.
fn plain(address: &SocketAddr) -> IpAddr {
    address.ip().to_canonical()
}
