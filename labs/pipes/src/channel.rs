//! A client and a server, two processes joined by two pipes: one for requests, one for answers.
//!
//! A pipe carries bytes and knows no messages: whoever writes twice may be read once, whoever writes once may be read in
//! parts. Where a message ends is for the two sides to agree on. Such an agreement is a *protocol*; this one is yours to
//! choose, for instance that the length goes before the bytes.

use crate::Error;

/// A server process, seen from its client: the process that started it.
pub struct Worker {}

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
        todo!("two pipes, fork; the child serves until it is stopped, the parent keeps its two ends")
    }

    /// Sends a request to the server, and returns its answer.
    ///
    /// - Request and answer are messages of any size (0 and many times what a pipe holds among them) and any bytes. Their
    ///   boundaries are kept: each request is handled as one, each answer comes back whole and alone.
    /// - Blocks until the answer is there. Short counts and signals (`EINTR`) make no difference, on either side.
    /// - Fails where the server has ended: with `EPIPE` of `write` or with [`Error::Ended`], whichever shows it first.
    ///   There is no answer then, not even a part of one.
    pub fn call(&mut self, request: &[u8]) -> Result<Vec<u8>, Error> {
        todo!("send the request with its length before it, and read the answer in the same way")
    }

    /// Ends the server and waits for it; returns its status, told as in [`capture`](crate::pipeline::capture).
    ///
    /// - Works for a server that has ended already, by a panic or a signal, and tells how it did.
    /// - Several workers may be there at once, and be stopped in any order. One that was started later is a copy of this
    ///   process at that moment, *with the descriptors of the workers before it*.
    /// - Afterwards nothing of this worker is left: no descriptor, no child.
    /// - Fails with the error of `waitpid`. Signals (`EINTR`) make no difference.
    pub fn stop(self) -> Result<i32, Error> {
        todo!("tell the server that no more requests come, close both ends, and wait for it")
    }
}
