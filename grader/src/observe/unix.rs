//! Unix sockets as the kernel sees them.
//!
//! The layouts are those of `linux/unix_diag.h`.

use super::netlink::{ask_for_one, attribute};
use super::proc;
use std::io;
use std::path::Path;

/// Asks for the attribute with the other end's inode.
const SHOW_PEER: u32 = 0x4;
const PEER: u16 = 2;
/// The length of `struct unix_diag_msg`.
const MESSAGE: usize = 16;

/// The inode of the other end of a Unix socket.
pub(crate) fn peer(inode: u64) -> io::Result<Option<u64>> {
    let mut request = vec![libc::AF_UNIX as u8, 0, 0, 0];
    request.extend(u32::MAX.to_ne_bytes());
    request.extend((inode as u32).to_ne_bytes());
    request.extend(SHOW_PEER.to_ne_bytes());
    request.extend([0xff; 8]);
    let found = ask_for_one(&request)?;
    Ok(found.and_then(|message| {
        let peer = attribute(message.get(MESSAGE..)?, PEER)?;
        Some(u64::from(u32::from_ne_bytes(peer.get(..4)?.try_into().ok()?)))
    }))
}

/// The inodes of Unix sockets that listen at a path, from `/proc/net/unix`.
pub(crate) fn listeners(path: &Path) -> io::Result<Vec<u64>> {
    const ACCEPTS_CONNECTIONS: &str = "00010000";
    let table = proc::text("/proc/net/unix").ok_or(io::ErrorKind::NotFound)?;
    let rows = table.lines().map(|line| line.split_ascii_whitespace().collect::<Vec<_>>());
    let listening = rows.filter(|row| row.get(3) == Some(&ACCEPTS_CONNECTIONS));
    let here = listening.filter(|row| row.get(7).is_some_and(|name| Path::new(name) == path));
    Ok(here.filter_map(|row| row.get(6)?.parse().ok()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::MetadataExt;
    use std::os::unix::net::{UnixListener, UnixStream};

    #[test]
    fn a_unix_listener_is_found_by_its_path_and_a_client_of_it_is_not() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("socket");
        let _listener = UnixListener::bind(&path).expect("bound");
        let _client = UnixStream::connect(&path).expect("connected");
        assert_eq!(listeners(&path).expect("a table").len(), 1);
        assert!(listeners(directory.path()).expect("a table").is_empty());
    }

    #[test]
    fn the_ends_of_a_unix_socket_know_each_other() {
        let (one, other) = UnixStream::pair().expect("a pair");
        let inode = |socket: &UnixStream| {
            let link = format!("/proc/self/fd/{}", socket.as_raw_fd());
            std::fs::metadata(link).expect("open").ino()
        };
        assert_eq!(peer(inode(&one)).expect("unix_diag"), Some(inode(&other)));
    }
}
