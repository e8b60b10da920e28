//! The driver of the bounded buffers: searches scenarios with the student's buffers, or replays one schedule.
//!
//! It knows no test. What it is to search arrives as data; what it holds every execution against is the buffers
//! contract (the crate `contract`).

mod item;
mod program;
mod stall;

use explore::{End, Schedule, Search, replay, search};
use program::Scene;
use protocol::buffer::{Blocked, Failure, On, Phase, Result, Scenario, Task};
use protocol::driver;
use std::cell::RefCell;
use std::ops::ControlFlow;
use std::rc::Rc;

/// Schedules after which a search of one scenario breaks off: many times what a buffer with one lock needs.
const MOST: u64 = 200_000;
/// Schedules between two signs of life.
const SIGN_OF_LIFE: u64 = 10_000;

fn main() {
    let (task, reporter) = driver::start();
    let reporter = stall::watch(reporter);
    match task {
        Task::Search { scenarios, phases, announce } => search_all(&scenarios, &phases, announce, &reporter),
        Task::Replay { scenario, phase, schedule } => replay_one(scenario, phase, &schedule, &reporter),
    }
    reporter.done();
}

fn search_all(scenarios: &[Scenario], phases: &[Phase], announce: bool, reporter: &stall::Watched) {
    for &phase in phases {
        for (number, scenario) in scenarios.iter().enumerate() {
            if search_one(number, scenario, phase, announce, reporter).is_break() {
                return;
            }
        }
    }
}

fn search_one(
    number: usize,
    scenario: &Scenario,
    phase: Phase,
    announce: bool,
    reporter: &stall::Watched,
) -> ControlFlow<()> {
    let scene = Rc::new(Scene::new(scenario));
    let mut schedules = 0;
    let mut started = |schedule: &Schedule| {
        schedules += 1;
        reporter.begins(number, phase, schedule);
        if announce {
            reporter.send(Result::Trying { scenario: number, phase, schedule: schedule.clone() });
        } else if schedules == 2 {
            reporter.mute();
        }
        if schedules % SIGN_OF_LIFE == 0 {
            reporter.send(Result::Searching);
        }
    };
    let mut found = None;
    let summary =
        search(limits(phase), scene.clone(), &mut started, &mut |end, schedule| match failure(end, &scene) {
            None => ControlFlow::Continue(()),
            Some(failure) => {
                found = Some((failure, schedule.clone()));
                ControlFlow::Break(())
            }
        });
    let schedules = summary.schedules;
    match found {
        None => {
            reporter.send(Result::Searched {
                scenario: number,
                phase,
                schedules,
                coverage: summary.coverage,
            });
            ControlFlow::Continue(())
        }
        Some((failure, schedule)) => {
            reporter.send(Result::Found { scenario: number, phase, schedules, schedule, failure });
            ControlFlow::Break(())
        }
    }
}

fn replay_one(scenario: Scenario, phase: Phase, schedule: &Schedule, reporter: &stall::Watched) {
    let scene = Rc::new(Scene::new(&scenario));
    reporter.begins(0, phase, schedule);
    let steps = Rc::new(RefCell::new(reporter.clone()));
    let observe = Box::new(move |event: &_| steps.borrow_mut().send(Result::Step(Clone::clone(event))));
    let mut found = None;
    let (_, cast) = replay(limits(phase), scene.clone(), schedule, observe, &mut |end| {
        found = failure(end, &scene);
        if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    reporter.send(Result::Replayed { cast, failure: found });
}

fn limits(phase: Phase) -> Search {
    let Phase { bound, spurious } = phase;
    // The first phase is small enough to do without the states' hashes: they may come from a `Hash` of the student's own
    // that leaves something out.
    let cache = bound != Some(0);
    Search { bound, spurious, max_schedules: MOST, cache, ..Search::default() }
}

/// Holds the end of an execution against the contract.
fn failure(end: &End, scene: &Scene) -> Option<Failure> {
    match end {
        End::Finished => None,
        End::Stuck(blocked) => {
            let (could_go_on, holds) = scene.could_go_on()?;
            let blocked = blocked.iter().map(|blocked| Blocked {
                thread: blocked.thread,
                call: scene.call_of(blocked.thread),
                on: match blocked.on {
                    explore::On::Condvar(condvar) => On::Condvar(condvar),
                    explore::On::Mutex { mutex, holder } => On::Mutex { mutex, holder },
                    explore::On::Join(thread) => On::Join(thread),
                },
                place: blocked.place.clone(),
            });
            Some(Failure::Stuck { blocked: blocked.collect(), could_go_on, holds })
        }
        End::Panicked { thread, message, place } => {
            Some(Failure::Panicked { thread: *thread, message: message.clone(), place: place.clone() })
        }
        End::Failed { .. } => scene.breach(),
        End::TooLong { thread, place } => {
            Some(Failure::BusyWaiting { thread: *thread, place: place.clone() })
        }
        End::SleptHolding { thread, place } => {
            Some(Failure::SleepsWithLock { thread: *thread, place: place.clone() })
        }
    }
}
