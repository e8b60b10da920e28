//! The grader's scripted connections: what its clients do, and what they expect.

use super::bytes::{compare, count, describe, first_difference};
use super::socket::{End, Wire, raw};
use super::wait::{Pace, Stuck};
use super::{Address, Failed, Scene};
use nix::errno::Errno;
use nix::sys::socket::{self, AddressFamily, SockFlag, SockType, SockaddrLike, sockopt};
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, OwnedFd};

/// A connection of the grader: made by [`Scene::connect`] (`client 1`, …) or accepted by
/// [`Scene::expect_connection`] (`peer 1`, …). It reads only when something is expected of it: one that expects nothing
/// has stopped reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connection(pub(super) usize);

/// How a client connects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConnectOptions {
    /// SO_RCVBUF, in bytes, set before connecting: a small one makes the program's writes block early.
    pub receive_buffer: Option<usize>,
    /// SO_SNDBUF, in bytes.
    pub send_buffer: Option<usize>,
}

/// How far an expectation of bytes has come.
enum Arrived {
    All,
    Differs(usize),
    Ended(End),
}

impl Scene {
    /// Connects a new client; the connection must be established (accepted by the kernel, not yet by the program).
    pub fn connect(&mut self, address: Address) -> Result<Connection, Failed> {
        self.connect_with(address, ConnectOptions::default())
    }

    /// The same, with options.
    pub fn connect_with(&mut self, address: Address, options: ConnectOptions) -> Result<Connection, Failed> {
        self.clients += 1;
        let name = format!("client {}", self.clients);
        let action = format!("connects to {address}");
        match self.try_connect(&address, options) {
            Ok(Ok(socket)) => {
                self.did(&name, action);
                self.connections.push(Wire::new(name, socket));
                Ok(Connection(self.connections.len() - 1))
            }
            Ok(Err(errno)) => {
                Err(self.fail(&name, action, format!("it fails: {}", errno.desc()), Vec::new()))
            }
            Err(stuck) => Err(self.stuck(&name, action, stuck)),
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
        let answer = match answer {
            // A Unix listener whose queue is full.
            Err(Errno::EAGAIN) => self.wait(Pace::Looks, |_| dialled(&socket, address))?,
            Err(Errno::EINPROGRESS) => self.wait(Pace::Looks, |_| connected(&socket))?,
            answer => answer,
        };
        Ok(answer.map(|()| socket))
    }

    /// Expects that a connect to this address is refused.
    pub fn expect_refused(&mut self, address: Address) -> Result<(), Failed> {
        self.clients += 1;
        let name = format!("client {}", self.clients);
        let action = format!("connects to {address} and expects to be refused");
        match self.try_connect(&address, ConnectOptions::default()) {
            Ok(Err(Errno::ECONNREFUSED | Errno::ENOENT)) => {
                self.did(&name, action);
                Ok(())
            }
            Ok(Err(errno)) => {
                Err(self.fail(&name, action, format!("it fails: {}", errno.desc()), Vec::new()))
            }
            Ok(Ok(_)) => Err(self.fail(&name, action, "it is connected".to_owned(), Vec::new())),
            Err(stuck) => Err(self.stuck(&name, action, stuck)),
        }
    }

    /// Sends bytes, all of them: waits until the kernel has taken them. Fails where the other side takes no more.
    pub fn send(&mut self, connection: Connection, bytes: &[u8]) -> Result<(), Failed> {
        self.wire(connection).give(bytes);
        self.finish_sending(connection)?;
        let name = self.name(connection).to_owned();
        self.did(&name, format!("sends {}", describe(bytes)));
        Ok(())
    }

    fn finish_sending(&mut self, connection: Connection) -> Result<(), Failed> {
        let result = self.wait(Pace::Events, |scene| {
            (scene.wire(connection).unsent() == 0).then_some(())
        });
        let wire = self.wire(connection);
        let (name, sent, bytes) = (wire.name.clone(), wire.sent, std::mem::take(&mut wire.outgoing));
        let action = format!("sends {}", describe(&bytes));
        match result {
            Ok(()) if sent == bytes.len() => Ok(()),
            Ok(()) => Err(self.fail(
                &name,
                action,
                format!("the connection is over after {}", count(sent)),
                Vec::new(),
            )),
            Err(stuck) => {
                let taken = format!("{} of {} were taken.", sent, count(bytes.len()));
                Err(self.stuck_after(&name, action, stuck, vec![taken]))
            }
        }
    }

    /// Sends chunk after chunk; the next one only when the programs have come to rest, so that each is read by itself.
    pub fn send_in_chunks(&mut self, connection: Connection, chunks: &[&[u8]]) -> Result<(), Failed> {
        for chunk in chunks {
            self.send(connection, chunk)?;
            let name = self.name(connection).to_owned();
            let settled = self.settle();
            settled.map_err(|stuck| {
                self.stuck(&name, "waits until the programs are at rest".to_owned(), stuck)
            })?;
        }
        Ok(())
    }

    /// Sends from the front of `bytes`, without reading, until every program is at rest and the connection takes no more
    /// (or all is sent). Returns how many bytes went out. This is what fills all buffers on the way.
    pub fn send_until_blocked(&mut self, connection: Connection, bytes: &[u8]) -> Result<usize, Failed> {
        let name = self.name(connection).to_owned();
        self.wire(connection).give(bytes);
        let action = "sends without reading until nothing more is taken".to_owned();
        loop {
            let before = self.wire(connection).sent;
            self.settle()
                .map_err(|stuck| self.stuck(&name, action.clone(), stuck))?;
            let wire = self.wire(connection);
            if wire.sent == before || wire.unsent() == 0 {
                break;
            }
        }
        let wire = self.wire(connection);
        let sent = std::mem::take(&mut wire.sent);
        wire.outgoing.clear();
        self.did(&name, format!("{action}: {}", count(sent)));
        Ok(sent)
    }

    /// Sends `bytes` and at the same time reads and expects `expected`.
    pub fn exchange(&mut self, connection: Connection, bytes: &[u8], expected: &[u8]) -> Result<(), Failed> {
        self.wire(connection).give(bytes);
        let action = format!(
            "sends {} and at the same time expects {}",
            describe(bytes),
            describe(expected)
        );
        self.expect_as(connection, action, expected)?;
        self.finish_sending(connection)
    }

    /// Expects that exactly these bytes come next. Fails at the first byte that differs, at an early end of file, at a
    /// reset, or when they can no longer come. What follows them is left for the next expectation.
    pub fn expect(&mut self, connection: Connection, bytes: &[u8]) -> Result<(), Failed> {
        self.expect_as(connection, format!("expects {}", describe(bytes)), bytes)
    }

    fn expect_as(&mut self, connection: Connection, action: String, bytes: &[u8]) -> Result<(), Failed> {
        let mut checked = 0;
        let arrived = self.read_until(connection, |wire| {
            let there = wire.incoming.len().min(bytes.len());
            let differs = first_difference(&bytes[checked..there], &wire.incoming[checked..there]);
            let at = differs.map(|at| Arrived::Differs(checked + at));
            checked = there;
            let ended = wire.end.map(Arrived::Ended);
            at.or_else(|| (there == bytes.len()).then_some(Arrived::All))
                .or(ended)
        });
        self.judge_bytes(connection, action, bytes, arrived)
    }

    fn judge_bytes(
        &mut self,
        connection: Connection,
        action: String,
        bytes: &[u8],
        arrived: Result<Arrived, Stuck>,
    ) -> Result<(), Failed> {
        let wire = self.wire(connection);
        let (name, came) = (wire.name.clone(), wire.incoming.clone());
        match arrived {
            Ok(Arrived::All) => {
                self.wire(connection).incoming.drain(..bytes.len());
                self.did(&name, action);
                Ok(())
            }
            Ok(Arrived::Differs(at)) => Err(self.fail(
                &name,
                action,
                format!("byte {at} is not the one expected"),
                compare(bytes, &came, at),
            )),
            Ok(Arrived::Ended(end)) => Err(self.fail(&name, action, ended(end, &came), Vec::new())),
            Err(stuck) => Err(self.stuck_after(
                &name,
                action,
                stuck,
                vec![format!("So far came {}.", describe(&came))],
            )),
        }
    }

    /// Reads what comes until end of file, at most `limit` bytes. No expectation but the end itself.
    pub fn read_to_end(&mut self, connection: Connection, limit: usize) -> Result<Vec<u8>, Failed> {
        let action = "reads to the end of file".to_owned();
        let outcome = self.read_until(connection, |wire| match wire.end {
            None => (wire.incoming.len() > limit).then_some(None),
            end => Some(end),
        });
        let wire = self.wire(connection);
        let (name, came) = (wire.name.clone(), std::mem::take(&mut wire.incoming));
        match outcome {
            Ok(Some(End::File)) => {
                self.did(&name, format!("{action}: {}", describe(&came)));
                Ok(came)
            }
            Ok(Some(end)) => Err(self.fail(&name, action, ended(end, &came), Vec::new())),
            Ok(None) => Err(self.fail(&name, action, format!("more than {limit} bytes came"), Vec::new())),
            Err(stuck) => Err(self.stuck_after(
                &name,
                action,
                stuck,
                vec![format!("So far came {}.", describe(&came))],
            )),
        }
    }

    /// Expects end of file, and nothing before it.
    pub fn expect_end(&mut self, connection: Connection) -> Result<(), Failed> {
        let action = "expects end of file".to_owned();
        let outcome = self.read_until(connection, |wire| {
            (wire.end.is_some() || !wire.incoming.is_empty()).then_some(())
        });
        let wire = self.wire(connection);
        let (name, came, end) = (wire.name.clone(), wire.incoming.clone(), wire.end);
        match (outcome, end) {
            (Err(stuck), _) => Err(self.stuck(&name, action, stuck)),
            (Ok(()), Some(End::File)) if came.is_empty() => {
                self.did(&name, action);
                Ok(())
            }
            (Ok(()), Some(end)) if came.is_empty() => {
                Err(self.fail(&name, action, ended(end, &came), Vec::new()))
            }
            _ => Err(self.fail(
                &name,
                action,
                format!("more bytes came, {}", describe(&came)),
                Vec::new(),
            )),
        }
    }

    /// Expects that the connection is over, by end of file or by a reset; bytes before it do not matter.
    pub fn expect_over(&mut self, connection: Connection) -> Result<(), Failed> {
        let action = "expects that the connection is over".to_owned();
        let outcome = self.read_until(connection, |wire| wire.end.map(drop));
        self.settle_step(connection, action, outcome)
    }

    /// Expects that nothing has come, neither bytes nor end of file, by the time every program is at rest.
    pub fn expect_nothing(&mut self, connection: Connection) -> Result<(), Failed> {
        let action = "expects nothing yet".to_owned();
        self.wire(connection).reads = true;
        let outcome = self.settle();
        self.pump();
        let wire = self.wire(connection);
        wire.reads = false;
        let (name, came, end) = (wire.name.clone(), wire.incoming.clone(), wire.end);
        match end {
            _ if !came.is_empty() => {
                Err(self.fail(&name, action, format!("{} came", describe(&came)), Vec::new()))
            }
            Some(end) => Err(self.fail(&name, action, ended(end, &came), Vec::new())),
            None => self.settle_step(connection, action, outcome),
        }
    }

    fn settle_step(
        &mut self,
        connection: Connection,
        action: String,
        outcome: Result<(), Stuck>,
    ) -> Result<(), Failed> {
        let name = self.name(connection).to_owned();
        match outcome {
            Ok(()) => {
                self.did(&name, action);
                Ok(())
            }
            Err(stuck) => Err(self.stuck(&name, action, stuck)),
        }
    }

    /// Ends the sending direction: shutdown(SHUT_WR).
    pub fn half_close(&mut self, connection: Connection) -> Result<(), Failed> {
        let name = self.name(connection).to_owned();
        let action = "ends its sending direction".to_owned();
        match self.wire(connection).half_close() {
            Ok(()) => {
                self.did(&name, action);
                Ok(())
            }
            Err(errno) => Err(self.fail(&name, action, format!("it fails: {}", errno.desc()), Vec::new())),
        }
    }

    /// Resets the connection: SO_LINGER 0 and close. (A Unix socket is only closed.)
    pub fn reset(&mut self, connection: Connection) {
        self.wire(connection).reset();
        let name = self.name(connection).to_owned();
        self.did(&name, "resets its connection".to_owned());
    }

    /// Closes the connection. With unread bytes in it, the kernel makes a reset of that.
    pub fn close(&mut self, connection: Connection) {
        self.wire(connection).close();
        let name = self.name(connection).to_owned();
        self.did(&name, "closes its connection".to_owned());
    }

    /// The two ends of a TCP connection: the grader's, and the program's.
    pub fn endpoints(&self, connection: Connection) -> Option<(SocketAddr, SocketAddr)> {
        self.connections[connection.0].ends
    }

    /// What the actor is called: `client 1`.
    pub fn name(&self, connection: Connection) -> &str {
        &self.connections[connection.0].name
    }

    pub(super) fn wire(&mut self, connection: Connection) -> &mut Wire {
        &mut self.connections[connection.0]
    }

    /// Reads until `done` gives something; reads no more afterwards.
    fn read_until<T>(
        &mut self,
        connection: Connection,
        mut done: impl FnMut(&Wire) -> Option<T>,
    ) -> Result<T, Stuck> {
        self.wire(connection).reads = true;
        let outcome = self.wait(Pace::Events, |scene| done(scene.wire(connection)));
        self.wire(connection).reads = false;
        outcome
    }
}

fn ended(end: End, came: &[u8]) -> String {
    let end = match end {
        End::File => "end of file",
        End::Reset => "a reset",
    };
    if came.is_empty() {
        format!("{end} came")
    } else {
        format!("{end} came after {}", describe(came))
    }
}

/// A socket of its own and the answer to its first connect.
fn begin(address: &Address, options: ConnectOptions) -> nix::Result<(OwnedFd, nix::Result<()>)> {
    let family = match address {
        Address::Inet(SocketAddr::V4(_)) => AddressFamily::Inet,
        Address::Inet(SocketAddr::V6(_)) => AddressFamily::Inet6,
        Address::Unix(_) => AddressFamily::Unix,
    };
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let socket = socket::socket(family, SockType::Stream, flags, None)?;
    options
        .receive_buffer
        .map_or(Ok(()), |size| socket::setsockopt(&socket, sockopt::RcvBuf, &size))?;
    options
        .send_buffer
        .map_or(Ok(()), |size| socket::setsockopt(&socket, sockopt::SndBuf, &size))?;
    let answer = dial(&socket, address);
    Ok((socket, answer))
}

fn dial(socket: &OwnedFd, address: &Address) -> nix::Result<()> {
    let address: Box<dyn SockaddrLike> = raw(address).map_err(|_| Errno::ENAMETOOLONG)?;
    socket::connect(socket.as_raw_fd(), &*address)
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
        Ok(0) => socket::getpeername::<socket::SockaddrStorage>(socket.as_raw_fd())
            .ok()
            .map(|_| Ok(())),
        Ok(code) => Some(Err(Errno::from_raw(code))),
        Err(errno) => Some(Err(errno)),
    }
}
