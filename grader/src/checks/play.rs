//! A check's programs, and what their drivers say.

use super::panic::Panic;
use crate::check::{Finding, Location, Status};
use crate::process::{Ending, Input, Launch, Trace};
use crate::scene::{Explain, Failed, Program, Said as Heard, Scene};
use crate::source;
use crate::trace::{Call, Rule};
use nix::errno::Errno;
use protocol::program::{Said, Task};
use std::fmt::Display;
use std::fs;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::path::Path;

/// A check of a lab on processes: what was seen to hold, in one sentence, or what did not.
pub(super) type Check<T> = fn(&mut Play<'_, T>) -> Result<String, Failed>;

/// A scene whose programs are drivers of one lab, with tasks of type `T`.
pub(super) struct Play<'a, T> {
    scene: &'a mut Scene,
    /// Each with the function that it reports the end of.
    programs: Vec<(Program, Option<&'static str>)>,
    panic: Option<Panic>,
    /// A program whose function has returned when nobody expected it.
    returned: Option<Program>,
    /// The lab's sources, and where to look in them instead of at the check's own function.
    source: &'a Path,
    place: Option<Location>,
    /// The last of these calls is better still.
    calls: &'static [Call],
    task: PhantomData<T>,
}

impl<T> Deref for Play<'_, T> {
    type Target = Scene;

    fn deref(&self) -> &Scene {
        self.scene
    }
}

impl<T> DerefMut for Play<'_, T> {
    fn deref_mut(&mut self) -> &mut Scene {
        self.scene
    }
}

/// Plays a check and makes a finding of it. A panic in the student's code explains whatever failed after it.
pub(super) fn judge<T: Task>(scene: &mut Scene, source: &Path, check: Check<T>) -> Finding {
    let (mut panicked, mut asked, mut unheard) = (None, None, Vec::new());
    let mut finding = scene.judge(|scene| {
        let mut play = Play {
            scene,
            programs: Vec::new(),
            panic: None,
            returned: None,
            source,
            place: None,
            calls: &[],
            task: PhantomData,
        };
        let result = check(&mut play);
        result.map_err(|failed| {
            // Whoever is just ending says its last words first.
            play.scene.await_aftermath();
            let panic = play.panic(&mut unheard);
            panicked = panic.as_ref().and_then(|panic| panic.location(source));
            let returned = play.returned.and_then(|program| play.scene.doing(program));
            asked = returned.or(play.scene.last_of_kinds(play.calls)).or(play.place.take());
            let failed = match panic {
                Some(panic) => panic.explain(failed, source),
                None => failed,
            };
            play.scene.complete(&failed);
            failed
        })
    });
    finding.location = panicked
        .or(finding.location)
        .or(scene.kept_from())
        .or_else(|| finding.timeline.went_wrong())
        .or(scene.stuck_at())
        .or_else(|| scene.came_to_grief())
        .or(asked);
    finding.steps.iter_mut().last().into_iter().for_each(|step| step.details.append(&mut unheard));
    finding
}

impl<T: Task> Play<'_, T> {
    /// Starts a driver whose standard input is empty.
    pub(super) fn start(&mut self, name: &str, task: &T) -> Result<Program, Failed> {
        self.start_with(name, task, Input::Nothing)
    }

    /// Starts a driver.
    pub(super) fn start_with(&mut self, name: &str, task: &T, input: Input) -> Result<Program, Failed> {
        self.start_with_faults(name, task, input, [])
    }

    /// Starts a driver whose calls nobody records: where there are too many of them to tell anything.
    pub(super) fn start_unseen(&mut self, name: &str, task: &T, input: Input) -> Result<Program, Failed> {
        self.launch(Launch::driver(name, task).input(input), task)
    }

    /// Starts a driver some of whose calls come out otherwise.
    pub(super) fn start_with_faults(
        &mut self,
        name: &str,
        task: &T,
        input: Input,
        rules: impl IntoIterator<Item = Rule>,
    ) -> Result<Program, Failed> {
        self.start_traced(name, task, input, Trace::with(rules))
    }

    /// The same, with its reads and writes recorded as well: where it moves few bytes.
    pub(super) fn start_watched(
        &mut self,
        name: &str,
        task: &T,
        input: Input,
        rules: impl IntoIterator<Item = Rule>,
    ) -> Result<Program, Failed> {
        self.start_traced(name, task, input, Trace { bytes: true, ..Trace::with(rules) })
    }

    fn start_traced(&mut self, name: &str, task: &T, input: Input, trace: Trace) -> Result<Program, Failed> {
        self.launch(Launch::driver(name, task).input(input).traced(trace), task)
    }

    fn launch(&mut self, launch: Launch, task: &T) -> Result<Program, Failed> {
        let program = self.scene.start(launch)?;
        self.programs.push((program, task.function()));
        Ok(program)
    }

    /// What the driver says next. Its end without a word, or a panic, is a failure.
    pub(super) fn said(&mut self, program: Program) -> Result<Said<T::Answer>, Failed> {
        let said = self.scene.record(program)?;
        self.unless_panicked(said)
    }

    fn unless_panicked(&mut self, said: Said<T::Answer>) -> Result<Said<T::Answer>, Failed> {
        match said {
            Said::Panicked { message, file, line } => {
                self.panic = Some(Panic { message, file, line });
                Err(Failed::wrong("The program panicked."))
            }
            said => Ok(said),
        }
    }

    /// What the driver has said meanwhile, if anything; does not wait. A panic is a failure.
    pub(super) fn heard(&mut self, program: Program) -> Result<Option<Said<T::Answer>>, Failed> {
        match self.scene.try_next(program) {
            Some(Heard::Result(said)) => self.unless_panicked(said).map(Some),
            _ => Ok(None),
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

    /// Who goes on without end uses up the processor: where that is the misunderstanding itself, the check has words for it.
    pub(super) fn ran_in_circles(&self, program: Program, failed: Failed) -> Failed {
        let ending = self.outcome(program).ending;
        if ending.is_endless() || matches!(ending, Ending::MemoryLimit(_)) {
            Failed { status: Status::Fail, seen: Some(failed.summary.clone()), ..failed }
        } else {
            failed
        }
    }

    /// From here on, a failure is about calls of these kinds: where nothing else is known, the last one is the place to look.
    pub(super) fn look_at_calls(&mut self, kinds: &'static [Call]) {
        self.calls = kinds;
    }

    /// The panic that was met, or one that a driver has reported and nobody has listened to yet. Other things that
    /// nobody has listened to are told as sentences.
    fn panic(&mut self, unheard: &mut Vec<String>) -> Option<Panic> {
        for &(program, function) in &self.programs {
            while let (None, Some(Heard::Result(said))) = (&self.panic, self.scene.try_next(program)) {
                let said: Said<T::Answer> = said;
                match (said, function) {
                    (Said::Panicked { message, file, line }, _) => {
                        let panic = Panic { message, file, line };
                        // One inside a library follows from something, and says less than what was seen.
                        match panic.in_library(self.source) {
                            true => unheard.push(panic.sentence()),
                            false => self.panic = Some(panic),
                        }
                    }
                    (Said::Refused { message, .. }, Some(function)) => {
                        unheard.push(format!("`{function}` returned an `Err`: {message}."));
                        self.returned = Some(program);
                    }
                    _ => {}
                }
            }
        }
        self.panic.take()
    }
}

/// The function has answered something else.
pub(super) fn unexpected<A: Display>(function: &str, expected: &str, said: &Said<A>) -> Failed {
    let errno = if let Said::Refused { errno, .. } = said { errno.map(Errno::from_raw) } else { None };
    let seen = match said {
        Said::Refused { message, .. } => format!("`{function}` failed: {message}"),
        Said::Returned => format!("`{function}` returned `Ok(())`"),
        Said::Answer(answer) => format!("`{function}` returned {answer}"),
        Said::Listening { .. } => format!("`{function}` returned a socket"),
        Said::Panicked { message, .. } => format!("`{function}` panicked: {message}"),
    };
    Failed { seen: Some(seen.clone()), errno, ..Failed::new(Status::Fail, format!("{seen}.")) }
        .expected(&format!("`{function}` returns {expected}"))
}
