//! A program that was started.

use super::io::Io;
use super::sweep;
use super::{Ending, Limits, Outcome};
use crate::observe::{Rest, Usage};
use crate::trace::Counts;
use nix::poll::{PollFd, PollFlags};
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

const OVERFLOW: &[u8] = b"has overflowed its stack";
/// So many times the limit on processor time, where bytes move within a program and nothing of it is seen outside.
const WHILE_BYTES_MOVE: u32 = 10;

/// A program, from its start to after its end.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) name: String,
    pub(crate) pid: Pid,
    pub(crate) ending: Ending,
    pub(crate) io: Io,
    pub(crate) limits: Limits,
    /// Set where the check itself stops it, which is then nobody's fault.
    pub(crate) may_be_stopped: bool,
    /// Set where the check has asked how it ended, or the driver has said its last word: whatever the end is, it is not
    /// what fails later.
    pub(crate) end_is_known: bool,
    /// How it ended, where whoever traces was told of it instead.
    pub(crate) reaped: Option<WaitStatus>,
    /// Whether somebody else waits for it.
    pub(crate) traced: bool,
    pidfd: OwnedFd,
    /// Why the grader ended it; becomes the ending.
    cause: Option<Ending>,
    /// Processor time when the grader last saw something come of it.
    progress: Duration,
    /// How many calls were recorded of it by then.
    counts: Counts,
    /// Processor time when it last moved a byte, within itself or not.
    busy: Duration,
    /// How many bytes it had moved at the last look.
    moved: u64,
}

impl Running {
    pub(super) fn new(name: &str, pid: Pid, pidfd: OwnedFd, io: Io, limits: Limits) -> Running {
        Running {
            name: name.to_owned(),
            pid,
            ending: Ending::Running,
            io,
            limits,
            may_be_stopped: false,
            end_is_known: false,
            reaped: None,
            traced: false,
            pidfd,
            cause: None,
            progress: Duration::ZERO,
            counts: Counts::default(),
            busy: Duration::ZERO,
            moved: 0,
        }
    }

    /// Whether its own process has not ended.
    pub(crate) fn alive(&self) -> bool {
        self.ending == Ending::Running
    }

    /// How it has ended, or why it is being ended: a large program takes its time to go.
    pub(crate) fn fate(&self) -> Ending {
        self.cause.unwrap_or(self.ending)
    }

    /// What to wait for: its end, its output, room for its input.
    pub(crate) fn poll_fds(&self) -> Vec<PollFd<'_>> {
        let mut fds = self.io.poll_fds();
        if self.alive() {
            fds.push(PollFd::new(self.pidfd.as_fd(), PollFlags::POLLIN));
        }
        fds
    }

    /// Moves whatever can be moved. The end is looked at first, so that all output before it is taken after it.
    pub(crate) fn pump(&mut self) {
        let status = self.reap();
        let mut more = self.io.pump();
        self.watch_output();
        if let Some(status) = status {
            while more && self.io.written() <= self.limits.output {
                more = self.io.take();
            }
            self.ending = self.cause.unwrap_or_else(|| Ending::of(status, self.says_overflow()));
        }
    }

    /// What Rust's runtime writes last, when the stack is used up.
    fn says_overflow(&self) -> bool {
        let written = &self.io.stderr.bytes;
        let last = &written[written.len().saturating_sub(1 << 12)..];
        last.windows(OVERFLOW.len()).any(|window| window == OVERFLOW)
    }

    fn reap(&self) -> Option<WaitStatus> {
        if !self.alive() {
            return None;
        }
        if self.traced {
            return self.reaped;
        }
        match waitpid(self.pid, Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::StillAlive) | Err(_) => None,
            Ok(status) => Some(status),
        }
    }

    fn watch_output(&mut self) {
        if self.io.output() > self.limits.output {
            self.end(Ending::OutputLimit(self.limits.output));
        }
    }

    /// Ends it, with all its descendants, for a reason. Does not wait for the end. Output is no longer taken from whoever
    /// may still hold it open.
    pub(crate) fn end(&mut self, cause: Ending) {
        if self.alive() {
            self.cause.get_or_insert(cause);
        }
        sweep::kill_tree(self.pid);
        if cause != Ending::Ended {
            self.io.drop_output();
        }
    }

    /// Asks it to end, and counts whatever end follows as the grader's doing.
    pub(crate) fn terminate(&mut self) {
        if self.alive() {
            self.cause.get_or_insert(Ending::Ended);
            let _ = nix::sys::signal::killpg(self.pid, Signal::SIGTERM);
        }
    }

    /// Sends a signal to the program's own process.
    pub(crate) fn signal(&mut self, signal: Signal) {
        self.may_be_stopped = signal == Signal::SIGSTOP || (self.may_be_stopped && signal != Signal::SIGCONT);
        if self.alive() {
            let _ = nix::sys::signal::kill(self.pid, signal);
        }
    }

    /// Compares a look, and its recorded calls, with the limits, and ends the program at one.
    pub(crate) fn watch(&mut self, rest: &Rest, usage: &Usage, counts: Counts) {
        self.note_moves(usage);
        let spent = |since: Duration| usage.time.saturating_sub(since);
        if let Some(limit) = self.limits.passed(counts.since(self.counts)) {
            self.end(limit);
        } else if spent(self.busy) > self.limits.processor {
            self.end(Ending::ProcessorLimit(self.limits.processor.as_millis() as u64));
        } else if spent(self.progress) > self.limits.processor * WHILE_BYTES_MOVE {
            self.end(Ending::MoveLimit);
        } else if let Some(limit) = self.limits.reached(rest, usage) {
            self.end(limit);
        } else if rest.stopped && !self.may_be_stopped {
            self.end(Ending::StoppedItself);
        }
    }

    /// A program whose calls move bytes gets on, however few they are.
    fn note_moves(&mut self, usage: &Usage) {
        if usage.moved > self.moved {
            self.busy = usage.time;
        }
        self.moved = usage.moved;
    }

    /// The limits on processor time and calls start anew.
    pub(crate) fn progressed(&mut self, used: Duration, counts: Counts) {
        self.progress = used;
        self.busy = used;
        self.counts = counts;
    }

    pub(crate) fn outcome(&self) -> Outcome {
        let (stdout, stderr) = (self.io.stdout.bytes.clone(), self.io.stderr.bytes.clone());
        Outcome { ending: self.ending, stdout, stderr }
    }
}
