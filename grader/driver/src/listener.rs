//! Listeners of the driver's own, so that each of the student's functions is tried alone; and what there is to say of
//! sockets.

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockType, SockaddrIn, SockaddrIn6, SockaddrLike, SockaddrStorage, bind,
    getpeername, getsockname, listen, setsockopt, socket, sockopt,
};
use protocol::program::Said;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};

/// How narrow the connections are that a listener accepts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// `SO_SNDBUF`, in bytes.
    pub send_buffer: Option<usize>,
    /// `TCP_MAXSEG`, in bytes.
    pub segment: Option<u32>,
    /// `TCP_NODELAY`: small pieces do not wait for each other.
    pub no_delay: bool,
}

/// A listener at a port that the kernel chose, for both families where the machine has both.
///
/// # Panics
/// Where this machine lets no program listen.
pub fn listener(options: Options) -> OwnedFd {
    dual_stack(options).or_else(|_| ipv4(options)).expect("this machine lets a program listen")
}

/// A socket that was never told to listen.
///
/// # Panics
/// Where no socket can be made.
pub fn deaf() -> OwnedFd {
    socket(AddressFamily::Inet, SockType::Stream, SockFlag::SOCK_CLOEXEC, None).expect("a socket can be made")
}

fn dual_stack(options: Options) -> nix::Result<OwnedFd> {
    let listener = socket(AddressFamily::Inet6, SockType::Stream, SockFlag::SOCK_CLOEXEC, None)?;
    setsockopt(&listener, sockopt::Ipv6V6Only, &false)?;
    listening(
        listener,
        &SockaddrIn6::from(std::net::SocketAddrV6::new(std::net::Ipv6Addr::UNSPECIFIED, 0, 0, 0)),
        options,
    )
}

fn ipv4(options: Options) -> nix::Result<OwnedFd> {
    let listener = socket(AddressFamily::Inet, SockType::Stream, SockFlag::SOCK_CLOEXEC, None)?;
    listening(listener, &SockaddrIn::new(0, 0, 0, 0, 0), options)
}

/// What is set on a listener holds for the connections it accepts.
fn listening(listener: OwnedFd, address: &dyn SockaddrLike, options: Options) -> nix::Result<OwnedFd> {
    if let Some(bytes) = options.send_buffer {
        setsockopt(&listener, sockopt::SndBuf, &bytes)?;
    }
    if let Some(bytes) = options.segment {
        setsockopt(&listener, sockopt::TcpMaxSeg, &bytes)?;
    }
    setsockopt(&listener, sockopt::TcpNoDelay, &options.no_delay)?;
    bind(listener.as_raw_fd(), address)?;
    listen(&listener, Backlog::MAXCONN)?;
    Ok(listener)
}

/// What there is to say of a listener.
pub fn listening_at<A>(listener: BorrowedFd<'_>) -> Said<A> {
    let flags = fcntl(listener, FcntlArg::F_GETFL).map_or(OFlag::empty(), OFlag::from_bits_truncate);
    Said::Listening {
        port: local(listener).map_or(0, |address| address.port()),
        blocking: !flags.contains(OFlag::O_NONBLOCK),
    }
}

/// A socket's own end; none for one that is not of the internet.
pub fn local(socket: BorrowedFd<'_>) -> Option<SocketAddr> {
    internet(&getsockname::<SockaddrStorage>(socket.as_raw_fd()).ok()?)
}

/// A connection's other end.
pub fn peer(socket: BorrowedFd<'_>) -> Option<SocketAddr> {
    internet(&getpeername::<SockaddrStorage>(socket.as_raw_fd()).ok()?)
}

/// An address of the internet; IPv4 clients of IPv6 sockets in plain form.
pub fn internet(address: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = address.as_sockaddr_in().map(|address| SocketAddr::from(*address));
    let v6 = address.as_sockaddr_in6().map(|address| SocketAddr::from(*address));
    v4.or(v6).map(|address| SocketAddr::new(address.ip().to_canonical(), address.port()))
}
