//! What is on its way between the grader's end of a connection and the program's.

use super::socket::Wire;
use crate::observe::tcp::{self, TcpState};
use crate::observe::unix;
use std::os::fd::{AsRawFd, OwnedFd};

impl Wire {
    /// Whether something is on its way: sent and not arrived, held back although there is room again (the kernel may
    /// take its time to say so), or, where this end reads, not yet here.
    pub(super) fn in_flight(&self) -> bool {
        use TcpState::{Established, FinWait1, FinWait2, SynReceived};
        let Some((near, far)) = self.ends else {
            return false;
        };
        let Ok(Some(other)) = tcp::connection(far, near) else {
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
            Some((near, far)) => tcp::connection(far, near).ok()??.inode,
            None => unix::peer(inode_of(self.socket.as_ref()?)?).ok()??,
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
        let mut wire = Wire::new(crate::steps::Actor::Client(1), client.into());
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
