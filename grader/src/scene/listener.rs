//! The grader's own scripted servers: what a student's client is run against.

use super::socket::Wire;
use super::wait::Pace;
use super::{Address, Connection, Failed, Scene};
use crate::observe::inet;
use crate::steps::{Action, Actor};
use nix::poll::{PollFd, PollFlags};
use nix::sys::socket::{self, AddressFamily, Backlog, SockFlag, sockopt};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};

/// A listening socket of the grader. What it accepts is a [`Connection`] like any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listener(pub(super) usize);

/// A listening socket.
#[derive(Debug)]
pub(super) struct Ear {
    actor: Actor,
    address: Address,
    socket: Option<OwnedFd>,
    /// Whether an expectation waits for a client.
    listens: bool,
}

impl Ear {
    pub(super) fn poll_fd(&self) -> Option<PollFd<'_>> {
        let socket = self.socket.as_ref().filter(|_| self.listens)?;
        Some(PollFd::new(socket.as_fd(), PollFlags::POLLIN))
    }

    fn accept(&self) -> Option<OwnedFd> {
        let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
        let fd = socket::accept4(self.socket.as_ref()?.as_raw_fd(), flags).ok()?;
        // SAFETY: accept has just made this descriptor, and nobody else knows of it.
        Some(unsafe { OwnedFd::from_raw_fd(fd) })
    }
}

impl Scene {
    /// Listens at an address; port 0 takes a free one. The actor is called `listener 1`, `listener 2`, …
    /// An IPv6 listener takes IPv6 clients only.
    pub fn listen(&mut self, address: Address) -> Result<Listener, Failed> {
        let actor = Actor::Listener(self.listeners.len() + 1);
        let opened = open(&address).map_err(|error| {
            Failed::unchecked(format!("The grader could not listen at {address}: {error}."))
        })?;
        let bound = socket::getsockname(opened.as_raw_fd()).ok().and_then(inet);
        let address = bound.map_or(address, Address::Inet);
        self.did(actor.clone(), Action::Listens(address.to_string()));
        self.listeners.push(Ear { actor, address, socket: Some(opened), listens: false });
        Ok(Listener(self.listeners.len() - 1))
    }

    /// Where it listens, with the port that was taken.
    pub fn address(&self, listener: Listener) -> Address {
        self.listeners[listener.0].address.clone()
    }

    /// Expects a connection to arrive and accepts it. The actor is called `peer 1`, `peer 2`, …
    pub fn expect_connection(&mut self, listener: Listener) -> Result<Connection, Failed> {
        let actor = self.listeners[listener.0].actor.clone();
        self.listeners[listener.0].listens = true;
        let arrived = self.wait(Pace::Events, |scene| scene.listeners[listener.0].accept());
        self.listeners[listener.0].listens = false;
        let socket =
            arrived.map_err(|stuck| self.stuck(actor.clone(), Action::ExpectsConnection(None), stuck))?;
        self.peers += 1;
        let peer = Actor::Peer(self.peers);
        self.did(actor, Action::ExpectsConnection(Some(peer.to_string())));
        self.connections.push(Wire::new(peer, socket));
        Ok(Connection(self.connections.len() - 1))
    }

    /// Expects that nobody has connected by the time every program is at rest.
    pub fn expect_no_connection(&mut self, listener: Listener) -> Result<(), Failed> {
        let (actor, action) = (self.listeners[listener.0].actor.clone(), Action::ExpectsNoConnection);
        self.settle().map_err(|stuck| self.stuck(actor.clone(), action.clone(), stuck))?;
        if self.listeners[listener.0].accept().is_some() {
            return Err(self.fail(actor, action, "a connection came".to_owned(), Vec::new()));
        }
        self.did(actor, action);
        Ok(())
    }
}

fn open(address: &Address) -> nix::Result<OwnedFd> {
    let socket = address.socket()?;
    if address.family() == AddressFamily::Inet6 {
        socket::setsockopt(&socket, sockopt::Ipv6V6Only, &true)?;
    }
    socket::bind(socket.as_raw_fd(), &*address.raw()?)?;
    socket::listen(&socket, Backlog::MAXCONN)?;
    Ok(socket)
}
