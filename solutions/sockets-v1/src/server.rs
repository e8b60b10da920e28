//! The server: wait for clients and serve one after the other. The lecture's "Server Protocol (v1)".

use crate::{Error, FiveTuple};
use std::os::fd::{BorrowedFd, OwnedFd};
// SOLUTION
use crate::address::setup_address;
use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockProtocol, SockaddrStorage, bind, getpeername, getsockname, listen,
    setsockopt, socket, sockopt,
};
use nix::unistd::{read, write};
use oslab::{AddrInfo, accept, retry};
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;
// END

/// Makes a socket that listens at a port, for clients of IPv4 and of IPv6.
///
/// - Takes a port as [`setup_address`](crate::address::setup_address) does.
/// - One IPv6 socket serves both families when `IPV6_V6ONLY` is off (IPv4 clients then appear as `::ffff:127.0.0.1`); do
///   not count on the system's default. Where the machine has no IPv6, an IPv4 socket has to do.
/// - The port can be taken again at once after a restart (`SO_REUSEADDR`), although connections of the server before may
///   linger in `TIME_WAIT` for a minute.
/// - From the moment it listens, clients that connect are queued by the system until they are accepted: room for at least
///   16 of them.
/// - Does not block. The listener belongs to the caller, and is a blocking one. Fails with the error of the look-up, or of
///   the last address that was tried; `EADDRINUSE` when another server listens at this port.
///
/// Source: ipv6(7), socket(7), listen(2).
pub fn listen_on(port: &str) -> Result<OwnedFd, Error> {
    // SOLUTION
    let mut addresses = setup_address(port)?;
    addresses.sort_by_key(|address| address.family != AddressFamily::Inet6);
    let mut failure = None;
    for address in &addresses {
        match listen_at_address(address) {
            Ok(listener) => return Ok(listener),
            Err(error) => failure = Some(error),
        }
    }
    Err(failure.expect("getaddrinfo returns at least one address"))
    // STARTER
    // todo!("with an address of setup_address, IPv6 if there is one: socket, setsockopt, bind, listen")
    // END
}

/// Echoes: writes back every byte that the client sends, until the client has no more.
///
/// - Blocks while the client is silent, and while it does not read its echo.
/// - Any bytes (NUL and line ends are bytes like others), any amount; nothing added, nothing kept for later.
/// - `read(2)` returns what is there, not what fits; `write(2)` may take less than it was given. Signals (`EINTR`) make no
///   difference.
/// - Returns at the client's end of file. Fails with the error of `read` or `write`, such as `ECONNRESET` when the client
///   has reset the connection. Does not close the connection: it is only lent.
///
/// Works on any connected stream socket, TCP or Unix.
pub fn serve_client(connection: BorrowedFd<'_>) -> Result<(), Error> {
    // SOLUTION
    let mut buffer = [0; 4096];
    loop {
        let count = retry(|| read(connection, &mut buffer)).map_err(Error::of("read"))?;
        if count == 0 {
            return Ok(());
        }
        write_all(connection, &buffer[..count])?;
    }
    // STARTER
    // todo!("read what is there and write all of it back, until read returns 0")
    // END
}

/// Serves for ever: accepts a client, serves it with [`serve_client`], closes its connection, accepts the next.
///
/// - Other clients wait in the listener's queue meanwhile; each is served, in the order they came.
/// - What goes wrong with one client (it resets, vanishes, or leaves before it was accepted) costs only that client.
/// - `accept(2)` failing for a passing reason ends nothing: a signal, a client that left (`ECONNABORTED`), no descriptor
///   free (`EMFILE`, `ENFILE`: a short pause, for asking again at once changes nothing and burns the processor).
/// - Returns only when the listener itself is of no use (it is no listening socket: `EINVAL`, `ENOTSOCK`, ...), with that
///   error, and closes it.
pub fn run_server(listener: OwnedFd) -> Error {
    // SOLUTION
    loop {
        match accept(&listener) {
            Ok(connection) => {
                // Whatever went wrong concerned this client alone. Dropping the connection closes it.
                let _ = serve_client(connection.as_fd());
            }
            Err(errno @ (Errno::EBADF | Errno::EINVAL | Errno::ENOTSOCK)) => {
                return Error::of("accept")(errno);
            }
            Err(Errno::EMFILE | Errno::ENFILE | Errno::ENOBUFS | Errno::ENOMEM) => std::thread::sleep(PAUSE),
            Err(_) => {}
        }
    }
    // STARTER
    // todo!("for ever: accept a connection, serve it, close it; survive what concerns one client only")
    // END
}

/// What tells this connection from all others: addresses and ports of both ends, as the kernel knows them, and the protocol.
///
/// - `connection` is an accepted TCP connection: its peer is the client (source), its own end the server (destination).
/// - An IPv4 client of an IPv6 socket may be given as `127.0.0.1` or as `::ffff:127.0.0.1`.
/// - Does not block. Fails with the error of `getpeername(2)` or `getsockname(2)`: `ENOTCONN` when the client has gone.
///
/// Source: the lecture's "5-Tuple identifies each connection".
pub fn five_tuple(connection: BorrowedFd<'_>) -> Result<FiveTuple, Error> {
    // SOLUTION
    let source: SockaddrStorage = getpeername(connection.as_raw_fd()).map_err(Error::of("getpeername"))?;
    let destination: SockaddrStorage =
        getsockname(connection.as_raw_fd()).map_err(Error::of("getsockname"))?;
    let source = ip_and_port(&source).map_err(Error::of("getpeername"))?;
    let destination = ip_and_port(&destination).map_err(Error::of("getsockname"))?;
    Ok(FiveTuple {
        source_address: source.ip(),
        source_port: source.port(),
        destination_address: destination.ip(),
        destination_port: destination.port(),
        protocol: SockProtocol::Tcp,
    })
    // STARTER
    // todo!("ask getpeername for the client's end and getsockname for the server's")
    // END
}
// SOLUTION

/// How long to wait for descriptors or memory to be freed.
const PAUSE: Duration = Duration::from_millis(10);

fn listen_at_address(address: &AddrInfo) -> Result<OwnedFd, Error> {
    let listener = socket(address.family, address.socktype, SockFlag::SOCK_CLOEXEC, address.protocol)
        .map_err(Error::of("socket"))?;
    setsockopt(&listener, sockopt::ReuseAddr, &true).map_err(Error::of("setsockopt"))?;
    if address.family == AddressFamily::Inet6 {
        setsockopt(&listener, sockopt::Ipv6V6Only, &false).map_err(Error::of("setsockopt"))?;
    }
    bind(listener.as_raw_fd(), &address.addr).map_err(Error::of("bind"))?;
    listen(&listener, Backlog::MAXCONN).map_err(Error::of("listen"))?;
    Ok(listener)
}

/// Writes all of it, in as many calls as that takes. Blocks until the last byte has been taken.
pub(crate) fn write_all(to: BorrowedFd<'_>, mut bytes: &[u8]) -> Result<(), Error> {
    while !bytes.is_empty() {
        let written = retry(|| write(to, bytes)).map_err(Error::of("write"))?;
        bytes = &bytes[written..];
    }
    Ok(())
}

fn ip_and_port(address: &SockaddrStorage) -> nix::Result<SocketAddr> {
    let v4 = address.as_sockaddr_in().map(|address| SocketAddr::from(*address));
    let v6 = address.as_sockaddr_in6().map(|address| SocketAddr::from(*address));
    v4.or(v6).ok_or(Errno::EAFNOSUPPORT)
}
// END
