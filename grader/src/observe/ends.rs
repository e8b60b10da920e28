//! The two ends of a connection, by the addresses of the internet.

use nix::sys::socket::{SockaddrStorage, getpeername, getsockname};
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, OwnedFd};

/// Its own end and the other one.
pub type Ends = (SocketAddr, SocketAddr);

/// Both ends of a connection; none where it is no connection of the internet.
pub(crate) fn ends(connection: &OwnedFd) -> Option<Ends> {
    let fd = connection.as_raw_fd();
    Some((inet(getsockname(fd).ok()?)?, inet(getpeername(fd).ok()?)?))
}

/// An address of the internet; an IPv4 one inside an IPv6 socket is what it is.
pub(crate) fn inet(address: SockaddrStorage) -> Option<SocketAddr> {
    let v4 = address.as_sockaddr_in().map(|address| SocketAddr::from(*address));
    let v6 = address.as_sockaddr_in6().map(|address| SocketAddr::from(*address));
    v4.or(v6).map(|address| SocketAddr::new(address.ip().to_canonical(), address.port()))
}
