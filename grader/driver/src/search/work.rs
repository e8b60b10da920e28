//! A task carried out.

use super::failure::{alike, failure};
use super::scene::{Make, Scene};
use super::stall::{self, Watched};
use super::{Call, Failure, Made, Scenario, Subject};
use explore::trace::Event;
use explore::{Coverage, End, Schedule, Search, Summary};
use protocol::commitment::Ledger;
use protocol::driver::Reporter;
use protocol::retraced::Retraced;
use protocol::search::{Phase, Ran, Result, Task};
use std::cell::RefCell;
use std::ops::ControlFlow;
use std::rc::Rc;

/// Schedules after which a search of one scenario breaks off: many times what a buffer with one lock needs.
const MOST: u64 = 200_000;

/// What it takes to carry out a task.
pub(super) struct Work<S: Subject> {
    make: Make<S>,
    reporter: Rc<Watched<S::Lab>>,
    /// All executions of the search.
    ledger: RefCell<Ledger>,
}

/// A schedule that breaks the contract.
struct Found<S: Subject> {
    end: End,
    failure: Failure<S>,
    schedule: Schedule,
}

/// What came of a phase: of each scenario that was searched, the last of which may have failed.
struct Searched<S: Subject> {
    phase: Phase,
    summaries: Vec<Summary>,
    found: Option<Found<S>>,
}

impl<S: Subject> Searched<S> {
    /// Whether nothing is wrong, and nothing was left out.
    fn is_clean(&self) -> bool {
        self.found.is_none() && self.summaries.iter().all(|summary| summary.coverage != Coverage::Part)
    }
}

impl<S: Subject> Work<S> {
    pub(super) fn new(reporter: Reporter<S::Lab>, make: impl Fn(&Made<S>) -> S + 'static) -> Work<S> {
        Work { make: Rc::new(make), reporter: Rc::new(stall::watch(reporter)), ledger: RefCell::default() }
    }

    pub(super) fn carry_out(&self, task: &Task<Made<S>, Call<S>>) {
        match task {
            Task::Search { scenarios, phases, announce } => {
                if self.search_all(scenarios, phases, *announce).is_continue() && !announce {
                    self.answer();
                }
            }
            Task::Replay { scenario, phase, schedule } => self.replay(scenario, *phase, schedule),
            Task::Retrace { scenarios, executions } => self.retrace(scenarios, executions),
        }
        self.reporter.done();
    }

    /// Commits to all that was run, and shows of it what the grader asks for, until it asks nothing more.
    fn answer(&self) {
        let tree = self.ledger.take().tree();
        self.reporter.send(Result::Committed(tree.commitment()));
        while let Some(question) = self.reporter.hear() {
            self.reporter.send(Result::Shown(tree.show(&question.blocks)));
        }
    }

    /// Searches the first phase, which is small, and then the last: what no schedule of the last one does, none of those
    /// between does. Where it finds something, or is not whole, the others are searched as well: theirs are the simpler
    /// schedules.
    fn search_all(&self, scenarios: &[Scenario<S>], phases: &[Phase], announce: bool) -> ControlFlow<()> {
        let search = |phase: &Phase| self.search_phase(scenarios, *phase, announce);
        let tell = |searched| self.tell(scenarios, searched, announce);
        let Some((last, before)) = phases.split_last() else { return ControlFlow::Continue(()) };
        let (first, between) = before.split_at(before.len().min(1));
        for phase in first {
            tell(search(phase))?;
        }
        let furthest = search(last);
        if !furthest.is_clean() {
            for phase in between {
                tell(search(phase))?;
            }
        }
        tell(furthest)
    }

    /// Searches the scenarios up to the first failure.
    fn search_phase(&self, scenarios: &[Scenario<S>], phase: Phase, announce: bool) -> Searched<S> {
        let mut searched = Searched { phase, summaries: Vec::new(), found: None };
        for (number, scenario) in scenarios.iter().enumerate() {
            let (summary, found) = self.search(number, scenario, phase, announce);
            searched.summaries.push(summary);
            if found.is_some() {
                return Searched { found, ..searched };
            }
        }
        searched
    }

    /// Reports what came of a phase. Breaks where that is a failure.
    fn tell(&self, scenarios: &[Scenario<S>], searched: Searched<S>, announce: bool) -> ControlFlow<()> {
        let Searched { phase, summaries, found } = searched;
        let whole = summaries.len() - usize::from(found.is_some());
        for (scenario, &Summary { schedules, coverage, .. }) in summaries[..whole].iter().enumerate() {
            self.reporter.send(Result::Searched { scenario, phase, schedules, coverage });
        }
        let Some(found) = found else { return ControlFlow::Continue(()) };
        self.reporter.send(Result::Found {
            scenario: whole,
            phase,
            schedules: summaries[whole].schedules,
            schedule: found.schedule.clone(),
            failure: found.failure.clone(),
        });
        // One who asks where the program dies is told of what comes before that.
        if !announce {
            self.simplify(whole, &scenarios[whole], phase, &found);
        }
        ControlFlow::Break(())
    }

    fn search(
        &self,
        number: usize,
        scenario: &Scenario<S>,
        phase: Phase,
        announce: bool,
    ) -> (Summary, Option<Found<S>>) {
        let scene = self.scene(scenario);
        let mut begun = 0;
        let mut started = |schedule: &Schedule| {
            begun += 1;
            self.reporter.begins(number, phase, schedule);
            if announce {
                self.reporter.send(Result::Trying { scenario: number, phase, schedule: schedule.clone() });
            } else if begun == 2 {
                self.reporter.mute();
            }
        };
        let mut found = None;
        let mut visit = |end: &End, schedule: &Schedule| {
            found = failure(end, &scene).map(|failure| Found::<S> {
                end: end.clone(),
                failure,
                schedule: schedule.clone(),
            });
            if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let mut log = |schedule: &Schedule, mark| {
            self.ledger.borrow_mut().note(number, phase, schedule, mark);
        };
        let program = Rc::clone(&scene);
        let summary = explore::search_and_log(limits(phase), program, &mut started, &mut visit, &mut log);
        (summary, found)
    }

    /// Finds the simplest schedule with the same failure. Should the student's code not come back from one that is tried
    /// on the way, the failure is known already.
    fn simplify(&self, number: usize, scenario: &Scenario<S>, phase: Phase, found: &Found<S>) {
        self.reporter.mute();
        let scene = self.scene(scenario);
        let program = Rc::clone(&scene);
        let mut started = |schedule: &Schedule| self.reporter.begins(number, phase, schedule);
        let schedule = explore::shrink(limits(phase), program, &found.schedule, &mut started, &mut |end| {
            let failure = failure(end, &scene);
            failure.is_some_and(|failure| alike::<S>((end, &failure), (&found.end, &found.failure)))
        });
        self.reporter.send(Result::Simpler { schedule });
    }

    fn replay(&self, scenario: &Scenario<S>, phase: Phase, schedule: &Schedule) {
        let scene = self.scene(scenario);
        self.reporter.begins(0, phase, schedule);
        let (steps, said) = (Rc::clone(&self.reporter), Rc::clone(&scene));
        let observe = Box::new(move |event: &Event| {
            steps.send(Result::Step { event: event.clone(), called: said.take_said() });
        });
        let mut found = None;
        let program = Rc::clone(&scene);
        let (_, cast) = explore::replay(limits(phase), program, schedule, observe, &mut |end| {
            found = failure(end, &scene);
            if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        self.reporter.send(Result::Replayed { cast, failure: found });
    }

    fn retrace(&self, scenarios: &[Scenario<S>], executions: &[Ran]) {
        self.reporter.mute();
        let retrace = |Ran { scenario, phase, schedule, .. }: &Ran| {
            self.reporter.begins(*scenario, *phase, schedule);
            let wanted = self.scene(scenarios.get(*scenario)?);
            let (mark, trace) = explore::retrace(limits(*phase), wanted, schedule);
            Some(Retraced::of(&trace, mark.state))
        };
        self.reporter.send(Result::Retraced(executions.iter().filter_map(retrace).collect()));
    }

    fn scene(&self, scenario: &Scenario<S>) -> Rc<Scene<S>> {
        Rc::new(Scene::new(scenario, Rc::clone(&self.make)))
    }
}

fn limits(phase: Phase) -> Search {
    let Phase { bound, spurious } = phase;
    // The first phase is small enough to do without the states' hashes: they may come from a `Hash` of the student's own
    // that leaves something out.
    let cache = bound != Some(0);
    Search { bound, spurious, max_schedules: MOST, cache, ..Search::default() }
}
