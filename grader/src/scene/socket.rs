//! A connection's descriptor, and the bytes that go out and come in.

use crate::observe::{Ends, ends};
use crate::process::receive;
use crate::steps::Actor;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags};
use nix::sys::socket::{self, MsgFlags};
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
    pub(super) actor: Actor,
    /// What it is called in sentences.
    pub(super) name: String,
    pub(super) socket: Option<OwnedFd>,
    /// Both ends, grader's first; a Unix socket has none.
    pub(super) ends: Option<Ends>,
    pub(super) outgoing: Vec<u8>,
    /// How much of it went out.
    pub(super) sent: usize,
    pub(super) incoming: Vec<u8>,
    pub(super) end: Option<End>,
    /// Whether an expectation is reading.
    pub(super) reads: bool,
    /// How many bytes the kernel was given in all.
    pub(super) handed: u64,
    /// How many bytes came in all.
    received: u64,
    /// Sends nothing more: half-closed or closed.
    pub(super) finished: bool,
}

impl Wire {
    pub(super) fn new(actor: Actor, socket: OwnedFd) -> Wire {
        Wire {
            name: actor.to_string(),
            actor,
            ends: ends(&socket),
            socket: Some(socket),
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
        let recv = |buffer: &mut [u8]| socket::recv(socket.as_raw_fd(), buffer, MsgFlags::empty());
        match receive(recv, |part| self.incoming.extend_from_slice(part)) {
            Ok(0) => self.end = Some(End::File),
            Ok(count) => self.received += count as u64,
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
}
