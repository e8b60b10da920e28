//! The listening socket: the "socket setup code" that the lecture elides, as in the lab on sockets.

use crate::Error;
use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockType, SockaddrIn, SockaddrIn6, SockaddrLike, SockaddrStorage, bind,
    getsockname, listen, setsockopt, socket, sockopt,
};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddrV4, SocketAddrV6};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

/// Makes a socket that listens at a port of every interface, for clients of IPv4 and, where the machine has it, of IPv6.
///
/// Port 0 has the system choose a free one; [`port_of`] says which. Does not block. The listener belongs to the caller,
/// and is a blocking one. Fails with the error of the call: `EADDRINUSE` when another server listens there.
pub fn listen_on(port: u16) -> Result<OwnedFd, Error> {
    let any = SockaddrIn6::from(SocketAddrV6::new(Ipv6Addr::UNSPECIFIED, port, 0, 0));
    listen_at(AddressFamily::Inet6, &any).or_else(|error| match error {
        Error::Call { call: "socket" | "setsockopt", .. } => {
            listen_at(AddressFamily::Inet, &SockaddrIn::from(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, port)))
        }
        error => Err(error),
    })
}

fn listen_at(family: AddressFamily, address: &dyn SockaddrLike) -> Result<OwnedFd, Error> {
    let listener =
        socket(family, SockType::Stream, SockFlag::SOCK_CLOEXEC, None).map_err(Error::of("socket"))?;
    setsockopt(&listener, sockopt::ReuseAddr, &true).map_err(Error::of("setsockopt"))?;
    if family == AddressFamily::Inet6 {
        setsockopt(&listener, sockopt::Ipv6V6Only, &false).map_err(Error::of("setsockopt"))?;
    }
    bind(listener.as_raw_fd(), address).map_err(Error::of("bind"))?;
    listen(&listener, Backlog::MAXCONN).map_err(Error::of("listen"))?;
    Ok(listener)
}

/// The port at which a socket of the internet listens. Fails with the error of `getsockname(2)`.
pub fn port_of(listener: impl AsFd) -> Result<u16, Error> {
    let address: SockaddrStorage =
        getsockname(listener.as_fd().as_raw_fd()).map_err(Error::of("getsockname"))?;
    let v6 = address.as_sockaddr_in6().map(|address| address.port());
    let v4 = address.as_sockaddr_in().map(|address| address.port());
    v6.or(v4).ok_or_else(|| Error::of("getsockname")(nix::errno::Errno::EAFNOSUPPORT))
}
