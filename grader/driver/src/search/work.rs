//! A task carried out.

use super::failure::{alike, failure};
use super::scene::{Make, Scene};
use super::stall::{self, Watched};
use super::{Breach, Call, Failure, Made, Scenario, Subject};
use explore::{End, Schedule, Search};
use protocol::driver::Reporter;
use protocol::search::{Phase, Result, Task};
use std::cell::RefCell;
use std::ops::ControlFlow;
use std::rc::Rc;

/// Schedules after which a search of one scenario breaks off: many times what a buffer with one lock needs.
const MOST: u64 = 200_000;
/// Schedules between two signs of life.
const SIGN_OF_LIFE: u64 = 10_000;

/// What it takes to carry out a task.
pub(super) struct Work<S: Subject> {
    make: Make<S>,
    reporter: Watched<S::Lab>,
}

/// A schedule that breaks the contract.
struct Found<S: Subject> {
    end: End,
    failure: Failure<S>,
    schedule: Schedule,
}

impl<S: Subject> Work<S> {
    pub(super) fn new(reporter: Reporter<S::Lab>, make: impl Fn(&Made<S>) -> S + 'static) -> Work<S> {
        Work { make: Rc::new(make), reporter: stall::watch(reporter) }
    }

    pub(super) fn carry_out(&self, task: &Task<Made<S>, Call<S>>) {
        match task {
            Task::Search { scenarios, phases, announce } => self.search_all(scenarios, phases, *announce),
            Task::Replay { scenario, phase, schedule } => self.replay(scenario, *phase, schedule),
        }
        self.reporter.done();
    }

    fn search_all(&self, scenarios: &[Scenario<S>], phases: &[Phase], announce: bool) {
        for &phase in phases {
            for (number, scenario) in scenarios.iter().enumerate() {
                let (result, found) = self.search(number, scenario, phase, announce);
                self.reporter.send(result);
                if let Some(found) = found {
                    // One who asks where the program dies is told of what comes before that.
                    if !announce {
                        self.simplify(number, scenario, phase, &found);
                    }
                    return;
                }
            }
        }
    }

    fn search(
        &self,
        number: usize,
        scenario: &Scenario<S>,
        phase: Phase,
        announce: bool,
    ) -> (Result<Breach<S>>, Option<Found<S>>) {
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
            if begun % SIGN_OF_LIFE == 0 {
                self.reporter.send(Result::Searching);
            }
        };
        let mut found = None;
        let program = Rc::clone(&scene);
        let summary = explore::search(limits(phase), program, &mut started, &mut |end, schedule| {
            found = failure(end, &scene).map(|failure| Found::<S> {
                end: end.clone(),
                failure,
                schedule: schedule.clone(),
            });
            if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        let (scenario, schedules) = (number, summary.schedules);
        let result = match &found {
            None => Result::Searched { scenario, phase, schedules, coverage: summary.coverage },
            Some(Found { failure, schedule, .. }) => Result::Found {
                scenario,
                phase,
                schedules,
                schedule: schedule.clone(),
                failure: failure.clone(),
            },
        };
        (result, found)
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
        let steps = Rc::new(RefCell::new(self.reporter.clone()));
        let observe = Box::new(move |event: &_| steps.borrow_mut().send(Result::Step(Clone::clone(event))));
        let mut found = None;
        let program = Rc::clone(&scene);
        let (_, cast) = explore::replay(limits(phase), program, schedule, observe, &mut |end| {
            found = failure(end, &scene);
            if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        self.reporter.send(Result::Replayed { cast, failure: found });
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
