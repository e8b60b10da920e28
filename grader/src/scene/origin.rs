//! Where in the lab's sources something comes from: a descriptor, a process, a wait. None where no call tells.

use super::{Program, Scene};
use crate::check::Location;
use crate::observe::proc;
use crate::trace::{Call, Log, Outcome, Record};
use nix::errno::Errno;

impl Scene {
    /// The call by which a process came to a descriptor: one that it made itself, or the fork that it was made with.
    pub(crate) fn origin(&self, pid: i32, fd: i32) -> Option<Location> {
        let log = self.log()?;
        let process = log.process_of(pid)?;
        self.origin_of(log, process, log.object(process, fd)?)
    }

    /// The same, for what the descriptor stands for.
    pub(super) fn origin_of(&self, log: &Log, process: usize, object: usize) -> Option<Location> {
        let gets = |record: &&Record| {
            let cells = record.cells.iter();
            cells.clone().any(|cell| (cell.process, cell.object) == (process, object) && !cell.fds.is_empty())
        };
        self.place(log.records.iter().find(gets)?)
    }

    /// The fork that made a process.
    pub(crate) fn birth(&self, pid: i32) -> Option<Location> {
        let log = self.log()?;
        let process = log.process_of(pid)?;
        let makes = |record: &&Record| record.call == Call::Fork && record.other == Some(process);
        self.place(log.records.iter().find(makes)?)
    }

    /// Where a process's first thread waits.
    pub(crate) fn wait_of(&self, pid: i32) -> Option<Location> {
        self.thread_wait(pid, pid)
    }

    /// Where the youngest of a program's threads waits.
    pub(crate) fn youngest_wait(&self, program: Program) -> Option<Location> {
        let pid = self.programs[program.0].pid.as_raw();
        self.thread_wait(pid, proc::threads(pid).last().copied()?)
    }

    fn thread_wait(&self, pid: i32, thread: i32) -> Option<Location> {
        self.waiting.borrow_mut().line(pid, thread, &self.source)
    }

    /// The last call that a program was seen to make, in any of its processes.
    pub(crate) fn doing(&self, program: Program) -> Option<Location> {
        let log = self.log()?;
        let root = log.process_of(self.programs[program.0].pid.as_raw())?;
        self.place(log.records.iter().rfind(|record| log.root(record.process) == root)?)
    }

    /// The last call of a program that a signal has ended.
    pub(crate) fn interrupted(&self, program: Program) -> Option<Location> {
        let log = self.log()?;
        let process = log.process_of(self.programs[program.0].pid.as_raw())?;
        let is_it = |record: &&Record| {
            record.process == process
                && record.fault.is_none()
                && record.outcome == Outcome::Failed(Errno::EINTR)
        };
        self.place(log.records.iter().rfind(is_it)?)
    }

    /// The last of these calls that a program made in its own process.
    pub(crate) fn last(&self, program: Program, call: Call) -> Option<Location> {
        let log = self.log()?;
        let process = log.process_of(self.programs[program.0].pid.as_raw())?;
        let is_it = |record: &&Record| record.process == process && record.call == call;
        self.place(log.records.iter().rfind(is_it)?)
    }
}
