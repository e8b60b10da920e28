//! A schedule that goes wrong, made simpler: it goes wrong in the same way, is never harder to follow, and is always the same.

use explore::sync::{Condvar, Mutex};
use explore::trace::{Event, Step};
use explore::{End, Program, Schedule, Search, replay, search, shrink, thread};
use std::cell::RefCell;
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::Arc;

const LIMITS: Search =
    Search { bound: Some(3), spurious: 1, max_steps: 400, max_schedules: u64::MAX, cache: false };

struct Body<F>(F);

impl<F: Fn()> Program for Body<F> {
    fn run(&self) {
        (self.0)();
    }
}

fn program(body: impl Fn() + 'static) -> Rc<dyn Program> {
    Rc::new(Body(body))
}

/// Every schedule after which the program did not end well.
fn failures(program: &Rc<dyn Program>) -> Vec<(End, Schedule)> {
    let mut found = Vec::new();
    search(LIMITS, Rc::clone(program), &mut |_| (), &mut |end, schedule| {
        if *end != End::Finished {
            found.push((end.clone(), schedule.clone()));
        }
        ControlFlow::Continue(())
    });
    found
}

fn simplest(program: &Rc<dyn Program>, end: &End, schedule: &Schedule) -> (Schedule, usize) {
    let mut executions = 0;
    let mut started = |_: &Schedule| executions += 1;
    let simplest =
        shrink(LIMITS, Rc::clone(program), schedule, &mut started, &mut |reached| reached.is_like(end));
    (simplest, executions)
}

/// The failure that a schedule leads to, its spurious wakeups, and how often another thread goes on.
fn run(program: &Rc<dyn Program>, schedule: &Schedule, like: &End) -> (End, usize, usize) {
    let steps = Rc::new(RefCell::new(Vec::<Event>::new()));
    let log = Rc::clone(&steps);
    let observe = Box::new(move |event: &Event| log.borrow_mut().push(event.clone()));
    let (end, _) = replay(LIMITS, Rc::clone(program), schedule, observe, &mut |end| {
        if end.is_like(like) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    let steps = steps.borrow();
    let unasked = steps.iter().filter(|event| matches!(event.step, Step::Wake { by: None, .. })).count();
    let switches = steps.windows(2).filter(|pair| pair[0].thread != pair[1].thread).count();
    (end, unasked, switches)
}

/// Two consumers and a producer of one item, and a consumer that does not look again.
fn stolen_item() -> Rc<dyn Program> {
    program(|| {
        let shared = Arc::new((Mutex::new(0), Condvar::new()));
        for _ in 0..2 {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                let mut items = shared.0.lock().unwrap();
                if *items == 0 {
                    items = shared.1.wait(items).unwrap();
                }
                assert!(*items > 0, "nothing there");
                *items -= 1;
            });
        }
        for _ in 0..2 {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                *shared.0.lock().unwrap() += 1;
                shared.1.notify_one();
            });
        }
    })
}

/// Two threads that take two locks in opposite orders, and do other things before.
fn deadlock() -> Rc<dyn Program> {
    program(|| {
        let locks = Arc::new((Mutex::new(0), Mutex::new(0), Mutex::new(0)));
        for turned in [false, true] {
            let locks = Arc::clone(&locks);
            thread::spawn(move || {
                *locks.2.lock().unwrap() += 1;
                let (one, other) = if turned { (&locks.1, &locks.0) } else { (&locks.0, &locks.1) };
                let _one = one.lock().unwrap();
                let _other = other.lock().unwrap();
            });
        }
    })
}

#[test]
fn every_failure_becomes_one_that_is_alike_and_no_harder_to_follow() {
    for program in [stolen_item(), deadlock()] {
        let failures = failures(&program);
        assert!(failures.len() > 5, "{}", failures.len());
        for (end, schedule) in failures.iter().take(100) {
            let (simpler, executions) = simplest(&program, end, schedule);
            let (before, after) = (run(&program, schedule, end), run(&program, &simpler, end));
            assert!(after.0.is_like(end), "{:?} instead of {end:?}", after.0);
            assert!((after.1, after.2) <= (before.1, before.2) || after.1 < before.1, "{before:?} {after:?}");
            assert!(executions <= 500, "{executions}");
            assert_eq!(simplest(&program, end, schedule).0, simpler, "it is the same every time");
            assert_eq!(simplest(&program, end, &simpler).0, simpler, "nothing simpler is near");
        }
    }
}

#[test]
fn two_locks_need_one_preemption() {
    let program = deadlock();
    for (end, schedule) in failures(&program) {
        let (simpler, _) = simplest(&program, &end, &schedule);
        // From the main thread to the first, to the second, and back.
        let (_, unasked, switches) = run(&program, &simpler, &end);
        assert_eq!((unasked, switches), (0, run(&program, &simplest_of_all(&program), &end).2));
    }
}

/// The first failure of the smallest bound there is one for.
fn simplest_of_all(program: &Rc<dyn Program>) -> Schedule {
    let all = failures(program).into_iter();
    let switches = |(end, schedule): &(End, Schedule)| run(program, schedule, end).2;
    all.min_by_key(switches).expect("there is one").1
}

#[test]
fn a_spurious_wakeup_is_dropped_where_the_program_fails_without() {
    let program = stolen_item();
    let unasked = |end: &End, schedule: &Schedule| run(&program, schedule, end).1;
    let mut with = failures(&program).into_iter().filter(|(end, schedule)| unasked(end, schedule) > 0);
    assert!(with.any(|(end, schedule)| unasked(&end, &simplest(&program, &end, &schedule).0) == 0));
}

#[test]
fn a_schedule_that_does_not_fail_again_is_left_as_it_is() {
    let program = stolen_item();
    let schedule = Schedule { fine_points: false, picks: vec![0, 1, 0] };
    assert_eq!(shrink(LIMITS, program, &schedule, &mut |_| (), &mut |_| false), schedule);
}
