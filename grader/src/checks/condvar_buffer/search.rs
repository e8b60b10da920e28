//! A check carried out: the driver searches, and the schedule it finds is run once more, step by step, to be shown.

use super::{Sources, died, failed, passed, plan, stalled};
use crate::check::{Finding, Status};
use crate::process::{Ending, Launch};
use crate::scene::{Failed, Said, Scene};
use crate::supervisor::Job;
use explore::Schedule;
use explore::trace::Trace;
use protocol::buffer::{Phase, Result as Found, Scenario, Stall, Task};

/// How the program under test is called in every sentence.
const NAME: &str = "the program";

/// Runs the check that a job names.
pub fn check(job: &Job, scene: &mut Scene) -> Finding {
    let Some(plan) = plan(&job.check) else {
        return Finding::new(
            Status::Unchecked,
            format!("This grader has no check {} for {}.", job.check, job.lab),
        );
    };
    let mut found = None;
    let judged = scene.judge(|scene| {
        let sources = Sources::read(&job.source).map_err(|error| Failed::unchecked(error.to_string()))?;
        let search = Search { scenarios: plan.scenarios, phases: plan.phases, sources };
        found = Some(search.carry_out(scene)?);
        Ok(String::new())
    });
    match found {
        Some(found) => Finding { output: judged.output, ..found },
        None => judged,
    }
}

struct Search {
    scenarios: Vec<Scenario>,
    phases: Vec<Phase>,
    sources: Sources,
}

/// One execution of one scenario.
struct Run {
    scenario: usize,
    phase: Phase,
    schedule: Schedule,
}

impl Search {
    fn carry_out(&self, scene: &mut Scene) -> Result<Finding, Failed> {
        let driver = scene.start(Launch::driver(NAME, &self.task(false)))?;
        let mut searched = Vec::new();
        loop {
            match scene.next(driver)? {
                Said::Result(Found::Found { scenario, phase, schedule, .. }) => {
                    return self.show(scene, &Run { scenario, phase, schedule }, None);
                }
                Said::Result(Found::Stalled { scenario, phase, schedule, how }) => {
                    return self.show(scene, &Run { scenario, phase, schedule }, Some(how));
                }
                Said::Result(Found::Searching) => {}
                Said::Result(result) => searched.push(result),
                Said::Done if searched.len() == self.scenarios.len() * self.phases.len() => {
                    return Ok(passed(&searched));
                }
                Said::Done | Said::Garbled => {
                    return Err(Failed::unchecked("The search ended early, and did not say why."));
                }
                Said::Ended(ending) => return self.find_death(scene, ending),
            }
        }
    }

    fn task(&self, announce: bool) -> Task {
        Task::Search { scenarios: self.scenarios.clone(), phases: self.phases.clone(), announce }
    }

    /// The driver died with the student's code in it. Searches again, and learns each time where it is.
    fn find_death(&self, scene: &mut Scene, ending: Ending) -> Result<Finding, Failed> {
        let driver = scene.start(Launch::driver(NAME, &self.task(true)))?;
        let mut last = None;
        loop {
            match (scene.next(driver)?, last.take()) {
                (Said::Result(Found::Trying { scenario, phase, schedule }), _) => {
                    last = Some(Run { scenario, phase, schedule });
                }
                (Said::Result(_), before) => last = before,
                (Said::Ended(_), Some(run)) => return self.show_death(scene, &run, ending),
                _ => return Ok(died(&self.scenarios[0], ending, &Trace::default(), &self.sources)),
            }
        }
    }

    /// Runs a schedule again and tells what it shows.
    fn show(&self, scene: &mut Scene, run: &Run, stall: Option<Stall>) -> Result<Finding, Failed> {
        let scenario = &self.scenarios[run.scenario];
        match (self.replay(scene, run)?, stall) {
            (Replay::Failed(trace, failure), _) => Ok(failed(scenario, &failure, &trace, &self.sources)),
            (Replay::Stalled(trace, how), _) => Ok(stalled(scenario, how, &trace, &self.sources)),
            (Replay::Died(trace, ending), _) => Ok(died(scenario, ending, &trace, &self.sources)),
            (Replay::Fine, Some(how)) => Ok(stalled(scenario, how, &Trace::default(), &self.sources)),
            (Replay::Fine, None) => Err(Failed::wrong(
                "The same schedule does not end the same way twice: the buffer depends on something besides the calls.",
            )),
        }
    }

    fn show_death(&self, scene: &mut Scene, run: &Run, ending: Ending) -> Result<Finding, Failed> {
        let scenario = &self.scenarios[run.scenario];
        let trace = match self.replay(scene, run)? {
            Replay::Died(trace, _) => trace,
            _ => Trace::default(),
        };
        Ok(died(scenario, ending, &trace, &self.sources))
    }

    fn replay(&self, scene: &mut Scene, run: &Run) -> Result<Replay, Failed> {
        let scenario = self.scenarios[run.scenario].clone();
        let task =
            Task::Replay { scenario: scenario.clone(), phase: run.phase, schedule: run.schedule.clone() };
        let driver = scene.start(Launch::driver(NAME, &task))?;
        let mut trace = cast(&scenario);
        loop {
            match scene.next(driver)? {
                Said::Result(Found::Step(event)) => trace.events.push(event),
                Said::Result(Found::Replayed { cast, failure }) => {
                    let trace = Trace { events: trace.events, ..cast };
                    return Ok(failure.map_or(Replay::Fine, |failure| Replay::Failed(trace, failure)));
                }
                Said::Result(Found::Stalled { how, .. }) => return Ok(Replay::Stalled(trace, how)),
                Said::Ended(ending) => return Ok(Replay::Died(trace, ending)),
                Said::Result(_) | Said::Done | Said::Garbled => {
                    return Err(Failed::unchecked("The schedule that was found could not be run again."));
                }
            }
        }
    }
}

/// What a schedule did when it was run again.
enum Replay {
    Failed(Trace, protocol::buffer::Failure),
    Stalled(Trace, Stall),
    Died(Trace, Ending),
    Fine,
}

/// The threads of a scenario, for a run that did not live to name them.
fn cast(scenario: &Scenario) -> Trace {
    let names = scenario.threads.iter().map(|thread| thread.name.clone());
    Trace { threads: std::iter::once("main".to_owned()).chain(names).collect(), ..Trace::default() }
}
