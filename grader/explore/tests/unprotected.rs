//! What an unprotected value does, and that a search finds two threads at one whenever they can be.

mod subject;

use explore::sync::{Mutex, Semaphore, Unprotected};
use explore::{End, Search, Visit, forget, thread};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use subject::{Notes, distinct, ends, unbounded};

fn start<T: Send + Sync + 'static>(
    shared: &Arc<T>,
    body: impl FnOnce(&T) + Send + 'static,
) -> thread::JoinHandle<()> {
    let shared = Arc::clone(shared);
    thread::spawn(move || body(&shared))
}

/// Whether two threads can meet that each access a value by `access`.
fn meet(permits: usize, access: fn(&Unprotected<u8>, &Semaphore)) -> bool {
    let (seen, _) = ends(unbounded(0), move |_: &Notes<()>| {
        let shared = Arc::new((Unprotected::new(0), Semaphore::new(permits)));
        for _ in 0..2 {
            start(&shared, move |(value, semaphore)| access(value, semaphore));
        }
    });
    seen.iter().any(|seen| matches!(seen.end, End::Overlap { .. }))
}

#[test]
fn two_who_come_without_a_permit_can_meet() {
    assert!(meet(1, |value, _| value.with(|value| *value += 1)));
    assert!(meet(2, |value, semaphore| {
        semaphore.p();
        value.with(|value| *value += 1);
        semaphore.v();
    }));
}

#[test]
fn two_who_share_one_permit_cannot_meet() {
    assert!(!meet(1, |value, semaphore| {
        semaphore.p();
        value.with(|value| *value += 1);
        value.with(|value| *value += 1);
        semaphore.v();
    }));
}

#[test]
fn whoever_gives_the_permit_back_too_early_can_be_met() {
    assert!(meet(1, |value, semaphore| {
        semaphore.p();
        value.with(|value| *value += 1);
        semaphore.v();
        value.with(|value| *value += 1);
    }));
}

#[test]
fn an_overlap_names_both_threads_and_both_lines() {
    let spawned = line!() + 4;
    let (seen, _) = ends(unbounded(0), |_: &Notes<()>| {
        let value = Arc::new(Unprotected::new(0));
        let other = Arc::clone(&value);
        thread::spawn(move || other.with(|value| *value += 1));
        value.with(|value| *value += 2);
    });
    let overlap = seen.into_iter().find_map(|seen| match seen.end {
        End::Overlap { cell, first, second } => Some((cell, first, second)),
        _ => None,
    });
    let (cell, first, second) = overlap.expect("they can meet");
    assert_eq!(cell, 0);
    let who_and_where = |visit: &Visit| (visit.thread, visit.place.line);
    assert_eq!([who_and_where(&first), who_and_where(&second)], [(0, spawned + 1), (1, spawned)]);
}

#[test]
fn whoever_comes_while_it_is_there_itself_is_reported() {
    let (seen, _) = ends(unbounded(0), |_: &Notes<()>| {
        let value = Unprotected::new(0);
        value.with(|_| value.with(|_| ()));
    });
    assert!(seen.iter().any(
        |seen| matches!(&seen.end, End::Overlap { first, second, .. } if first.thread == second.thread)
    ));
}

#[test]
fn what_is_left_is_what_the_next_one_finds() {
    let (seen, _) = ends(unbounded(0), |notes: &Notes<u8>| {
        let value = Arc::new(Unprotected::new(0));
        start(&value, |value| value.with(|value| *value += 1)).join().unwrap();
        start(&value, |value| value.with(|value| *value += 2)).join().unwrap();
        notes.note(value.with(|value| *value));
    });
    assert_eq!(distinct(seen.into_iter().map(|seen| seen.notes)), [[3]]);
}

#[test]
fn the_content_is_part_of_the_state() {
    let body = |notes: &Notes<u8>| {
        let shared = Arc::new((Unprotected::new(0), Semaphore::new(1)));
        let writer = |written: u8| {
            start(&shared, move |(value, semaphore)| {
                semaphore.p();
                value.with(|value| *value = written);
                semaphore.v();
                forget(written.into());
            })
        };
        [writer(1), writer(2)].into_iter().for_each(|writer| writer.join().unwrap());
        let idle = || thread::spawn(|| drop(Mutex::new(()).lock().unwrap()));
        [idle(), idle()].into_iter().for_each(|idle| idle.join().unwrap());
        notes.note(shared.0.with(|value| *value));
    };
    assert_eq!(distinct(ends(unbounded(0), body).0.into_iter().map(|seen| seen.notes)), [[1], [2]]);
}

#[test]
fn outside_of_a_search_an_overlap_is_a_panic() {
    let value = Unprotected::new(1);
    assert_eq!(value.with(|value| *value + 1), 2);
    assert!(catch_unwind(AssertUnwindSafe(|| value.with(|_| value.with(|_| ())))).is_err());
    assert_eq!(value.into_inner(), 1);
}

#[test]
fn a_loop_that_looks_for_ever_is_too_long() {
    let (seen, _) = ends(Search::default(), |_: &Notes<()>| {
        let value = Unprotected::new(false);
        while !value.with(|value| *value) {}
    });
    assert!(matches!(seen[..], [subject::Seen { end: End::TooLong { thread: 0, .. }, .. }]));
}
