//! The grader's own scripted servers: what a student's client is run against.

use super::{Address, Connection, Failed, Scene};

/// A listening socket of the grader. What it accepts is a [`Connection`] like any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listener(pub(super) usize);

impl Scene {
    /// Listens at an address; port 0 takes a free one. The actor is called `listener 1`, `listener 2`, …
    /// An IPv6 listener takes IPv6 clients only.
    pub fn listen(&mut self, address: Address) -> Result<Listener, Failed> {
        let _ = address;
        todo!()
    }

    /// Where it listens, with the port that was taken.
    pub fn address(&self, listener: Listener) -> Address {
        let _ = listener;
        todo!()
    }

    /// Expects a connection to arrive and accepts it. The actor is called `peer 1`, `peer 2`, …
    pub fn expect_connection(&mut self, listener: Listener) -> Result<Connection, Failed> {
        let _ = listener;
        todo!()
    }

    /// Expects that nobody has connected by the time every program is at rest.
    pub fn expect_no_connection(&mut self, listener: Listener) -> Result<(), Failed> {
        let _ = listener;
        todo!()
    }

    /// Closes the listening socket: later connects are refused.
    pub fn close_listener(&mut self, listener: Listener) {
        let _ = listener;
        todo!()
    }
}
