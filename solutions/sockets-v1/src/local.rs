//! The same server for clients of this machine alone: a socket with a path for a name, in place of host and port.

use crate::Error;
use std::os::fd::OwnedFd;
use std::path::Path;
// SOLUTION
use nix::sys::socket::{AddressFamily, Backlog, SockFlag, SockType, UnixAddr, bind, connect, listen, socket};
use nix::sys::stat::{SFlag, lstat};
use nix::unistd::unlink;
use oslab::retry;
use std::os::fd::AsRawFd;
// END

/// Makes a Unix socket that listens at a path.
///
/// - `bind(2)` makes a file of type socket there, and nobody removes it when the server ends. A socket file that is in the
///   way is therefore taken for what an earlier server left behind, and replaced.
/// - A file of any other kind (a regular file, a directory, a link) is never touched: `EADDRINUSE`.
/// - Does not block. The listener belongs to the caller, and [`run_server`](crate::server::run_server) takes it as any
///   other. Fails with the error of the call, such as `ENAMETOOLONG` for a path of more than 107 bytes.
///
/// Source: unix(7).
pub fn listen_at(path: &Path) -> Result<OwnedFd, Error> {
    // SOLUTION
    let listener = unix_socket()?;
    let address = UnixAddr::new(path).map_err(Error::of("bind"))?;
    if is_socket(path) {
        unlink(path).map_err(Error::of("unlink"))?;
    }
    bind(listener.as_raw_fd(), &address).map_err(Error::of("bind"))?;
    listen(&listener, Backlog::MAXCONN).map_err(Error::of("listen"))?;
    Ok(listener)
    // STARTER
    // todo!("make a Unix stream socket; unlink a socket file that is in the way, nothing else; bind; listen")
    // END
}

/// Connects to the server that listens at a path, and returns the connected socket.
///
/// - Blocks while the server's queue is full.
/// - The socket belongs to the caller. Fails with `ENOENT` where there is no such file, `ECONNREFUSED` where nobody listens.
///
/// Source: unix(7), connect(2).
pub fn connect_at(path: &Path) -> Result<OwnedFd, Error> {
    // SOLUTION
    let socket = unix_socket()?;
    let address = UnixAddr::new(path).map_err(Error::of("connect"))?;
    retry(|| connect(socket.as_raw_fd(), &address)).map_err(Error::of("connect"))?;
    Ok(socket)
    // STARTER
    // todo!("make a Unix stream socket and connect it to the path")
    // END
}
// SOLUTION

fn unix_socket() -> Result<OwnedFd, Error> {
    socket(AddressFamily::Unix, SockType::Stream, SockFlag::SOCK_CLOEXEC, None).map_err(Error::of("socket"))
}

/// Whether the path itself, not what a link there points to, is a socket.
fn is_socket(path: &Path) -> bool {
    lstat(path)
        .is_ok_and(|file| SFlag::from_bits_truncate(file.st_mode & SFlag::S_IFMT.bits()) == SFlag::S_IFSOCK)
}
// END
