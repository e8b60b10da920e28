//! Where a client connects to, or a listener listens.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

/// An address of a stream socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// IPv4 or IPv6.
    Inet(SocketAddr),
    /// A path of the file system.
    Unix(PathBuf),
}

impl Address {
    /// `127.0.0.1`, and this port.
    pub fn v4(port: u16) -> Address {
        Address::Inet(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
    }

    /// `::1`, and this port.
    pub fn v6(port: u16) -> Address {
        Address::Inet(SocketAddr::from((Ipv6Addr::LOCALHOST, port)))
    }
}
