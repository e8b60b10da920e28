//! Reading and writing all of it: what `read(2)` and `write(2)` leave to their caller.
//!
//! A count that is less than what was asked for is no failure. `write` says how much it has taken, `read` how much was
//! there; the rest is one more call away. The three functions here are what everything else in this lab is built on.

use crate::Error;
use std::os::fd::BorrowedFd;
// SOLUTION
use nix::unistd::{read, write};
use oslab::retry;
// END

/// Writes all of `bytes`, in order.
///
/// - Blocks while the pipe is full (it holds 64 KiB unless told otherwise) and somebody still has its read end open.
/// - `write(2)` may take less than it is given: when a signal arrives after a part has gone, it returns the size of that
///   part. A signal before that (`EINTR`) has taken nothing. Neither makes a difference to the caller.
/// - Nothing to write is no call: an empty `bytes` returns at once.
/// - Fails with the error of `write`: `EPIPE` when nobody has the read end open any more. How much had gone before is
///   then unknown. Does not close `fd`: it is only lent.
///
/// Source: pipe(7), write(2).
pub fn write_all(fd: BorrowedFd<'_>, bytes: &[u8]) -> Result<(), Error> {
    // SOLUTION
    let mut rest = bytes;
    while !rest.is_empty() {
        let count = retry(|| write(fd, rest)).map_err(Error::of("write"))?;
        rest = &rest[count..];
    }
    Ok(())
    // STARTER
    // todo!("write, look at how much was taken, and go on behind it until nothing is left")
    // END
}

/// Reads everything up to end of file, and returns it.
///
/// - `read(2)` returns what is there, at most what fits: a count below the buffer's size says nothing about what comes
///   later. Only 0 is end of file: *every* descriptor of the write end is closed, in whatever process, and all that was
///   written has been read.
/// - Blocks until then. Signals (`EINTR`) make no difference.
/// - Any bytes, any amount; empty where the end comes first.
/// - Fails with the error of `read`. Does not close `fd`.
///
/// Source: pipe(7), read(2).
pub fn read_to_end(fd: BorrowedFd<'_>) -> Result<Vec<u8>, Error> {
    // SOLUTION
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = retry(|| read(fd, &mut buffer)).map_err(Error::of("read"))?;
        if count == 0 {
            return Ok(bytes);
        }
        bytes.extend_from_slice(&buffer[..count]);
    }
    // STARTER
    // todo!("read again and again, keep what came, and stop when read returns 0")
    // END
}

/// Fills `buffer` with the next bytes, exactly.
///
/// - Blocks until all of them have come. Short reads and signals (`EINTR`) make no difference.
/// - What follows them stays in the pipe, for whoever reads next.
/// - An empty `buffer` is full already: returns at once, and reads nothing.
/// - Fails with [`Error::Ended`] where end of file comes first, saying how many bytes had come (0: there was nothing
///   more at all), or with the error of `read`. Does not close `fd`.
pub fn read_exact(fd: BorrowedFd<'_>, buffer: &mut [u8]) -> Result<(), Error> {
    // SOLUTION
    let mut came = 0;
    while came < buffer.len() {
        match retry(|| read(fd, &mut buffer[came..])).map_err(Error::of("read"))? {
            0 => return Err(Error::Ended { came }),
            count => came += count,
        }
    }
    Ok(())
    // STARTER
    // todo!("read into what is still empty of the buffer until it is full; an early end is Error::Ended")
    // END
}
