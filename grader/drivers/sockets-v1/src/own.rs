//! What the driver makes itself, so that each of the student's functions is tried alone.

use crate::answer::internet;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockType, SockaddrIn, SockaddrIn6, SockaddrLike, SockaddrStorage, bind,
    getpeername, getsockname, listen, setsockopt, socket, sockopt,
};
use protocol::sockets::{Connection, Said};
use std::io::Read;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};

/// Several times the largest segment of the loopback: a smaller buffer would wait for delayed acknowledgements.
pub const NARROW: usize = 256 << 10;

/// A listener at a port that the kernel chose, for both families where the machine has both.
pub fn listener(options: Connection) -> OwnedFd {
    dual_stack(options).or_else(|_| ipv4(options)).expect("this machine lets a program listen")
}

fn dual_stack(options: Connection) -> nix::Result<OwnedFd> {
    let listener = socket(AddressFamily::Inet6, SockType::Stream, SockFlag::SOCK_CLOEXEC, None)?;
    setsockopt(&listener, sockopt::Ipv6V6Only, &false)?;
    listening(
        listener,
        &SockaddrIn6::from(std::net::SocketAddrV6::new(std::net::Ipv6Addr::UNSPECIFIED, 0, 0, 0)),
        options,
    )
}

fn ipv4(options: Connection) -> nix::Result<OwnedFd> {
    let listener = socket(AddressFamily::Inet, SockType::Stream, SockFlag::SOCK_CLOEXEC, None)?;
    listening(listener, &SockaddrIn::new(0, 0, 0, 0, 0), options)
}

/// What is set on a listener holds for the connections it accepts.
fn listening(listener: OwnedFd, address: &dyn SockaddrLike, options: Connection) -> nix::Result<OwnedFd> {
    if let Some(bytes) = options.send_buffer {
        setsockopt(&listener, sockopt::SndBuf, &bytes)?;
    }
    if let Some(bytes) = options.segment {
        setsockopt(&listener, sockopt::TcpMaxSeg, &bytes)?;
    }
    bind(listener.as_raw_fd(), address)?;
    listen(&listener, Backlog::MAXCONN)?;
    Ok(listener)
}

/// A connection whose sender soon feels that the other side does not read.
pub fn narrow(socket: &OwnedFd) {
    setsockopt(socket, sockopt::SndBuf, &NARROW).expect("a socket has a send buffer");
}

/// What there is to say of a listener.
pub fn listening_at(listener: BorrowedFd<'_>) -> Said {
    let flags = fcntl(listener, FcntlArg::F_GETFL).map_or(OFlag::empty(), OFlag::from_bits_truncate);
    Said::Listening {
        port: local(listener).map_or(0, |address| address.port()),
        blocking: !flags.contains(OFlag::O_NONBLOCK),
    }
}

pub fn local(socket: BorrowedFd<'_>) -> Option<SocketAddr> {
    internet(&getsockname::<SockaddrStorage>(socket.as_raw_fd()).ok()?)
}

pub fn peer(socket: BorrowedFd<'_>) -> Option<SocketAddr> {
    internet(&getpeername::<SockaddrStorage>(socket.as_raw_fd()).ok()?)
}

/// Waits until the grader ends standard input.
pub fn gate() {
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}

/// Waits for the grader to end this program.
pub fn hold() -> ! {
    loop {
        nix::unistd::pause();
    }
}

/// Lets SIGUSR1 interrupt a call that has begun its work. With SA_RESTART, one that has not is made again by the kernel.
pub fn tolerate_signals(flags: SaFlags) {
    extern "C" fn nothing(_: libc::c_int) {}
    let action = SigAction::new(SigHandler::Handler(nothing), flags, SigSet::empty());
    // SAFETY: the handler does nothing, which is safe at any time.
    unsafe { sigaction(Signal::SIGUSR1, &action) }.expect("SIGUSR1 can be handled");
}
