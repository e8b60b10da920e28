//! A check's programs, and what their drivers say.

use super::Check;
use super::panic::Panic;
use crate::check::{Finding, Status};
use crate::process::{Input, Launch};
use crate::scene::{Explain, Failed, Program, Said as Heard, Scene};
use crate::steps::Step;
use protocol::sockets::{Said, Task};
use std::ops::{Deref, DerefMut};

/// A scene whose programs are drivers of this lab.
pub(super) struct Play<'a> {
    scene: &'a mut Scene,
    programs: Vec<Program>,
    panic: Option<Panic>,
}

impl Deref for Play<'_> {
    type Target = Scene;

    fn deref(&self) -> &Scene {
        self.scene
    }
}

impl DerefMut for Play<'_> {
    fn deref_mut(&mut self) -> &mut Scene {
        self.scene
    }
}

/// Plays a check and makes a finding of it. A panic in the student's code explains whatever failed after it.
pub(super) fn judge(scene: &mut Scene, check: Check) -> Finding {
    let mut place = None;
    let mut finding = scene.judge(|scene| {
        let mut play = Play { scene, programs: Vec::new(), panic: None };
        let result = check(&mut play);
        result.map_err(|failed| match play.panic() {
            Some(panic) => {
                place = panic.location();
                panic.explain(failed)
            }
            None => failed,
        })
    });
    finding.location = finding.location.or(place);
    shorten(&mut finding.steps);
    finding
}

impl Play<'_> {
    /// Starts a driver whose standard input is empty.
    pub(super) fn start(&mut self, name: &str, task: &Task) -> Result<Program, Failed> {
        self.start_with(name, task, Input::Nothing)
    }

    /// Starts a driver.
    pub(super) fn start_with(&mut self, name: &str, task: &Task, input: Input) -> Result<Program, Failed> {
        let program = self.scene.start(Launch::driver(name, task).input(input))?;
        self.programs.push(program);
        Ok(program)
    }

    /// What the driver says next. Its end without a word, or a panic, is a failure.
    pub(super) fn said(&mut self, program: Program) -> Result<Said, Failed> {
        match self.scene.record(program)? {
            Said::Panicked { message, file, line } => {
                self.panic = Some(Panic { message, file, line });
                Err(Failed::wrong("The program panicked."))
            }
            said => Ok(said),
        }
    }

    /// Expects that the driver listens, and returns the port; `function` is what may have refused.
    pub(super) fn port(&mut self, program: Program, function: &str) -> Result<u16, Failed> {
        match self.said(program)? {
            Said::Listening { port } => Ok(port),
            other => Err(unexpected(function, "a listening socket", &other)),
        }
    }

    /// Expects that the function has returned without a complaint.
    pub(super) fn returned(&mut self, program: Program, function: &str) -> Result<(), Failed> {
        match self.said(program)? {
            Said::Returned => Ok(()),
            other => Err(unexpected(function, "`Ok(())`", &other)),
        }
    }

    /// Expects that the function returns an `Err`.
    pub(super) fn refused(&mut self, program: Program, function: &str) -> Result<(), Failed> {
        match self.said(program)? {
            Said::Refused { .. } => Ok(()),
            other => Err(unexpected(function, "an `Err`", &other)),
        }
    }

    /// The panic that was met, or one that a driver has reported and nobody has listened to yet.
    fn panic(&mut self) -> Option<Panic> {
        for &program in &self.programs {
            while let (None, Some(Heard::Result(said))) = (&self.panic, self.scene.try_next(program)) {
                if let Said::Panicked { message, file, line } = said {
                    self.panic = Some(Panic { message, file, line });
                }
            }
        }
        self.panic.take()
    }
}

/// The function has answered something else.
pub(super) fn unexpected(function: &str, expected: &str, said: &Said) -> Failed {
    let seen = match said {
        Said::Refused { message, .. } => format!("`{function}` failed: {message}"),
        Said::Returned => format!("`{function}` returned `Ok(())`"),
        Said::Addresses(found) => format!("`{function}` returned {} addresses", found.len()),
        Said::Listening { .. } => format!("`{function}` returned a socket"),
        Said::Connected { .. } => format!("`{function}` returned a socket"),
        Said::Accepted { .. } => "a connection was accepted".to_owned(),
        Said::FiveTuple { .. } => format!("`{function}` returned a 5-tuple"),
        Said::Panicked { message, .. } => format!("`{function}` panicked: {message}"),
    };
    Err::<(), _>(Failed { seen: Some(seen.clone()), ..Failed::new(Status::Fail, format!("{seen}.")) })
        .expected(&format!("`{function}` returns {expected}"))
        .unwrap_err()
}

/// How many steps a reader wants to see: how it began, and how it came to its end.
const FIRST: usize = 6;
const LAST: usize = 8;

fn shorten(steps: &mut Vec<Step>) {
    if steps.len() <= FIRST + LAST + 1 {
        return;
    }
    let gap = Step {
        actor: "grader".to_owned(),
        sentence: "goes on like this".to_owned(),
        holds: true,
        details: Vec::new(),
    };
    steps.splice(FIRST..steps.len() - LAST, [gap]);
}
