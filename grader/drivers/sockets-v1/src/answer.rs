//! The student's results as records.

use driver::internet;
use nix::sys::socket::{AddressFamily, SockProtocol, SockType};
use oslab::AddrInfo;
use protocol::sockets::{Address, Answer};
use sockets_v1::{Error, FiveTuple};
use std::net::SocketAddr;

pub type Said = protocol::program::Said<Answer>;

pub fn addresses(entries: &[AddrInfo]) -> Said {
    Said::Answer(Answer::Addresses(entries.iter().map(address).collect()))
}

fn address(entry: &AddrInfo) -> Address {
    let addr = internet(&entry.addr);
    let family = match addr {
        Some(SocketAddr::V4(_)) => Some(AddressFamily::Inet),
        Some(SocketAddr::V6(_)) => Some(AddressFamily::Inet6),
        None => None,
    };
    Address { addr, consistent: family == Some(entry.family), stream: entry.socktype == SockType::Stream }
}

pub fn five_tuple(tuple: FiveTuple) -> Said {
    Said::Answer(Answer::FiveTuple {
        source: SocketAddr::new(tuple.source_address, tuple.source_port),
        destination: SocketAddr::new(tuple.destination_address, tuple.destination_port),
        tcp: tuple.protocol == SockProtocol::Tcp,
    })
}

pub fn refused(error: Error) -> Said {
    let errno = match error {
        Error::Call { errno, .. } => Some(errno as i32),
        Error::Lookup(_) => None,
    };
    Said::Refused { message: error.to_string(), errno }
}

pub fn returned(result: Result<(), Error>) -> Said {
    result.map_or_else(refused, |()| Said::Returned)
}
