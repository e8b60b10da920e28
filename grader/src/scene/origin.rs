//! Where in the lab's sources something comes from: a descriptor, a process, a wait. None where no call tells.

use super::{Connection, Program, Scene};
use crate::check::Location;
use crate::observe::{Blocked, Syscall, proc};
use crate::process::{Ending, Running};
use crate::trace::{Call, Cell, Log, Outcome, Record};
use nix::errno::Errno;

/// So many of a program's last calls are looked through for one that the lab's code made.
const RECENT: usize = 100;

/// Whether a parent has called `wait`, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Never,
    /// Only before the child in question had ended.
    Before,
    /// After it had ended as well.
    Since,
}

impl Scene {
    /// A program's own process, and the log it is in.
    fn own(&self, program: Program) -> Option<(&Log, usize)> {
        let log = self.log()?;
        Some((log, log.process_of(self.programs[program.0].pid.as_raw())?))
    }

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

    /// The call that ended a connection for its client.
    pub(super) fn end_of(&self, connection: Connection) -> Option<Location> {
        let (log, (near, far)) = (self.log()?, self.endpoints(connection)?);
        let object = log.objects.iter().position(|object| object.ends == Some((far, near)))?;
        let shuts = |record: &&Record| record.call == Call::Shutdown && record.object == Some(object);
        let is_last = |cell: &Cell| cell.object == object && cell.fds.is_empty();
        let closes = |record: &&Record| record.cells.iter().any(is_last);
        // Which of several processes closes it last is chance: the youngest has it for this client.
        let last = || log.records.iter().filter(closes).max_by_key(|record| record.process);
        self.place(log.records.iter().rfind(shuts).or_else(last)?)
    }

    /// Whether a program has shut a client's connection down.
    pub(crate) fn was_shut_down(&self, connection: Connection) -> bool {
        let ends = self.endpoints(connection).map(|(near, far)| (far, near));
        let Some(log) = self.log().filter(|_| ends.is_some()) else { return false };
        let mut shut = log.records.iter().filter(|record| record.call == Call::Shutdown);
        shut.any(|record| record.object.is_some_and(|object| log.objects[object].ends == ends))
    }

    /// Whether a program has tried to connect the same socket twice.
    pub(crate) fn connected_again(&self) -> bool {
        let connects = self.calls().iter().filter(|record| record.call == Call::Connect);
        let mut sockets: Vec<_> = connects.map(|record| (record.process, record.object)).collect();
        let all = sockets.len();
        sockets.sort_unstable();
        sockets.dedup();
        sockets.len() < all
    }

    /// What a program's own process has asked of its children, when one of them had ended.
    pub(crate) fn asked_of(&self, program: Program, child: i32) -> Option<Asked> {
        let (log, parent) = self.own(program)?;
        let child = log.process_of(child)?;
        let exit = |record: &&Record| record.process == child && record.call == Call::Exit;
        let ended = log.records.iter().find(exit)?.returned?;
        let asks = log.records.iter().filter(|record| record.process == parent && record.call == Call::Wait);
        let last = asks.filter_map(|record| record.returned).max();
        Some(last.map_or(Asked::Never, |last| if last > ended { Asked::Since } else { Asked::Before }))
    }

    /// The last call that the lab's code was seen to make in a program, in any of its processes.
    pub(crate) fn doing(&self, program: Program) -> Option<Location> {
        let (log, root) = self.own(program)?;
        let own = log.records.iter().rev().filter(|record| log.root(record.process) == root);
        own.take(RECENT).find_map(|record| self.place(record))
    }

    /// The last call of a program that went on without end, or that sent the signal of which one has died.
    pub(crate) fn came_to_grief(&self) -> Option<Location> {
        if let Some(program) = self.programs.iter().position(|program| program.ending.is_endless()) {
            return self.doing(Program(program));
        }
        let signaled = |program: &Running| matches!(program.ending, Ending::Signaled(_));
        let program = self.programs.iter().position(signaled)?;
        self.last_of_kinds(&[Call::Kill]).or_else(|| self.doing(Program(program)))
    }

    /// The last call of a program that a signal has ended.
    pub(crate) fn interrupted(&self, program: Program) -> Option<Location> {
        let (log, process) = self.own(program)?;
        let is_it = |record: &&Record| {
            record.process == process
                && record.fault.is_none()
                && record.outcome == Outcome::Failed(Errno::EINTR)
        };
        self.place(log.records.iter().rfind(is_it)?)
    }

    /// The last call of these kinds that the lab's code made.
    pub(crate) fn last_of_kinds(&self, kinds: &[Call]) -> Option<Location> {
        let mut calls = self.calls().iter().rev().filter(|record| kinds.contains(&record.call));
        calls.find_map(|record| self.place(record))
    }

    /// Where a thread of a program waits for a lock or another thread.
    pub(crate) fn futex_wait(&self, program: Program) -> Option<Location> {
        let pid = self.programs[program.0].pid.as_raw();
        let waits =
            |thread: &i32| Blocked::of(pid, *thread).is_some_and(|blocked| blocked.call == Syscall::Futex);
        proc::threads(pid).into_iter().filter(waits).find_map(|thread| self.thread_wait(pid, thread))
    }

    /// The last of these calls that a program or a descendant of it made.
    pub(crate) fn last_of_all(&self, program: Program, call: Call) -> Option<Location> {
        let (log, root) = self.own(program)?;
        let is_it = |record: &&Record| log.root(record.process) == root && record.call == call;
        self.place(log.records.iter().rfind(is_it)?)
    }

    /// The last of these calls that a program made in its own process.
    pub(crate) fn last(&self, program: Program, call: Call) -> Option<Location> {
        let (log, process) = self.own(program)?;
        let is_it = |record: &&Record| record.process == process && record.call == call;
        self.place(log.records.iter().rfind(is_it)?)
    }
}
