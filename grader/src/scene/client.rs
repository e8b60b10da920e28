//! How the grader's clients connect.

use super::connection::Connection;
use super::deed::Deed;
use super::socket::Wire;
use super::wait::{Pace, Stuck};
use super::{Address, Failed, Scene};
use crate::steps::{Action, Actor};
use nix::errno::Errno;
use nix::sys::socket::{self, sockopt};
use std::os::fd::{AsRawFd, OwnedFd};

/// How a client connects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConnectOptions {
    /// SO_RCVBUF, in bytes, set before connecting: a small one makes the program's writes block early. A segment of the
    /// loopback holds 64 KiB: with less room than that, the kernel's window probes set the pace, tenths of seconds apart.
    pub receive_buffer: Option<usize>,
    /// SO_SNDBUF, in bytes.
    pub send_buffer: Option<usize>,
}

impl Scene {
    /// Connects a new client; the connection must be established (accepted by the kernel, not yet by the program).
    pub fn connect(&mut self, address: Address) -> Result<Connection, Failed> {
        self.connect_with(address, ConnectOptions::default())
    }

    /// The same, with options.
    pub fn connect_with(&mut self, address: Address, options: ConnectOptions) -> Result<Connection, Failed> {
        self.clients += 1;
        let client = Actor::Client(self.clients);
        let action = Action::Connects(address.to_string());
        match self.try_connect(&address, options) {
            Ok(Ok(socket)) => {
                self.deed(Deed::Connects(Connection(self.connections.len())));
                self.did(client.clone(), action);
                self.connections.push(Wire::new(client, socket));
                Ok(Connection(self.connections.len() - 1))
            }
            Ok(Err(errno)) => {
                Err(self.fail(client, action, format!("it fails: {}", errno.desc()), Vec::new()))
            }
            Err(stuck) => Err(self.stuck(client, action, stuck)),
        }
    }

    fn try_connect(
        &mut self,
        address: &Address,
        options: ConnectOptions,
    ) -> Result<nix::Result<OwnedFd>, Stuck> {
        let (socket, answer) = match begin(address, options) {
            Ok(begun) => begun,
            Err(errno) => return Ok(Err(errno)),
        };
        self.dials = true;
        let answer = match answer {
            // A Unix listener whose queue is full.
            Err(Errno::EAGAIN) => self.wait(Pace::Looks, |_| dialled(&socket, address)),
            Err(Errno::EINPROGRESS) => self.wait(Pace::Looks, |_| connected(&socket)),
            answer => Ok(answer),
        };
        self.dials = false;
        Ok(answer?.map(|()| socket))
    }

    /// Expects that a connect to this address is refused.
    pub fn expect_refused(&mut self, address: Address) -> Result<(), Failed> {
        self.clients += 1;
        let client = Actor::Client(self.clients);
        let action = Action::ExpectsRefusal(address.to_string());
        match self.try_connect(&address, ConnectOptions::default()) {
            Ok(Err(Errno::ECONNREFUSED | Errno::ENOENT)) => {
                self.did(client, action);
                Ok(())
            }
            Ok(Err(errno)) => {
                Err(self.fail(client, action, format!("it fails: {}", errno.desc()), Vec::new()))
            }
            Ok(Ok(_)) => Err(self.fail(client, action, "it is connected".to_owned(), Vec::new())),
            Err(stuck) => Err(self.stuck(client, action, stuck)),
        }
    }
}

/// A socket of its own and the answer to its first connect.
fn begin(address: &Address, options: ConnectOptions) -> nix::Result<(OwnedFd, nix::Result<()>)> {
    let socket = address.socket()?;
    options.receive_buffer.map_or(Ok(()), |size| socket::setsockopt(&socket, sockopt::RcvBuf, &size))?;
    options.send_buffer.map_or(Ok(()), |size| socket::setsockopt(&socket, sockopt::SndBuf, &size))?;
    let answer = dial(&socket, address);
    Ok((socket, answer))
}

fn dial(socket: &OwnedFd, address: &Address) -> nix::Result<()> {
    socket::connect(socket.as_raw_fd(), &*address.raw()?)
}

fn dialled(socket: &OwnedFd, address: &Address) -> Option<nix::Result<()>> {
    match dial(socket, address) {
        Err(Errno::EAGAIN) => None,
        Err(Errno::EISCONN) => Some(Ok(())),
        answer => Some(answer),
    }
}

/// The answer to a connect that was under way; none where it still is.
fn connected(socket: &OwnedFd) -> Option<nix::Result<()>> {
    match socket::getsockopt(socket, sockopt::SocketError) {
        Ok(0) => socket::getpeername::<socket::SockaddrStorage>(socket.as_raw_fd()).ok().map(|_| Ok(())),
        Ok(code) => Some(Err(Errno::from_raw(code))),
        Err(errno) => Some(Err(errno)),
    }
}
