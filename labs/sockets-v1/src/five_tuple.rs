//! What tells one connection from all others.

use nix::sys::socket::SockProtocol;
use std::fmt;
use std::net::IpAddr;

/// The lecture's 5-tuple of a connection, seen from the client that began it: no two connections that exist at the same
/// time agree in all five.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FiveTuple {
    /// The client's address.
    pub source_address: IpAddr,
    /// The client's port, as a rule chosen by the client's system.
    pub source_port: u16,
    /// The server's address: the one this client connected to, out of all the server listens on.
    pub destination_address: IpAddr,
    /// The server's port.
    pub destination_port: u16,
    /// [`SockProtocol::Tcp`], always in this lab.
    pub protocol: SockProtocol,
}

impl fmt::Display for FiveTuple {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} port {} -> {} port {} over {:?}",
            self.source_address,
            self.source_port,
            self.destination_address,
            self.destination_port,
            self.protocol
        )
    }
}
