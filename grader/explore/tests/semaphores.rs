//! What a semaphore of the explorer does, and that a search with them loses nothing.

mod subject;

use explore::sync::{Condvar, Mutex, Semaphore};
use explore::trace::Step;
use explore::{End, On, Search, forget, replay, thread};
use std::cell::RefCell;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use subject::{Notes, Subject, distinct, ends, unbounded};

fn start<T: Send + Sync + 'static>(shared: &Arc<T>, body: impl FnOnce(&T) + Send + 'static) {
    let shared = Arc::clone(shared);
    thread::spawn(move || body(&shared));
}

/// How many of three threads get past a P, in any execution; the others are blocked on the semaphore.
fn past(permits: usize, given: usize) -> Vec<usize> {
    let (seen, _) = ends(unbounded(0), move |notes: &Notes<()>| {
        let semaphore = Arc::new(Semaphore::new(permits));
        for _ in 0..3 {
            let notes = notes.clone();
            start(&semaphore, move |semaphore| {
                semaphore.p();
                notes.note(());
            });
        }
        (0..given).for_each(|_| semaphore.v());
    });
    distinct(seen.into_iter().map(|seen| match seen.end {
        End::Finished => seen.notes.len(),
        End::Stuck(blocked) => {
            assert!(blocked.iter().all(|blocked| blocked.on == On::Semaphore(0)));
            assert_eq!(blocked.len() + seen.notes.len(), 3);
            seen.notes.len()
        }
        other => panic!("{other:?}"),
    }))
}

#[test]
fn as_many_get_past_as_there_are_permits_at_first_and_given() {
    for (permits, given) in [(0, 0), (1, 0), (0, 2), (1, 1), (2, 1)] {
        assert_eq!(past(permits, given), [permits + given]);
    }
}

#[test]
fn a_permit_given_before_anybody_wants_it_is_kept() {
    let (seen, _) = ends(unbounded(0), |_: &Notes<()>| {
        let semaphore = Semaphore::new(0);
        semaphore.v();
        semaphore.p();
    });
    assert!(matches!(seen[..], [subject::Seen { end: End::Finished, .. }]));
}

#[test]
fn whoever_comes_first_gets_the_permit_waiting_or_not() {
    let (seen, _) = ends(unbounded(0), |notes: &Notes<u8>| {
        let semaphore = Arc::new(Semaphore::new(0));
        for name in [1, 2] {
            let notes = notes.clone();
            start(&semaphore, move |semaphore| {
                semaphore.p();
                notes.note(name);
            });
        }
        semaphore.v();
    });
    assert_eq!(distinct(seen.into_iter().map(|seen| seen.notes)), [[1], [2]]);
}

#[test]
fn steps_say_how_many_permits_are_left() {
    let subject = Subject::new(|_: &Notes<()>| {
        let semaphore = Arc::new(Semaphore::new(1));
        semaphore.p();
        start(&semaphore, |semaphore| semaphore.p());
        // Everybody else goes first, and waits.
        thread::yield_now();
        semaphore.v();
        semaphore.v();
    });
    let steps = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&steps);
    let observe = Box::new(move |event: &explore::trace::Event| {
        let of_a_semaphore = matches!(event.step, Step::P { .. } | Step::V { .. } | Step::NoPermit { .. });
        if of_a_semaphore {
            log.borrow_mut().push((event.thread, event.step.clone()));
        }
    });
    let (end, cast) =
        replay(Search::default(), subject, &Default::default(), observe, &mut |_| ControlFlow::Continue(()));
    assert_eq!((end, cast.semaphores.len()), (End::Finished, 1));
    let expected = [
        (0, Step::P { semaphore: 0, permits: 0 }),
        (1, Step::NoPermit { semaphore: 0 }),
        (0, Step::V { semaphore: 0, permits: 1 }),
        (0, Step::V { semaphore: 0, permits: 2 }),
        (1, Step::P { semaphore: 0, permits: 1 }),
    ];
    assert_eq!(steps.take(), expected);
}

#[test]
fn the_number_of_permits_is_part_of_the_state() {
    // Whether a permit is given depends on who is first; when all is forgotten, nothing else tells the orders apart.
    let (seen, _) = ends(unbounded(0), |notes: &Notes<&'static str>| {
        let shared = Arc::new((Mutex::new(false), Semaphore::new(0)));
        let threads = [true, false].map(|gives| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                let mut somebody_was_here = shared.0.lock().unwrap();
                if gives && !*somebody_was_here {
                    shared.1.v();
                }
                *somebody_was_here = true;
                drop(somebody_was_here);
                forget(1);
            })
        });
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        let idle = || thread::spawn(|| drop(Mutex::new(()).lock().unwrap()));
        [idle(), idle()].into_iter().for_each(|idle| idle.join().unwrap());
        shared.1.p();
        notes.note("past");
    });
    assert_eq!(distinct(seen.into_iter().map(|seen| seen.notes)), [vec![], vec!["past"]]);
}

/// A thread that gives a permit and then waits, and one that takes it and notifies.
fn gives_and_waits(notes: &Notes<&'static str>) {
    let shared = Arc::new((Mutex::new(()), Condvar::new(), Semaphore::new(0)));
    start(&shared, |(_, condvar, semaphore)| {
        semaphore.p();
        condvar.notify_one();
    });
    let (mutex, condvar, semaphore) = &*shared;
    let guard = mutex.lock().unwrap();
    semaphore.v();
    drop(condvar.wait(guard).unwrap());
    notes.note("woken");
}

#[test]
fn whoever_a_permit_lets_go_on_may_notify_before_the_giver_waits() {
    let (seen, _) = ends(unbounded(0), gives_and_waits);
    assert_eq!(distinct(seen.into_iter().map(|seen| seen.notes)), [vec![], vec!["woken"]]);
}

#[test]
fn a_loop_that_gives_permits_for_ever_is_too_long() {
    let (seen, _) = ends(Search::default(), |_: &Notes<()>| {
        let semaphore = Semaphore::new(0);
        loop {
            semaphore.v();
        }
    });
    assert!(matches!(seen[..], [subject::Seen { end: End::TooLong { thread: 0, .. }, .. }]));
}

#[test]
fn there_is_none_outside_of_a_search() {
    assert!(catch_unwind(AssertUnwindSafe(|| Semaphore::new(1))).is_err());
}
