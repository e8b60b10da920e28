//! Programs whose system calls are recorded, and made to fail.

use super::program::Program;
use super::{Failed, Scene};
use crate::check::Location;
use crate::observe::Rest;
use crate::process::{Ending, Trace};
use crate::steps::{Action, Actor};
use crate::trace::{Counts, Log, Record, Tracer};
use nix::poll::{PollFd, PollFlags};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::wait::WaitStatus;
use nix::unistd::Pid;
use protocol::trace::Instruction;
use std::os::fd::AsFd;
use std::time::Duration;

/// A program that makes calls without end is not waited for.
const ROUNDS: usize = 1000;
const PAUSE: Duration = Duration::from_micros(100);

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
    fn pump(&mut self, steps: usize, most: usize) -> (usize, Vec<(Pid, i32)>) {
        while let Ok(Some(_)) = self.changes.read_signal() {}
        self.tracer.pump(steps, most)
    }
}

impl Scene {
    /// Takes hold of a program that has not got its job yet, and returns the filter for that job. Where this machine does not
    /// let a program be traced, one without faults runs untraced.
    pub(super) fn begin_trace(
        &mut self,
        program: Program,
        trace: Option<&Trace>,
    ) -> Result<Vec<Instruction>, Failed> {
        let Some(trace) = trace else { return Ok(Vec::new()) };
        match self.trace(program, trace) {
            Ok(()) => Ok(trace.filter()),
            Err(_) if trace.rules.is_empty() => Ok(Vec::new()),
            Err(error) => {
                Err(Failed::unchecked(format!("This machine does not let a program be traced: {error}.")))
            }
        }
    }

    fn trace(&mut self, program: Program, trace: &Trace) -> nix::Result<()> {
        if self.tracing.is_none() {
            self.tracing = Some(Tracing::begin()?);
            self.programs.iter_mut().for_each(|program| program.traced = true);
        }
        let pid = self.programs[program.0].pid;
        self.programs[program.0].traced = true;
        let tracing = self.tracing.as_mut().expect("it was begun above");
        tracing.tracer.seize(pid, &trace.rules, trace.shows_bytes())?;
        for rule in &trace.rules {
            let action = Action::Arranges { rule: rule.to_string(), program: self.program_name(program) };
            self.did(Actor::Grader, action);
        }
        Ok(())
    }

    /// The calls that came out otherwise because the grader made them so, each kind once, in words. How often is chance.
    pub(super) fn faults(&self) -> Vec<String> {
        let mut told: Vec<String> = Vec::new();
        let of_last = self.log().into_iter().flat_map(Log::of_last_program);
        for said in of_last.filter_map(Record::fault_in_words) {
            let said = format!("{said}.");
            if !told.contains(&said) {
                told.push(said);
            }
        }
        told
    }

    /// Lets traced programs go on, so many of those who have stopped, and tells those that have ended. Says whether there
    /// was anybody.
    pub(super) fn pump_traced(&mut self, most: usize) -> bool {
        let steps = self.steps.len();
        let Some(tracing) = &mut self.tracing else { return false };
        let ((dealt_with, ended), stopped) = (tracing.pump(steps, most), tracing.tracer.take_stopped());
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
        self.watch_tasks();
        dealt_with > 0
    }

    /// Whoever is made passes here before it runs: no bomb gets far beyond the limit. Those who have ended and were not yet
    /// buried do not count.
    fn watch_tasks(&mut self) {
        let (most, tracing) = (self.limits.tasks, self.tracing.as_ref());
        if tracing.is_none_or(|tracing| tracing.tracer.tasks() <= most) {
            return;
        }
        if self.rests().iter().map(Rest::tasks).sum::<usize>() > most {
            let traced = self.programs.iter_mut().filter(|program| program.traced);
            traced.for_each(|program| program.end(Ending::TaskLimit(most)));
        }
    }

    /// The calls of the traced programs so far, in the order in which they began.
    pub fn calls(&self) -> &[Record] {
        self.log().map_or(&[], |log| &log.records)
    }

    /// Lets everybody go on until the tracer holds nobody and nobody runs: who is looked at in between would be seen in a call
    /// that is over in a moment. Who runs without end is not waited for.
    pub(super) fn release(&mut self) {
        for _ in 0..ROUNDS {
            if !self.pump_traced(ROUNDS) && !self.rests().iter().any(|rest| rest.running) {
                return;
            }
            self.poll(PAUSE);
        }
    }

    /// The line of the lab's sources in which a call was made, where it can be told.
    pub fn place(&self, call: &Record) -> Option<Location> {
        self.log()?.line(call, &self.source)
    }

    /// How many calls were recorded of a program and its descendants.
    pub(super) fn counts_of(&self, program: i32) -> Counts {
        let Some(log) = self.log() else { return Counts::default() };
        log.process_of(program).map_or_else(Counts::default, |process| log.processes[process].counts)
    }

    /// All that was seen of the traced programs.
    pub(super) fn log(&self) -> Option<&Log> {
        self.tracing.as_ref().map(|tracing| tracing.tracer.log())
    }
}
