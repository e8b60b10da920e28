//! A client and a server, two processes joined by two pipes: one for requests, one for answers.
//!
//! A pipe carries bytes and knows no messages: whoever writes twice may be read once, whoever writes once may be read in
//! parts. Where a message ends is for the two sides to agree on. Such an agreement is a *protocol*; this one is yours to
//! choose, for instance that the length goes before the bytes.

use crate::Error;
// SOLUTION
use crate::io::{read_exact, write_all};
use crate::pipeline::wait;
use nix::fcntl::OFlag;
use nix::unistd::{ForkResult, Pid, pipe2};
use oslab::{_exit, fork};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Instead of a length: there will be no more requests. The end of file alone would not always tell, for a process that
/// was forked later holds a copy of the write end, and keeps the pipe open.
const NO_MORE: u64 = u64::MAX;
/// The status of a Rust program that has panicked.
const PANICKED: i32 = 101;
// END

/// A server process, seen from its client: the process that started it.
// SOLUTION
pub struct Worker {
    /// The write end of the pipe that carries requests.
    requests: OwnedFd,
    /// The read end of the pipe that carries answers.
    answers: OwnedFd,
    server: Pid,
}
// STARTER
// pub struct Worker {}
// END

impl Worker {
    /// Starts the server: a child of this process that answers each request with what `handler` makes of it.
    ///
    /// - The handler runs in the server alone, and with the server's memory: what it changes there stays from one request
    ///   to the next, and the client does not see it.
    /// - Each process keeps its own end of each pipe and closes the other one: the server ends when its client has gone.
    /// - The server never returns to the caller of `start`. When it is stopped, or the client has gone, it ends with status
    ///   0; when the handler panics, with status 101, and nothing of the caller's is unwound in the server (a panic goes
    ///   up through its callers, and the server has a copy of them all: `std::panic::catch_unwind`).
    /// - Does not block. Fails with the error of `pipe2` or `fork`, and then leaves nothing open.
    ///
    /// Needs a program with one thread, as [`oslab::fork`] does.
    pub fn start(handler: impl FnMut(&[u8]) -> Vec<u8>) -> Result<Worker, Error> {
        // SOLUTION
        let (requests_out, requests) = pipe2(OFlag::O_CLOEXEC).map_err(Error::of("pipe2"))?;
        let (answers, answers_in) = pipe2(OFlag::O_CLOEXEC).map_err(Error::of("pipe2"))?;
        match fork().map_err(Error::of("fork"))? {
            ForkResult::Parent { child } => Ok(Worker { requests, answers, server: child }),
            ForkResult::Child => {
                drop((requests, answers));
                let served = catch_unwind(AssertUnwindSafe(|| {
                    serve(requests_out.as_fd(), answers_in.as_fd(), handler)
                }));
                _exit(served.map_or(PANICKED, |()| 0))
            }
        }
        // STARTER
        // todo!("two pipes, fork; the child serves until it is stopped, the parent keeps its two ends")
        // END
    }

    /// Sends a request to the server, and returns its answer.
    ///
    /// - Request and answer are messages of any size (0 and many times what a pipe holds among them) and any bytes. Their
    ///   boundaries are kept: each request is handled as one, each answer comes back whole and alone.
    /// - Blocks until the answer is there. Short counts and signals (`EINTR`) make no difference, on either side.
    /// - Fails where the server has ended: with `EPIPE` of `write` or with [`Error::Ended`], whichever shows it first.
    ///   There is no answer then, not even a part of one.
    pub fn call(&mut self, request: &[u8]) -> Result<Vec<u8>, Error> {
        // SOLUTION
        send(self.requests.as_fd(), request)?;
        receive(self.answers.as_fd())?.ok_or(Error::Ended { came: 0 })
        // STARTER
        // todo!("send the request with its length before it, and read the answer in the same way")
        // END
    }

    /// Ends the server and waits for it; returns its status, told as in [`capture`](crate::pipeline::capture).
    ///
    /// - Works for a server that has ended already, by a panic or a signal, and tells how it did.
    /// - Several workers may be there at once, and be stopped in any order. One that was started later is a copy of this
    ///   process at that moment, *with the descriptors of the workers before it*.
    /// - Afterwards nothing of this worker is left: no descriptor, no child.
    /// - Fails with the error of `waitpid`. Signals (`EINTR`) make no difference.
    pub fn stop(self) -> Result<i32, Error> {
        // SOLUTION
        // A server that has ended already cannot be told, and need not be.
        let _ = write_all(self.requests.as_fd(), &NO_MORE.to_be_bytes());
        drop((self.requests, self.answers));
        wait(self.server)
        // STARTER
        // todo!("tell the server that no more requests come, close both ends, and wait for it")
        // END
    }
}
// SOLUTION

/// The server: answers requests until there are no more. A client that has gone, in whatever way, is the end of it too.
fn serve(requests: BorrowedFd<'_>, answers: BorrowedFd<'_>, mut handler: impl FnMut(&[u8]) -> Vec<u8>) {
    while let Ok(Some(request)) = receive(requests) {
        if send(answers, &handler(&request)).is_err() {
            return;
        }
    }
}

/// A message is its length, eight bytes with the highest first, and then as many bytes.
fn send(to: BorrowedFd<'_>, message: &[u8]) -> Result<(), Error> {
    let length = message.len() as u64;
    write_all(to, &length.to_be_bytes())?;
    write_all(to, message)
}

/// The next message; none where the other side has said that there are no more.
fn receive(from: BorrowedFd<'_>) -> Result<Option<Vec<u8>>, Error> {
    let mut length = [0; 8];
    read_exact(from, &mut length)?;
    let length = u64::from_be_bytes(length);
    if length == NO_MORE {
        return Ok(None);
    }
    let mut message = vec![0; length as usize];
    read_exact(from, &mut message)?;
    Ok(Some(message))
}
// END
