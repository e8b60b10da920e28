//! A scenario as a program to search: threads that call the student's code, watched by the contract's monitor.

use super::watch::{self, Watch};
use super::{Call, Called, Failure, Made, Scenario, Subject};
use contract::{Monitor, START, Sight, Specification};
use explore::trace::ThreadId;
use explore::{Program, thread};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// How the subject is made.
pub(super) type Make<S> = Rc<dyn Fn(&Made<S>) -> S>;

/// A scenario under search.
pub(super) struct Scene<S: Subject> {
    scenario: Scenario<S>,
    make: Make<S>,
    monitor: Rc<RefCell<Box<dyn Monitor<S::Contract>>>>,
    /// The calls that no thread of the scenario makes.
    others: Vec<Call<S>>,
    /// The contract's state when these are under way, and nothing else has happened.
    start: usize,
}

impl<S: Subject> Scene<S> {
    /// A scenario, ready to be searched.
    pub(super) fn new(scenario: &Scenario<S>, make: Make<S>) -> Scene<S> {
        let others = S::under_way(&scenario.subject);
        // Number 0 is the main thread, which starts the others and makes no calls.
        let first = scenario.threads.len() + 1;
        let mut monitor = S::contract(&scenario.subject).monitor(first + others.len());
        let start = others.iter().enumerate().fold(START, |state, (number, &call)| {
            monitor.next(state, first + number, Sight::Begins(call)).expect("a call may begin at any time")
        });
        let monitor = Rc::new(RefCell::new(monitor));
        Scene { scenario: scenario.clone(), make, monitor, others, start }
    }

    /// The breach found in the execution that has just ended.
    pub(super) fn breach(&self) -> Option<Failure<S>> {
        watch::look::<S, _>(|watch| watch.breach.clone()).flatten()
    }

    /// The call a thread is in.
    pub(super) fn call_of(&self, thread: ThreadId) -> Option<Call<S>> {
        watch::look::<S, _>(|watch| watch.entered[watch.number_of(thread)?]).flatten()
    }

    /// The call that the step has begun or ended which has just been recorded.
    pub(super) fn take_said(&self) -> Option<Called<S>> {
        watch::look::<S, _>(|watch| watch.said.take()).flatten()
    }

    /// For an execution in which nobody can go on: the threads that should, and the calls of no thread that should; none
    /// where all may wait.
    pub(super) fn could_go_on(&self) -> Option<(Vec<ThreadId>, Vec<Call<S>>)> {
        watch::look::<S, _>(|watch| {
            let ready = watch.could_go_on()?;
            let threads = ready.iter().filter_map(|number| *watch.threads.get(*number)?);
            let first = self.scenario.threads.len() + 1;
            let others = ready.iter().filter_map(|number| self.others.get(number.checked_sub(first)?));
            Some((threads.collect(), others.copied().collect()))
        })
        .flatten()
    }
}

impl<S: Subject> Program for Scene<S> {
    fn run(&self) {
        let Scenario::<S> { subject, threads, .. } = &self.scenario;
        watch::set(Watch::<S>::new(subject, Rc::clone(&self.monitor), self.start, threads.len() + 1));
        let shared = Arc::new((self.make)(subject));
        for (index, plan) in threads.iter().enumerate() {
            let (shared, calls) = (Arc::clone(&shared), plan.calls.clone());
            thread::spawn_named(&plan.name, move || {
                watch::starts::<S>(index + 1);
                for (turn, &call) in calls.iter().enumerate() {
                    explore::forget((index << 8 | turn) as u64);
                    carry_out(index + 1, call, &*shared);
                }
                explore::forget(u64::MAX);
            });
        }
    }

    fn fingerprint(&self) -> u64 {
        watch::look::<S, _>(|watch| watch.state as u64).unwrap_or(0)
    }
}

fn carry_out<S: Subject>(me: usize, call: Call<S>, shared: &S) {
    watch::enters::<S>(me, call);
    let begins = move || watch::sees::<S>(me, Sight::Begins(call));
    explore::call_begins(|| watch::said::<S>(Called::<S>::begun(call)), Box::new(begins));
    let outcome = shared.call(call);
    explore::call_ends(|| watch::said::<S>(Called::<S>::ended(call, outcome)));
    if explore::current().is_some() {
        watch::ends::<S>(me, call, outcome);
    }
}
