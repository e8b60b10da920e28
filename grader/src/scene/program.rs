//! The programs under test: start, input, output, end.

use super::bytes::describe;
use super::deed::Deed;
use super::expect::arrived;
use super::wait::Pace;
use super::{Failed, Scene};
use crate::observe::shows_calls;
use crate::process::{Ending, Launch, Outcome, Running, spawn};
use crate::steps::{Action, Actor};
use nix::sys::signal::Signal;

/// So many calls of traced programs are looked at before a program counts as running: its end may be among them.
const SOME: usize = 1000;

/// A program that was started, running or ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program(pub(super) usize);

impl Scene {
    /// Starts a program.
    ///
    /// # Errors
    /// `unchecked` where it cannot be started, or not be contained.
    pub fn start(&mut self, launch: Launch) -> Result<Program, Failed> {
        let limits = launch.limits.unwrap_or(self.limits);
        let started = spawn(&launch, &self.driver, limits, &self.confinement);
        let mut running = started.map_err(|error| {
            Failed::unchecked(format!("`{}` could not be started: {error}.", launch.name))
        })?;
        let shown = shows_calls(running.pid.as_raw());
        running.traced = self.tracing.is_some();
        self.programs.push(running);
        if !shown {
            return Err(Failed::unchecked(
                "This machine does not show in which call a program waits: /proc/PID/syscall cannot be read.",
            ));
        }
        let program = Program(self.programs.len() - 1);
        let stops = self.begin_trace(program, launch.trace.as_ref())?;
        if let (Some(channel), Some(task)) = (&mut self.running(program).io.channel, &launch.task) {
            channel.order(task, stops);
        }
        self.did(Actor::Grader, Action::Starts(launch.name));
        Ok(program)
    }

    /// Feeds a program started with [`Input::Fed`](crate::process::Input::Fed); waits until the pipe has taken all.
    pub fn feed(&mut self, program: Program, bytes: &[u8]) -> Result<(), Failed> {
        let action = Action::Feeds { program: self.program_name(program), bytes: describe(bytes) };
        self.feed_as(program, bytes, Actor::Grader, action)
    }

    /// The same in words of the check's own: what feeding these bytes to this program means.
    pub fn feed_as(
        &mut self,
        program: Program,
        bytes: &[u8],
        actor: Actor,
        action: Action,
    ) -> Result<(), Failed> {
        self.running(program).io.input.iter_mut().for_each(|input| input.push(bytes));
        let total = self.running(program).io.input.as_ref().map_or(0, |input| input.total());
        self.deed(Deed::Feeds(program, total));
        let fed = self.wait(Pace::Events, |scene| {
            scene.running(program).io.input.as_ref().is_none_or(|input| input.pending() == 0).then_some(())
        });
        self.step(actor, action, fed)
    }

    /// Ends that input: the program reads end of file.
    pub fn end_input(&mut self, program: Program) {
        self.running(program).io.input.iter_mut().for_each(|input| input.end());
        self.deed(Deed::EndsInput(program));
        let action = Action::EndsInput(self.program_name(program));
        self.did(Actor::Grader, action);
    }

    /// Expects exactly these bytes next on standard output. What follows is left for the next expectation.
    pub fn expect_output(&mut self, program: Program, bytes: &[u8]) -> Result<(), Failed> {
        let action = Action::ExpectsOutput { program: self.program_name(program), bytes: describe(bytes) };
        let from = self.running(program).io.stdout.expected;
        let written = self.wait(Pace::Events, |scene| {
            let running = scene.running(program);
            let came = &running.io.stdout.bytes[from..];
            arrived(bytes, came, 0, !running.alive())
        });
        let came = self.running(program).io.stdout.bytes[from..].to_vec();
        let how = |scene: &mut Scene| {
            format!("it {} after {}", scene.running(program).ending.words(), describe(&came))
        };
        self.judge_bytes(Actor::Grader, action, bytes, &came, written, how)?;
        self.running(program).io.stdout.expected += bytes.len();
        Ok(())
    }

    /// Expects the program to end by itself, and says how it did.
    pub fn expect_end_of(&mut self, program: Program) -> Result<Outcome, Failed> {
        let action = Action::AwaitsEnd(self.program_name(program));
        let ended = self.wait(Pace::Events, |scene| (!scene.running(program).alive()).then_some(()));
        self.step(Actor::Grader, action, ended)?;
        self.running(program).end_is_known = true;
        Ok(self.outcome(program))
    }

    /// Expects that the program still runs.
    pub fn expect_running(&mut self, program: Program) -> Result<(), Failed> {
        self.pump_traced(SOME);
        self.pump();
        if self.running(program).alive() {
            return Ok(());
        }
        let action = Action::ExpectsRunning(self.program_name(program));
        Err(self.fail_by_end(action, program))
    }

    /// Sends a signal to the program (not to its descendants).
    pub fn signal(&mut self, program: Program, signal: Signal) -> Result<(), Failed> {
        self.expect_running(program)?;
        let action = Action::Signals { signal: signal.to_string(), program: self.program_name(program) };
        self.running(program).signal(signal);
        self.did(Actor::Grader, action);
        Ok(())
    }

    /// Ends the program and its descendants with KILL, and waits until it is gone.
    pub fn kill(&mut self, program: Program) {
        let action = Action::Kills(self.program_name(program));
        self.running(program).end(Ending::Ended);
        let _ = self.wait(Pace::Events, |scene| (!scene.running(program).alive()).then_some(()));
        self.did(Actor::Grader, action);
    }

    /// How the program has ended so far, and what it wrote.
    pub fn outcome(&self, program: Program) -> Outcome {
        self.programs[program.0].outcome()
    }

    pub(super) fn program_name(&self, program: Program) -> String {
        self.programs[program.0].name.clone()
    }

    pub(super) fn running(&mut self, program: Program) -> &mut Running {
        &mut self.programs[program.0]
    }
}
