//! A connection's descriptor, and how it stands with what was sent.

use super::Address;
use crate::observe::sockets::{self, TcpState};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags};
use nix::sys::socket::{self, MsgFlags, SockaddrLike, SockaddrStorage, UnixAddr};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

/// Transfers per round, so that one busy connection cannot keep the loop to itself.
const SHARE: usize = 16;

/// How the receiving direction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// End of file.
    File,
    /// A reset.
    Reset,
}

/// A connection of the grader.
#[derive(Debug)]
pub(super) struct Wire {
    pub(super) name: String,
    pub(super) socket: Option<OwnedFd>,
    /// Both ends, grader's first; a Unix socket has none.
    pub(super) ends: Option<(SocketAddr, SocketAddr)>,
    pub(super) outgoing: Vec<u8>,
    /// How much of it went out.
    pub(super) sent: usize,
    pub(super) incoming: Vec<u8>,
    pub(super) end: Option<End>,
    /// Whether an expectation is reading.
    pub(super) reads: bool,
    /// How many bytes the kernel was given in all.
    handed: u64,
    /// How many bytes came in all.
    received: u64,
    /// Sends nothing more: half-closed or closed.
    finished: bool,
}

impl Wire {
    pub(super) fn new(name: String, socket: OwnedFd) -> Wire {
        let fd = socket.as_raw_fd();
        let near = socket::getsockname::<SockaddrStorage>(fd).ok().and_then(inet);
        let far = socket::getpeername::<SockaddrStorage>(fd).ok().and_then(inet);
        Wire {
            name,
            socket: Some(socket),
            ends: near.zip(far),
            outgoing: Vec::new(),
            sent: 0,
            incoming: Vec::new(),
            end: None,
            reads: false,
            handed: 0,
            received: 0,
            finished: false,
        }
    }

    pub(super) fn poll_fd(&self) -> Option<PollFd<'_>> {
        let mut flags = PollFlags::empty();
        flags.set(PollFlags::POLLIN, self.reads && self.end.is_none());
        flags.set(PollFlags::POLLOUT, self.unsent() > 0);
        let socket = self.socket.as_ref().filter(|_| !flags.is_empty())?;
        Some(PollFd::new(socket.as_fd(), flags))
    }

    /// How many bytes have gone out and come in.
    pub(super) fn moved(&self) -> u64 {
        self.handed + self.received
    }

    /// Gives it bytes to send; what was still to be sent is forgotten.
    pub(super) fn give(&mut self, bytes: &[u8]) {
        self.outgoing = bytes.to_vec();
        self.sent = 0;
    }

    pub(super) fn unsent(&self) -> usize {
        if self.socket.is_some() && self.end != Some(End::Reset) {
            self.outgoing.len() - self.sent
        } else {
            0
        }
    }

    /// Sends and receives what can be.
    pub(super) fn pump(&mut self) {
        for _ in 0..SHARE {
            let sends = self.unsent() > 0 && self.push();
            let receives = self.reads && self.end.is_none() && self.pull();
            if !sends && !receives {
                return;
            }
        }
    }

    fn push(&mut self) -> bool {
        let Some(socket) = &self.socket else { return false };
        match socket::send(socket.as_raw_fd(), &self.outgoing[self.sent..], MsgFlags::MSG_NOSIGNAL) {
            Ok(count) => {
                self.sent += count;
                self.handed += count as u64;
            }
            Err(Errno::EINTR) => {}
            Err(Errno::EAGAIN) => return false,
            Err(_) => self.end = Some(End::Reset),
        }
        true
    }

    fn pull(&mut self) -> bool {
        let Some(socket) = &self.socket else { return false };
        let mut buffer = [0; 64 << 10];
        match socket::recv(socket.as_raw_fd(), &mut buffer, MsgFlags::empty()) {
            Ok(0) => self.end = Some(End::File),
            Ok(count) => {
                self.incoming.extend_from_slice(&buffer[..count]);
                self.received += count as u64;
            }
            Err(Errno::EINTR) => {}
            Err(Errno::EAGAIN) => return false,
            Err(_) => self.end = Some(End::Reset),
        }
        true
    }

    pub(super) fn half_close(&mut self) -> nix::Result<()> {
        self.finished = true;
        let socket = self.socket.as_ref().ok_or(Errno::EBADF)?;
        socket::shutdown(socket.as_raw_fd(), socket::Shutdown::Write)
    }

    pub(super) fn close(&mut self) {
        self.finished = true;
        self.socket = None;
    }

    pub(super) fn reset(&mut self) {
        let linger = libc::linger { l_onoff: 1, l_linger: 0 };
        if let Some(socket) = &self.socket {
            let _ = socket::setsockopt(socket, socket::sockopt::Linger, &linger);
        }
        self.close();
    }

    /// Whether something is on its way: sent and not arrived, held back although there is room again (the kernel may
    /// take its time to say so), or, where this end reads, not yet here.
    pub(super) fn in_flight(&self) -> bool {
        use TcpState::{Established, FinWait1, FinWait2, SynReceived};
        let Some((near, far)) = self.ends else {
            return false;
        };
        let Ok(Some(other)) = sockets::connection(far, near) else {
            return false;
        };
        let unaware = matches!(other.state, SynReceived | Established | FinWait1 | FinWait2);
        let Some(socket) = &self.socket else {
            return unaware;
        };
        let held_back = held_back(socket).min(self.handed);
        let late = other.received.is_some_and(|received| received < self.handed - held_back);
        let resumes = held_back > 0 && other.receive_queue == 0;
        let unknown_end = self.finished && held_back == 0 && unaware;
        let comes = self.reads && self.end.is_none() && other.send_queue > 0;
        other.state == SynReceived || late || resumes || unknown_end || comes
    }

    /// The inode of the other end's socket, where a process holds it.
    pub(super) fn other_inode(&self) -> Option<u64> {
        let inode = match self.ends {
            Some((near, far)) => sockets::connection(far, near).ok()??.inode,
            None => sockets::unix_peer(inode_of(self.socket.as_ref()?)?).ok()??,
        };
        (inode != 0).then_some(inode)
    }
}

/// Bytes that the kernel holds back because the other side has no room for them.
fn held_back(socket: &OwnedFd) -> u64 {
    const SIOCOUTQNSD: libc::Ioctl = 0x894b;
    let mut bytes: libc::c_int = 0;
    // SAFETY: this request writes one int, to a place that lives through the call.
    let result = unsafe { libc::ioctl(socket.as_raw_fd(), SIOCOUTQNSD, &raw mut bytes) };
    if result == 0 { bytes as u64 } else { 0 }
}

fn inode_of(socket: &OwnedFd) -> Option<u64> {
    nix::sys::stat::fstat(socket).ok().map(|stat| stat.st_ino)
}

fn inet(address: SockaddrStorage) -> Option<SocketAddr> {
    let v4 = address.as_sockaddr_in().map(|v4| SocketAddr::from((v4.ip(), v4.port())));
    let canonical = |ip: std::net::Ipv6Addr| IpAddr::V6(ip).to_canonical();
    v4.or_else(|| address.as_sockaddr_in6().map(|v6| SocketAddr::from((canonical(v6.ip()), v6.port()))))
}

/// What `bind` and `connect` take.
pub(super) fn raw(address: &Address) -> io::Result<Box<dyn SockaddrLike>> {
    Ok(match address {
        Address::Inet(address) => Box::new(SockaddrStorage::from(*address)),
        Address::Unix(path) => Box::new(UnixAddr::new(path.as_path())?),
    })
}

/// The address a socket is bound to.
pub(super) fn bound(socket: &OwnedFd) -> Option<SocketAddr> {
    socket::getsockname::<SockaddrStorage>(socket.as_raw_fd()).ok().and_then(inet)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn what_has_not_arrived_is_in_flight() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let client = TcpStream::connect(listener.local_addr().expect("bound")).expect("accepted");
        let (mut server, _) = listener.accept().expect("a client waits");
        client.set_nonblocking(true).expect("a socket");
        let mut wire = Wire::new("client 1".to_owned(), client.into());
        wire.give(b"hello");
        wire.pump();
        assert_eq!((wire.unsent(), wire.in_flight()), (0, false), "all of it is in the server's queue");
        wire.handed += 1;
        assert!(wire.in_flight(), "the server has one byte less than was sent");
        wire.handed -= 1;
        wire.finished = true;
        assert!(wire.in_flight(), "the server does not know of the end");
        wire.half_close().expect("connected");
        assert!(!wire.in_flight(), "now it does");
        std::io::Write::write_all(&mut server, b"answer").expect("sent");
        wire.reads = true;
        wire.pump();
        assert!(!wire.in_flight(), "the answer is read");
        wire.reset();
        assert!(!wire.in_flight(), "nothing is left of the connection");
    }
}
