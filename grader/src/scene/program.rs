//! The programs under test: start, records, input, output, rest, end.

use super::{Address, Connection, Failed, Scene};
use crate::observe::Snapshot;
use crate::process::{Ending, Launch, Outcome};
use nix::sys::signal::Signal;
use serde::de::DeserializeOwned;

/// A program that was started, running or ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program(pub(super) usize);

/// What comes next from a driver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said<R> {
    /// A result.
    Result(R),
    /// The final record.
    Done,
    /// The program has ended (or was ended at a limit) without a final record.
    Ended(Ending),
}

impl Scene {
    /// Starts a program.
    ///
    /// # Errors
    /// `unchecked` where it cannot be started, or not be contained.
    pub fn start(&mut self, launch: Launch) -> Result<Program, Failed> {
        let _ = launch;
        todo!()
    }

    /// Waits for whatever the driver says next: a record, its last word, or the end of the program. Every record counts
    /// as progress: time and processor limits start anew. Fails only by a limit, or where the program is stuck.
    pub fn next<R: DeserializeOwned>(&mut self, program: Program) -> Result<Said<R>, Failed> {
        let _ = program;
        todo!()
    }

    /// Expects a result. That the driver is done, or has ended, fails with how it ended.
    pub fn record<R: DeserializeOwned>(&mut self, program: Program) -> Result<R, Failed> {
        let _ = program;
        todo!()
    }

    /// The next record if it is there already; never waits, and never fails.
    pub fn try_next<R: DeserializeOwned>(&mut self, program: Program) -> Option<Said<R>> {
        let _ = program;
        todo!()
    }

    /// Expects the driver's final record.
    pub fn expect_done(&mut self, program: Program) -> Result<(), Failed> {
        let _ = program;
        todo!()
    }

    /// Expects that the program listens at this address, in any way that accepts a connect to it (a dual-stack listener
    /// serves IPv4 too). Looks with sock_diag: the server is not disturbed.
    pub fn expect_listening(&mut self, program: Program, address: Address) -> Result<(), Failed> {
        let _ = (program, address);
        todo!()
    }

    /// Feeds a program started with [`Input::Fed`](crate::process::Input::Fed); waits until the pipe has taken all.
    pub fn feed(&mut self, program: Program, bytes: &[u8]) -> Result<(), Failed> {
        let _ = (program, bytes);
        todo!()
    }

    /// Ends that input: the program reads end of file.
    pub fn end_input(&mut self, program: Program) {
        let _ = program;
        todo!()
    }

    /// Expects exactly these bytes next on standard output. What follows is left for the next expectation.
    pub fn expect_output(&mut self, program: Program, bytes: &[u8]) -> Result<(), Failed> {
        let _ = (program, bytes);
        todo!()
    }

    /// Expects the program to come to rest: every thread of it and of its descendants blocked. Returns what was seen
    /// there: threads with the calls they are blocked in, descriptors, children, zombies.
    pub fn at_rest(&mut self, program: Program) -> Result<Snapshot, Failed> {
        let _ = program;
        todo!()
    }

    /// Expects that at rest no process of the program holds the other end of this TCP connection any more.
    pub fn expect_connection_closed(
        &mut self,
        program: Program,
        connection: Connection,
    ) -> Result<(), Failed> {
        let _ = (program, connection);
        todo!()
    }

    /// Expects the program to end by itself, and says how it did.
    pub fn expect_end_of(&mut self, program: Program) -> Result<Outcome, Failed> {
        let _ = program;
        todo!()
    }

    /// Expects that the program still runs.
    pub fn expect_running(&mut self, program: Program) -> Result<(), Failed> {
        let _ = program;
        todo!()
    }

    /// Sends a signal to the program (not to its descendants).
    pub fn signal(&mut self, program: Program, signal: Signal) -> Result<(), Failed> {
        let _ = (program, signal);
        todo!()
    }

    /// Ends the program and its descendants with KILL, and waits until they are gone.
    pub fn kill(&mut self, program: Program) {
        let _ = program;
        todo!()
    }

    /// How the program has ended so far, and what it wrote.
    pub fn outcome(&self, program: Program) -> Outcome {
        let _ = program;
        todo!()
    }

    /// A look at the program now, at rest or not.
    pub fn snapshot(&self, program: Program) -> Snapshot {
        let _ = program;
        todo!()
    }

    /// One sentence per thread of the program: where it is blocked, on what, and who holds the other end.
    pub fn diagnosis(&self, program: Program) -> Vec<String> {
        let _ = program;
        todo!()
    }
}
