//! Programs whose system calls are recorded, and made to fail.

use super::program::Program;
use super::{Failed, Scene};
use crate::process::Ending;
use crate::trace::{Record, Rule, Tracer};
use nix::poll::{PollFd, PollFlags};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::wait::WaitStatus;
use nix::unistd::Pid;
use std::os::fd::AsFd;

/// The tracer of a scene, and what wakes the scene's loop when somebody stops.
#[derive(Debug)]
pub(super) struct Tracing {
    tracer: Tracer,
    /// Readable when a child or tracee has changed its state.
    changes: SignalFd,
}

impl Tracing {
    fn begin() -> nix::Result<Tracing> {
        let child: SigSet = Signal::SIGCHLD.into();
        child.thread_block()?;
        let changes = SignalFd::with_flags(&child, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)?;
        Ok(Tracing { tracer: Tracer::default(), changes })
    }

    pub(super) fn poll_fd(&self) -> PollFd<'_> {
        PollFd::new(self.changes.as_fd(), PollFlags::POLLIN)
    }

    /// The wake-ups are taken before the changes are looked for, so that none is missed.
    fn pump(&mut self) -> Vec<(Pid, i32)> {
        while let Ok(Some(_)) = self.changes.read_signal() {}
        self.tracer.pump()
    }
}

impl Scene {
    /// Takes hold of a program that has not got its job yet.
    pub(super) fn trace(&mut self, program: Program, rules: &[Rule]) -> Result<(), Failed> {
        let refused =
            |error| Failed::unchecked(format!("This machine does not let a program be traced: {error}."));
        if self.tracing.is_none() {
            self.tracing = Some(Tracing::begin().map_err(refused)?);
            self.programs.iter_mut().for_each(|program| program.traced = true);
        }
        let pid = self.programs[program.0].pid;
        self.programs[program.0].traced = true;
        let tracing = self.tracing.as_mut().expect("it was begun above");
        tracing.tracer.seize(pid, rules).map_err(refused)?;
        let whose = self.program_name(program);
        rules.iter().for_each(|rule| self.did("grader", format!("{rule}, in {whose}")));
        Ok(())
    }

    /// The calls that came out otherwise because the grader made them so, each kind once, in words.
    pub(super) fn faults(&self) -> Vec<String> {
        let mut counts: Vec<(String, usize)> = Vec::new();
        for record in self.calls() {
            let Some(said) = record.fault_in_words() else { continue };
            match counts.iter_mut().find(|(known, _)| *known == said) {
                Some((_, count)) => *count += 1,
                None => counts.push((said, 1)),
            }
        }
        let times = |(said, count)| if count == 1 { said } else { format!("{said} ({count} times)") };
        counts.into_iter().map(|counted| format!("{}.", times(counted))).collect()
    }

    /// Lets traced programs go on, and tells those that have ended.
    pub(super) fn pump_traced(&mut self) {
        let Some(tracing) = &mut self.tracing else { return };
        let (ended, stopped) = (tracing.pump(), tracing.tracer.take_stopped());
        for (pid, status) in ended {
            let status = WaitStatus::from_raw(pid, status).ok();
            let program = self.programs.iter_mut().find(|program| program.pid == pid && program.alive());
            program.into_iter().for_each(|program| program.reaped = status);
        }
        for pid in stopped {
            let stops =
                |program: &&mut crate::process::Running| program.pid == pid && !program.may_be_stopped;
            let program = self.programs.iter_mut().find(stops);
            program.into_iter().for_each(|program| program.end(Ending::StoppedItself));
        }
    }

    /// The calls of the traced programs so far, in the order in which they began.
    pub fn calls(&self) -> &[Record] {
        self.tracing.as_ref().map_or(&[], |tracing| tracing.tracer.records())
    }
}
