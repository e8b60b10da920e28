//! What drivers have a server do for its clients.

use crate::Deliberate;
use nix::errno::Errno;
use nix::unistd::{read, write};
use protocol::serving::Request;
use std::os::fd::BorrowedFd;

/// Echoes until the client has no more to say, and does as it asks: see [`Request`]. Does not close the connection.
pub fn handle(connection: BorrowedFd<'_>) {
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = retry(|| read(connection, &mut buffer)) {
        match Request::of(buffer[0]) {
            Some(Request::Return) => return,
            Some(Request::Panic) => std::panic::panic_any(Deliberate),
            Some(Request::Abort) => std::process::abort(),
            Some(Request::Exit) => std::process::exit(0),
            None if echo(connection, &buffer[..count]).is_err() => return,
            None => {}
        }
    }
}

fn echo(connection: BorrowedFd<'_>, mut bytes: &[u8]) -> nix::Result<()> {
    while !bytes.is_empty() {
        let written = retry(|| write(connection, bytes))?;
        bytes = &bytes[written..];
    }
    Ok(())
}

fn retry<T>(mut call: impl FnMut() -> nix::Result<T>) -> nix::Result<T> {
    loop {
        match call() {
            Err(Errno::EINTR) => continue,
            result => return result,
        }
    }
}
