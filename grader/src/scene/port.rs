//! Ports that a check may promise to a program.
//!
//! A program that is told port 0 needs none of this. Where a check must name a port, it must be one that nobody takes
//! between the choice and the program's own bind: the port lies outside the kernel's ephemeral range, so no connection is
//! given it; an abstract Unix socket named after it, held for as long as the [`Port`] lives, keeps every other grader in
//! this network namespace away; and a trial bind of both families, without address reuse, shows that neither a listener
//! nor a lingering connection uses it.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::os::fd::AsRawFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::UnixListener;

use nix::sys::socket::{self, AddressFamily, SockFlag, SockType, SockaddrStorage, sockopt};

/// A port reserved for this check.
#[derive(Debug)]
pub struct Port {
    number: u16,
    _lock: UnixListener,
}

impl Port {
    /// Reserves a port. It stays this check's as long as the value lives.
    ///
    /// # Errors
    /// Where no port is free, or the kernel's range cannot be read.
    pub fn reserve() -> io::Result<Port> {
        let range = candidates(&std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range")?)?;
        // Concurrent checks begin at different places; which port it is does not matter otherwise.
        let (first, count) = (u32::from(*range.start()), range.len() as u32);
        let start = std::process::id() * 31 % count;
        let mut tried = (0..count).map(|step| (first + (start + step) % count) as u16);
        tried
            .find_map(Port::take)
            .ok_or_else(|| io::Error::other("no free port outside the kernel's own range"))
    }

    fn take(number: u16) -> Option<Port> {
        let name = format!("oslab-grader-port-{number}");
        let address = std::os::unix::net::SocketAddr::from_abstract_name(name).ok()?;
        let lock = UnixListener::bind_addr(&address).ok()?;
        is_free(number).then_some(Port { number, _lock: lock })
    }

    /// The port.
    pub fn number(&self) -> u16 {
        self.number
    }
}

/// Ports above the privileged ones, on the larger side of the kernel's ephemeral range.
fn candidates(range: &str) -> io::Result<RangeInclusive<u16>> {
    let mut bounds = range.split_ascii_whitespace().filter_map(|bound| bound.parse::<u16>().ok());
    let (low, high) = bounds.next().zip(bounds.next()).ok_or(io::ErrorKind::InvalidData)?;
    let (below, above) = (10_000..=low.saturating_sub(1), high.saturating_add(1)..=65_000);
    Ok(if below.len() >= above.len() { below } else { above }).and_then(|range| match range.len() {
        0 => Err(io::Error::other("the kernel's own range covers every port")),
        _ => Ok(range),
    })
}

fn is_free(number: u16) -> bool {
    let any: [SocketAddr; 2] =
        [(Ipv4Addr::UNSPECIFIED, number).into(), (Ipv6Addr::UNSPECIFIED, number).into()];
    any.into_iter().all(|address| bind(address).is_ok_and(|free| free))
}

/// Whether an address can be bound; a machine without IPv6 has all of its ports free.
fn bind(address: SocketAddr) -> nix::Result<bool> {
    let family = if address.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 };
    let socket = match socket::socket(family, SockType::Stream, SockFlag::SOCK_CLOEXEC, None) {
        Err(nix::errno::Errno::EAFNOSUPPORT) => return Ok(true),
        socket => socket?,
    };
    if address.is_ipv6() {
        socket::setsockopt(&socket, sockopt::Ipv6V6Only, &true)?;
    }
    Ok(socket::bind(socket.as_raw_fd(), &SockaddrStorage::from(address)).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn two_reservations_differ_and_the_port_can_be_bound() {
        let (one, other) = (Port::reserve().expect("a port"), Port::reserve().expect("a port"));
        assert_ne!(one.number(), other.number());
        TcpListener::bind(("127.0.0.1", one.number())).expect("nobody else has it");
    }

    #[test]
    fn a_port_in_use_is_not_given() {
        let port = Port::reserve().expect("a port").number();
        let _user = TcpListener::bind(("127.0.0.1", port)).expect("free");
        assert!(Port::take(port).is_none());
    }

    #[test]
    fn ports_lie_outside_the_kernels_range() {
        assert_eq!(candidates("32768\t60999\n").expect("a range"), 10_000..=32_767);
        assert_eq!(candidates("1024 40000").expect("a range"), 40_001..=65_000);
        assert!(candidates("1024 65535").is_err());
    }
}
