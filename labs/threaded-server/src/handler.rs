//! What is done for a client: the lecture's `serve_client`, which counts, and has a weak spot.

use crate::Stats;
use nix::unistd::{read, write};
use oslab::retry;
use std::os::fd::BorrowedFd;

/// Writes back every byte that the client sends, until it has no more; panics when a client says `crash`. Counts the
/// connection and its bytes in `stats`.
///
/// - Blocks while the client is silent, and while it does not read.
/// - Returns at the client's end of file, or when the connection fails. Does not close it: it is only lent.
///
/// # Panics
/// When what was read begins with `crash`. A real handler crashes for less obvious reasons.
pub fn echo(connection: BorrowedFd<'_>, stats: &Stats) {
    let _open = Open::new(stats);
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = retry(|| read(connection, &mut buffer)) {
        assert!(!buffer[..count].starts_with(b"crash"), "a client has found a bug");
        if write_all(connection, &buffer[..count]).is_err() {
            return;
        }
        stats.bytes(count as u64);
    }
}

/// A connection that is counted as open for as long as this lives. A panic drops it too: the count stays right.
struct Open<'a>(&'a Stats);

impl Open<'_> {
    fn new(stats: &Stats) -> Open<'_> {
        stats.connection_opened();
        Open(stats)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.connection_closed();
    }
}

fn write_all(to: BorrowedFd<'_>, mut bytes: &[u8]) -> nix::Result<()> {
    while !bytes.is_empty() {
        let written = retry(|| write(to, bytes))?;
        bytes = &bytes[written..];
    }
    Ok(())
}
