//! From what happened to words: recorded steps, failures with their reasons, the finding.

use super::bytes::shorten;
use super::program::Program;
use super::wait::{Pace, Stuck};
use super::{Failed, Scene};
use crate::check::{Finding, Location, Status};
use crate::observe::{Known, Told, diagnose};
use crate::process::{Ending, Running, seconds};
use crate::steps::{Action, Actor, Looked, Step};
use std::time::{Duration, Instant};

/// How long a failure waits for programs that are just ending, so that the report says how. Only those that never rest take
/// as long.
const AFTERMATH: Duration = Duration::from_secs(1);
/// How many threads and processes a reader wants to hear of.
const TOLD: usize = 12;
/// How much of a program's output a finding shows.
const OUTPUT: usize = 16 << 10;

/// What came instead of what was expected.
enum Seen {
    /// This program's end.
    End(Program),
    /// Anything else.
    Words(String),
}

impl Scene {
    /// Plays a body and turns its result into a finding: `Ok(summary)` into a pass, [`Failed`] into its status, with the
    /// steps so far and what the programs wrote.
    pub fn judge(&mut self, body: impl FnOnce(&mut Scene) -> Result<String, Failed>) -> Finding {
        let played = body(self);
        self.pump();
        let finding = match played.and_then(|summary| self.hears_drivers_alone().map(|()| summary)) {
            Ok(summary) => Finding::new(Status::Pass, summary),
            Err(failed) => Finding {
                expected: failed.expected,
                seen: failed.seen,
                question: failed.question.map(String::from),
                misconception: failed.misconception.map(String::from),
                location: failed.place.map(|place| *place),
                ..Finding::new(failed.status, failed.summary)
            },
        };
        let written =
            self.programs.iter().flat_map(|program| [&program.io.stdout.bytes, &program.io.stderr.bytes]);
        let output = shorten(&written.map(Vec::as_slice).collect::<Vec<_>>().concat(), OUTPUT);
        let timeline = std::mem::take(&mut self.picture);
        Finding { steps: std::mem::take(&mut self.steps), timeline, output, ..finding }
    }

    /// Records something the grader did or saw that no other method records.
    pub fn note(&mut self, actor: impl Into<Actor>, words: impl Into<String>) {
        self.did(actor.into(), Action::Does(words.into()));
    }

    /// Records an expectation of the check's own: the step holds or not; where not, the result is the failure, with
    /// `seen` as what came instead.
    pub fn require(
        &mut self,
        holds: bool,
        actor: impl Into<Actor>,
        looked: impl Into<Looked>,
        seen: &str,
    ) -> Result<(), Failed> {
        let (actor, action) = (actor.into(), Action::LooksFor(looked.into()));
        if !holds {
            return Err(self.fail(actor, action, seen.to_owned(), Vec::new()));
        }
        self.did(actor, action);
        Ok(())
    }

    /// One sentence per thread of every program that runs: where it is blocked, on what, and who holds the other end.
    /// Of a crowd, some are told.
    pub fn diagnosis(&self) -> Vec<String> {
        let told = self.told();
        let more = told.len().saturating_sub(TOLD);
        let rest = (more > 0).then(|| format!("{more} more threads and processes are not told of."));
        told.iter().take(TOLD).map(sentence).chain(rest).collect()
    }

    /// The same, with whom it is about. The programs are looked at first: what else is asked takes its time.
    fn told(&self) -> Vec<Told> {
        let programs = self.living_snapshots();
        let known = self.connections.iter().filter_map(|wire| Some((wire.other_inode()?, wire.name.clone())));
        let places = |process, thread| self.waiting.borrow_mut().line(process, thread, &self.source);
        diagnose(&programs, &known.collect::<Vec<Known>>(), &places)
    }

    /// A check that fails has a step that failed, and a picture of the run up to there.
    pub(crate) fn complete(&mut self, failed: &Failed) {
        let recorded = self.steps.iter().any(|step| !step.holds);
        if !recorded && matches!(failed.status, Status::Fail | Status::Limit) {
            let seen = failed.seen.as_ref().unwrap_or(&failed.summary).trim_end_matches('.').to_owned();
            self.fail(Actor::Grader, Action::Learns, seen, Vec::new());
        }
    }

    pub(super) fn did(&mut self, actor: Actor, action: Action) {
        self.steps.push(Step { actor, action, holds: true, details: Vec::new() });
    }

    /// An expectation without anything to show but how its wait ended.
    pub(super) fn step(
        &mut self,
        actor: Actor,
        action: Action,
        outcome: Result<(), Stuck>,
    ) -> Result<(), Failed> {
        outcome.map_err(|stuck| self.stuck(actor.clone(), action.clone(), stuck))?;
        self.did(actor, action);
        Ok(())
    }

    /// An expectation that did not hold: `client 1`, `expects 5 bytes`, `end of file came`.
    pub(super) fn fail(
        &mut self,
        actor: Actor,
        action: Action,
        seen: String,
        details: Vec<String>,
    ) -> Failed {
        self.await_aftermath();
        let told = self.told();
        self.failed_step(actor, action, Seen::Words(seen), details, told)
    }

    /// The same, where what was seen is that a program has ended.
    pub(super) fn fail_by_end(&mut self, action: Action, program: Program) -> Failed {
        self.await_aftermath();
        let told = self.told();
        self.failed_step(Actor::Grader, action, Seen::End(program), Vec::new(), told)
    }

    /// A wait that came to nothing.
    pub(super) fn stuck(&mut self, actor: Actor, action: Action, stuck: Stuck) -> Failed {
        self.stuck_after(actor, action, stuck, Vec::new())
    }

    /// The same, with something to show.
    pub(super) fn stuck_after(
        &mut self,
        actor: Actor,
        action: Action,
        stuck: Stuck,
        details: Vec<String>,
    ) -> Failed {
        self.in_vain = true;
        if stuck == Stuck::CheckOver {
            return self.out_of_time(actor, action);
        }
        let seen = match stuck {
            Stuck::Blocked if self.living().is_empty() => {
                "it cannot come any more: no program runs".to_owned()
            }
            Stuck::Blocked => "it cannot come any more: everybody waits".to_owned(),
            _ => format!("it did not come within {}", seconds(self.limits.patience.as_millis() as u64)),
        };
        self.release();
        let told = self.told();
        self.stuck_at = self.stuck_in(&told).filter(|_| stuck == Stuck::Blocked);
        self.failed_step(actor, action, Seen::Words(seen), details, told)
    }

    /// The line in which the last program's own process waits, unless that is for the next client.
    fn stuck_in(&self, told: &[Told]) -> Option<Location> {
        let program = self.programs.iter().rfind(|program| program.alive())?.pid.as_raw();
        let own = told.iter().find(|told| told.pid == program)?;
        own.place.clone().filter(|_| !own.at_rest)
    }

    /// Somebody still runs, has not used up its processor time, and makes no end: the machine is too slow to tell.
    fn out_of_time(&mut self, actor: Actor, action: Action) -> Failed {
        let told = self.told();
        let failed = self.failed_step(
            actor,
            action,
            Seen::Words("the check's time is over".to_owned()),
            Vec::new(),
            told,
        );
        Failed {
            status: Status::Unchecked,
            summary: "The machine was too busy to finish this check.".to_owned(),
            ..failed
        }
    }

    fn failed_step(
        &mut self,
        actor: Actor,
        action: Action,
        seen: Seen,
        mut details: Vec<String>,
        told: Vec<Told>,
    ) -> Failed {
        let is_said = |at: &usize| matches!(seen, Seen::End(Program(said)) if said == *at);
        let news = |at: &usize| {
            let program = &self.programs[*at];
            !program.alive() && !program.end_is_known && program.ending != Ending::Ended
        };
        let ending =
            |at: usize| format!("`{}` {}.", self.programs[at].name, self.programs[at].ending.words());
        let ended: Vec<usize> = (0..self.programs.len()).filter(news).collect();
        let seen = match &seen {
            Seen::End(program) => format!("it {}", self.programs[program.0].ending.words()),
            Seen::Words(words) => words.clone(),
        };
        details.insert(0, format!("{}.", capitalised(&seen)));
        details.extend(ended.iter().copied().filter(|at| !is_said(at)).map(ending));
        let ended: String = ended.into_iter().map(|at| format!(" {}", ending(at))).collect();
        details.extend(told.iter().map(sentence));
        details.extend(self.faults());
        let who = if actor == Actor::Grader { "the grader".to_owned() } else { actor.to_string() };
        let general = format!("{} {action}, but {seen}.{ended}", capitalised(&who));
        let crash = self
            .programs
            .iter()
            .find(|program| program.fate().status() == Status::Limit && !program.end_is_known)
            .map(crash);
        self.steps.push(Step { actor, action, holds: false, details });
        self.picture = self.draw(&told);
        self.kept_from = self.origin_of_kept();
        match crash {
            Some(headline) => Failed { seen: Some(general), ..Failed::new(Status::Limit, headline) },
            None => Failed::wrong(general),
        }
    }

    /// Connections close a moment before their process has ended: waits for the end, if it is one.
    pub(crate) fn await_aftermath(&mut self) {
        let until = Instant::now() + AFTERMATH;
        let mut watch = crate::observe::Watch::default();
        let _ = self.wait(Pace::Looks, |scene| {
            let quiet = watch.look(scene.rests()) >= 2 && !scene.stirred && !scene.has_unburied();
            (quiet || Instant::now() >= until).then_some(())
        });
    }
}

fn sentence(told: &Told) -> String {
    format!("{} {}.", told.who, told.does)
}

fn crash(program: &Running) -> String {
    format!("`{}` {}.", program.name, program.fate().words())
}

fn capitalised(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}
