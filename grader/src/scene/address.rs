//! Where a client connects to, or a listener listens.

use nix::sys::socket::{self, AddressFamily, SockFlag, SockType, SockaddrLike, SockaddrStorage, UnixAddr};
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::OwnedFd;
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

    /// The port, where it has one.
    pub fn port(&self) -> Option<u16> {
        match self {
            Address::Inet(address) => Some(address.port()),
            Address::Unix(_) => None,
        }
    }

    /// A stream socket of its family, which no call blocks on.
    pub(super) fn socket(&self) -> nix::Result<OwnedFd> {
        let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
        socket::socket(self.family(), SockType::Stream, flags, None)
    }

    pub(super) fn family(&self) -> AddressFamily {
        match self {
            Address::Inet(SocketAddr::V4(_)) => AddressFamily::Inet,
            Address::Inet(SocketAddr::V6(_)) => AddressFamily::Inet6,
            Address::Unix(_) => AddressFamily::Unix,
        }
    }

    /// What `bind` and `connect` take.
    pub(super) fn raw(&self) -> nix::Result<Box<dyn SockaddrLike>> {
        Ok(match self {
            Address::Inet(address) => Box::new(SockaddrStorage::from(*address)),
            Address::Unix(path) => Box::new(UnixAddr::new(path.as_path())?),
        })
    }
}

/// Ephemeral ports differ from run to run, and a report does not: an address is shown by its host alone.
impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Inet(address) => write!(formatter, "{}", address.ip()),
            Address::Unix(path) => {
                write!(formatter, "{}", path.file_name().unwrap_or(path.as_os_str()).to_string_lossy())
            }
        }
    }
}
