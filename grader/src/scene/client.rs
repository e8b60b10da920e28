//! The grader's scripted connections: what its clients do, and what they expect.

use super::{Address, Failed, Scene};

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

impl Scene {
    /// Connects a new client; the connection must be established (accepted by the kernel, not yet by the program).
    pub fn connect(&mut self, address: Address) -> Result<Connection, Failed> {
        self.connect_with(address, ConnectOptions::default())
    }

    /// The same, with options.
    pub fn connect_with(&mut self, address: Address, options: ConnectOptions) -> Result<Connection, Failed> {
        let _ = (address, options);
        todo!()
    }

    /// Expects that a connect to this address is refused.
    pub fn expect_refused(&mut self, address: Address) -> Result<(), Failed> {
        let _ = address;
        todo!()
    }

    /// Sends bytes, all of them: waits until the kernel has taken them. Fails where the other side takes no more.
    pub fn send(&mut self, connection: Connection, bytes: &[u8]) -> Result<(), Failed> {
        let _ = (connection, bytes);
        todo!()
    }

    /// Sends chunk after chunk; the next one only when the programs have come to rest, so that each is read by itself.
    pub fn send_in_chunks(&mut self, connection: Connection, chunks: &[&[u8]]) -> Result<(), Failed> {
        let _ = (connection, chunks);
        todo!()
    }

    /// Sends from the front of `bytes`, without reading, until every program is at rest and the connection takes no more
    /// (or all is sent). Returns how many bytes went out. This is what fills all buffers on the way.
    pub fn send_until_blocked(&mut self, connection: Connection, bytes: &[u8]) -> Result<usize, Failed> {
        let _ = (connection, bytes);
        todo!()
    }

    /// Sends `bytes` and at the same time reads and expects `expected`.
    pub fn exchange(&mut self, connection: Connection, bytes: &[u8], expected: &[u8]) -> Result<(), Failed> {
        let _ = (connection, bytes, expected);
        todo!()
    }

    /// Expects that exactly these bytes come next. Fails at the first byte that differs, at an early end of file, at a
    /// reset, or when they can no longer come. What follows them is left for the next expectation.
    pub fn expect(&mut self, connection: Connection, bytes: &[u8]) -> Result<(), Failed> {
        let _ = (connection, bytes);
        todo!()
    }

    /// Reads what comes until end of file, at most `limit` bytes. No expectation but the end itself.
    pub fn read_to_end(&mut self, connection: Connection, limit: usize) -> Result<Vec<u8>, Failed> {
        let _ = (connection, limit);
        todo!()
    }

    /// Expects end of file, and nothing before it.
    pub fn expect_end(&mut self, connection: Connection) -> Result<(), Failed> {
        let _ = connection;
        todo!()
    }

    /// Expects that the connection is over, by end of file or by a reset; bytes before it do not matter.
    pub fn expect_over(&mut self, connection: Connection) -> Result<(), Failed> {
        let _ = connection;
        todo!()
    }

    /// Expects that nothing has come, neither bytes nor end of file, by the time every program is at rest.
    pub fn expect_nothing(&mut self, connection: Connection) -> Result<(), Failed> {
        let _ = connection;
        todo!()
    }

    /// Ends the sending direction: shutdown(SHUT_WR).
    pub fn half_close(&mut self, connection: Connection) -> Result<(), Failed> {
        let _ = connection;
        todo!()
    }

    /// Resets the connection: SO_LINGER 0 and close. (A Unix socket is only closed.)
    pub fn reset(&mut self, connection: Connection) {
        let _ = connection;
        todo!()
    }

    /// Closes the connection. With unread bytes in it, the kernel makes a reset of that.
    pub fn close(&mut self, connection: Connection) {
        let _ = connection;
        todo!()
    }

    /// The two ends of a TCP connection: the grader's, and the program's.
    pub fn endpoints(&self, connection: Connection) -> Option<(std::net::SocketAddr, std::net::SocketAddr)> {
        let _ = connection;
        todo!()
    }

    /// What the actor is called: `client 1`.
    pub fn name(&self, connection: Connection) -> &str {
        let _ = connection;
        todo!()
    }
}
