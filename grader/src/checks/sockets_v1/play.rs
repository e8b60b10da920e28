//! A check's programs, and what their drivers say.

use super::Check;
use super::panic::Panic;
use crate::check::{Finding, Location, Status};
use crate::process::{Input, Launch};
use crate::scene::{Explain, Failed, Program, Said as Heard, Scene};
use crate::source;
use crate::steps::Step;
use protocol::sockets::{Said, Task};
use std::fs;
use std::ops::{Deref, DerefMut};
use std::path::Path;

/// A scene whose programs are drivers of this lab.
pub(super) struct Play<'a> {
    scene: &'a mut Scene,
    /// Each with the function that it reports the end of.
    programs: Vec<(Program, Option<&'static str>)>,
    panic: Option<Panic>,
    /// The lab's sources, and where to look in them instead of at the check's own function.
    source: &'a Path,
    place: Option<Location>,
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
pub(super) fn judge(scene: &mut Scene, source: &Path, check: Check) -> Finding {
    let (mut place, mut unheard) = (None, Vec::new());
    let mut finding = scene.judge(|scene| {
        let mut play = Play { scene, programs: Vec::new(), panic: None, source, place: None };
        let result = check(&mut play);
        result.map_err(|failed| {
            let panic = play.panic(&mut unheard);
            place = panic.as_ref().and_then(Panic::location).or(play.place);
            match panic {
                Some(panic) => panic.explain(failed),
                None => failed,
            }
        })
    });
    finding.location = finding.location.or(place);
    finding.steps.iter_mut().last().into_iter().for_each(|step| step.details.append(&mut unheard));
    shorten(&mut finding.steps);
    finding
}

/// The function whose end a task reports, where that is all it reports.
fn function(task: &Task) -> Option<&'static str> {
    match task {
        Task::RunClient { .. } => Some("run_client"),
        Task::ServeClient(_) => Some("serve_client"),
        Task::RunServer => Some("run_server"),
        _ => None,
    }
}

impl Play<'_> {
    /// Starts a driver whose standard input is empty.
    pub(super) fn start(&mut self, name: &str, task: &Task) -> Result<Program, Failed> {
        self.start_with(name, task, Input::Nothing)
    }

    /// Starts a driver.
    pub(super) fn start_with(&mut self, name: &str, task: &Task, input: Input) -> Result<Program, Failed> {
        let program = self.scene.start(Launch::driver(name, task).input(input))?;
        self.programs.push((program, function(task)));
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
            Said::Listening { port, .. } => Ok(port),
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

    /// From here on, a failure is about another function than the check's own.
    pub(super) fn look_at(&mut self, file: &str, function: &str) {
        let text = fs::read_to_string(self.source.join(file)).unwrap_or_default();
        let line = source::functions(&text).remove(function);
        self.place = line.map(|line| Location { file: file.to_owned(), line });
    }

    /// The panic that was met, or one that a driver has reported and nobody has listened to yet. Other things that
    /// nobody has listened to are told as sentences.
    fn panic(&mut self, unheard: &mut Vec<String>) -> Option<Panic> {
        for &(program, function) in &self.programs {
            while let (None, Some(Heard::Result(said))) = (&self.panic, self.scene.try_next(program)) {
                match (said, function) {
                    (Said::Panicked { message, file, line }, _) => {
                        self.panic = Some(Panic { message, file, line });
                    }
                    (Said::Refused { message, .. }, Some(function)) => {
                        unheard.push(format!("`{function}` returned an `Err`: {message}."));
                    }
                    _ => {}
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
