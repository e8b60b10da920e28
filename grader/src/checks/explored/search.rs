//! A check carried out: the driver searches, and the schedule it finds is run once more, step by step, to be shown.

use super::{Failure, Plan, Scenario, Sources, Words, died, failed, passed, stalled};
use crate::check::{Finding, Status};
use crate::process::{Ending, Launch};
use crate::scene::{Failed, Program, Scene, Speaker};
use crate::supervisor::Job;
use explore::Schedule;
use explore::trace::Trace;
use protocol::search::{Explored, Phase, Result as Found, Stall};
use serde::Serialize;

/// How the program under test is called in every sentence.
const NAME: &str = "the program";

/// Runs the check that a job names: searches what is planned. `task` is how the lab's driver is told.
pub(in crate::checks) fn check<L: Words, T: Serialize>(
    job: &Job,
    scene: &mut Scene,
    plan: Plan<L>,
    task: fn(Task<L>) -> T,
) -> Finding {
    let mut found = None;
    let judged = scene.judge(|scene| {
        let sources = Sources::read(&job.source).map_err(|error| Failed::unchecked(error.to_string()))?;
        let search = Search { plan, sources, task };
        found = Some(search.carry_out(scene)?);
        Ok(String::new())
    });
    match found {
        Some(found) => Finding { output: judged.output, ..found },
        None => judged,
    }
}

/// The finding for a check that nobody knows.
pub(in crate::checks) fn no_such_check(job: &Job) -> Finding {
    let sentence = format!("This grader has no check {} for {}.", job.check, job.lab);
    Finding::new(Status::Unchecked, sentence)
}

pub(super) type Task<L> = protocol::search::Task<<L as Explored>::Subject, <L as Explored>::Call>;

pub(super) type Said<L> = crate::scene::Said<Found<<L as Explored>::Breach>>;

pub(super) struct Search<L: Words, T> {
    pub(super) plan: Plan<L>,
    sources: Sources,
    pub(super) task: fn(Task<L>) -> T,
}

/// One execution of one scenario.
struct Run {
    scenario: usize,
    phase: Phase,
    schedule: Schedule,
}

impl<L: Words, T: Serialize> Search<L, T> {
    fn carry_out(&self, scene: &mut Scene) -> Result<Finding, Failed> {
        let launch = self.launch(self.search(false)).with_twin();
        let driver = scene.start(launch)?;
        let mut searched = Vec::new();
        loop {
            match heard::<L>(scene, driver)? {
                Said::<L>::Result(Found::Found { scenario, phase, schedule, .. }) => {
                    let schedule = simpler::<L>(scene, driver)?.unwrap_or(schedule);
                    return self.show(scene, &Run { scenario, phase, schedule }, None);
                }
                Said::<L>::Result(Found::Stalled { scenario, phase, schedule, how }) => {
                    return self.show(scene, &Run { scenario, phase, schedule }, Some(how));
                }
                Said::<L>::Result(Found::Committed(commitment)) if self.is_whole(&searched) => {
                    self.audit(scene, driver, commitment, &searched)?;
                    return Ok(passed(&searched));
                }
                Said::<L>::Result(Found::Committed(_))
                | Said::<L>::Done
                | Said::<L>::Garbled
                | Said::<L>::Void(_) => {
                    return Err(Failed::unchecked("The search ended early, and did not say why."));
                }
                Said::<L>::Result(result) => searched.push(result),
                Said::<L>::Ended(ending) => return self.find_death(scene, ending),
            }
        }
    }

    /// Whether every scenario was searched as far as is planned.
    fn is_whole(&self, searched: &[Found<L::Breach>]) -> bool {
        let last = self.plan.phases.last();
        let goes_furthest = |wanted, result: &Found<L::Breach>| matches!(result, Found::Searched { scenario, phase, .. } if *scenario == wanted && Some(phase) == last);
        let scenarios = 0..self.plan.scenarios.len();
        scenarios.into_iter().all(|number| searched.iter().any(|result| goes_furthest(number, result)))
    }

    fn launch(&self, task: Task<L>) -> Launch {
        Launch::driver(NAME, &(self.task)(task)).fenced()
    }

    fn search(&self, announce: bool) -> Task<L> {
        let Plan { scenarios, phases } = self.plan.clone();
        Task::<L>::Search { scenarios, phases, announce }
    }

    /// The driver died with the student's code in it. Searches again, and learns each time where it is.
    fn find_death(&self, scene: &mut Scene, ending: Ending) -> Result<Finding, Failed> {
        let driver = scene.start(self.launch(self.search(true)))?;
        let mut last = None;
        loop {
            match (heard::<L>(scene, driver)?, last.take()) {
                (Said::<L>::Result(Found::Trying { scenario, phase, schedule }), _) => {
                    last = Some(Run { scenario, phase, schedule });
                }
                (Said::<L>::Result(_), before) => last = before,
                (Said::<L>::Ended(_), Some(run)) => return self.show_death(scene, &run, ending),
                _ => return Ok(died::<L>(&self.plan.scenarios[0], ending, &Trace::default(), &self.sources)),
            }
        }
    }

    /// Runs a schedule again and tells what it shows.
    fn show(&self, scene: &mut Scene, run: &Run, stall: Option<Stall>) -> Result<Finding, Failed> {
        let scenario = &self.plan.scenarios[run.scenario];
        match (self.replay(scene, run)?, stall) {
            (Replay::Failed(trace, failure), _) => Ok(failed::<L>(scenario, &failure, &trace, &self.sources)),
            (Replay::Stalled(trace, how), _) => Ok(stalled::<L>(scenario, how, &trace, &self.sources)),
            (Replay::Died(trace, ending), _) => Ok(died::<L>(scenario, ending, &trace, &self.sources)),
            (Replay::Fine, Some(how)) => Ok(stalled::<L>(scenario, how, &Trace::default(), &self.sources)),
            (Replay::Fine, None) => Err(Failed::wrong(format!(
                "The same schedule does not end the same way twice: {} depends on something besides the calls.",
                L::SUBJECT
            ))),
        }
    }

    fn show_death(&self, scene: &mut Scene, run: &Run, ending: Ending) -> Result<Finding, Failed> {
        let scenario = &self.plan.scenarios[run.scenario];
        let trace = match self.replay(scene, run)? {
            Replay::Died(trace, _) => trace,
            _ => Trace::default(),
        };
        Ok(died::<L>(scenario, ending, &trace, &self.sources))
    }

    fn replay(&self, scene: &mut Scene, run: &Run) -> Result<Replay<L>, Failed> {
        let scenario = self.plan.scenarios[run.scenario].clone();
        let (phase, schedule) = (run.phase, run.schedule.clone());
        let driver =
            scene.start(self.launch(Task::<L>::Replay { scenario: scenario.clone(), phase, schedule }))?;
        let mut trace = cast::<L>(&scenario);
        loop {
            match heard::<L>(scene, driver)? {
                Said::<L>::Result(Found::Step(event)) => trace.events.push(event),
                Said::<L>::Result(Found::Replayed { cast, failure }) => {
                    let trace = Trace { events: trace.events, ..cast };
                    return Ok(failure.map_or(Replay::Fine, |failure| Replay::Failed(trace, failure)));
                }
                Said::<L>::Result(Found::Stalled { how, .. }) => return Ok(Replay::Stalled(trace, how)),
                Said::<L>::Ended(ending) => return Ok(Replay::Died(trace, ending)),
                Said::<L>::Result(_) | Said::<L>::Done | Said::<L>::Garbled | Said::<L>::Void(_) => {
                    return Err(Failed::unchecked("The schedule that was found could not be run again."));
                }
            }
        }
    }
}

/// What comes next from a driver, beyond signs of life.
pub(super) fn heard<L: Words>(scene: &mut Scene, driver: impl Into<Speaker>) -> Result<Said<L>, Failed> {
    let driver = driver.into();
    loop {
        match scene.next(driver)? {
            Said::<L>::Result(Found::Alive) => {}
            said => return Ok(said),
        }
    }
}

/// The schedule that is easier to follow; none where the student's code did not come back while it was looked for.
fn simpler<L: Words>(scene: &mut Scene, driver: Program) -> Result<Option<Schedule>, Failed> {
    Ok(match heard::<L>(scene, driver)? {
        Said::<L>::Result(Found::Simpler { schedule }) => Some(schedule),
        _ => None,
    })
}

/// What a schedule did when it was run again.
enum Replay<L: Words> {
    Failed(Trace, Failure<L>),
    Stalled(Trace, Stall),
    Died(Trace, Ending),
    Fine,
}

/// The threads of a scenario, for a run that did not live to name them.
fn cast<L: Words>(scenario: &Scenario<L>) -> Trace {
    let names = scenario.threads.iter().map(|thread| thread.name.clone());
    Trace { threads: std::iter::once("main".to_owned()).chain(names).collect(), ..Trace::default() }
}
