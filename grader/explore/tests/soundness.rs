//! The conditions under which the explorer loses nothing, by the numbers of the crate's documentation: what holds where
//! they are kept, and what is lost, or noticed, where they are not.

mod subject;

use explore::sync::{Condvar, Mutex};
use explore::{Coverage, End, On, Program, Search, forget, search, thread};
use std::cell::{Cell, RefCell};
use std::hash::{Hash, Hasher};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use subject::{Notes, distinct, ends, unbounded};

/// What the programs' runs to the end noted, each once.
fn results(search: Search, body: impl Fn(&Notes<u8>) + 'static) -> Vec<Vec<u8>> {
    let finished = |seen: subject::Seen<u8>| (seen.end == End::Finished).then_some(seen.notes);
    distinct(ends(search, body).0.into_iter().filter_map(finished))
}

fn without_cache(search: Search) -> Search {
    Search { cache: false, ..search }
}

/// Two threads that could go either first: there is a state to recognise, whatever came before.
fn crossroads() {
    let takes_a_lock = || thread::spawn(|| drop(Mutex::new(()).lock().unwrap()));
    [takes_a_lock(), takes_a_lock()].into_iter().for_each(|thread| thread.join().unwrap());
}

/// Two threads write to the same place in any order, and forget it; what was written last is noted.
fn last_writer<T: Hash + Default + Send + 'static>(
    notes: &Notes<u8>,
    write: fn(&mut T, u8),
    read: fn(&T) -> u8,
) {
    let place = Arc::new(Mutex::new(T::default()));
    let writer = |value: u8| {
        let place = Arc::clone(&place);
        thread::spawn(move || {
            write(&mut *place.lock().unwrap(), value);
            forget(value.into());
        })
    };
    [writer(1), writer(2)].into_iter().for_each(|writer| writer.join().unwrap());
    crossroads();
    notes.note(read(&place.lock().unwrap()));
}

#[derive(Default, Hash)]
struct Whole {
    value: u8,
}

#[derive(Default)]
struct Hidden {
    value: u8,
}

impl Hash for Hidden {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

#[test]
fn condition_1_data_whose_hash_covers_every_field_loses_nothing() {
    let program =
        |notes: &Notes<u8>| last_writer::<Whole>(notes, |whole, to| whole.value = to, |whole| whole.value);
    assert_eq!(results(unbounded(0), program), [[1], [2]]);
}

#[test]
fn condition_1_a_field_that_the_hash_leaves_out_is_lost() {
    let program = |notes: &Notes<u8>| {
        last_writer::<Hidden>(notes, |hidden, to| hidden.value = to, |hidden| hidden.value)
    };
    assert_eq!(results(without_cache(unbounded(0)), program), [[1], [2]]);
    assert_eq!(results(unbounded(0), program).len(), 1);
}

#[test]
fn condition_1_data_beside_the_mutexes_is_lost() {
    let program = |notes: &Notes<u8>| {
        let beside = Arc::new(AtomicU8::new(0));
        let mutex = Arc::new(Mutex::new(()));
        let writer = |value: u8| {
            let (beside, mutex) = (Arc::clone(&beside), Arc::clone(&mutex));
            thread::spawn(move || {
                let _guard = mutex.lock().unwrap();
                beside.store(value, Ordering::SeqCst);
            })
        };
        [writer(1), writer(2)].into_iter().for_each(|writer| writer.join().unwrap());
        crossroads();
        notes.note(beside.load(Ordering::SeqCst));
    };
    assert_eq!(results(without_cache(unbounded(0)), program), [[1], [2]]);
    assert_eq!(results(unbounded(0), program).len(), 1);
}

/// Two threads write in any order, each by `write`, and forget it; what was written last is noted.
fn last_of_two(write: fn(&Mutex<u8>, &Condvar, u8)) -> Vec<Vec<u8>> {
    results(unbounded(0), move |notes| {
        let pair = Arc::new((Mutex::new(0), Condvar::new()));
        let writer = |value: u8| {
            let pair = Arc::clone(&pair);
            thread::spawn(move || {
                write(&pair.0, &pair.1, value);
                forget(value.into());
            })
        };
        let writers = [writer(1), writer(2)];
        drop(pair.0.lock().unwrap());
        pair.1.notify_all();
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        crossroads();
        notes.note(*pair.0.lock().unwrap());
    })
}

#[test]
fn condition_1_what_is_written_before_a_wait_is_part_of_the_state() {
    let write = |mutex: &Mutex<u8>, condvar: &Condvar, value: u8| {
        let mut guard = mutex.lock().unwrap();
        *guard = value;
        drop(condvar.wait(guard).unwrap());
    };
    assert_eq!(last_of_two(write), [[1], [2]]);
}

#[test]
fn condition_1_what_the_condition_of_a_wait_writes_is_part_of_the_state() {
    let write = |mutex: &Mutex<u8>, condvar: &Condvar, value: u8| {
        let writes = |place: &mut u8| {
            *place = value;
            false
        };
        drop(condvar.wait_while(mutex.lock().unwrap(), writes).unwrap());
    };
    assert_eq!(last_of_two(write), [[1], [2]]);
}

#[test]
fn condition_2_a_program_that_differs_from_run_to_run_is_noticed() {
    struct Moody(Cell<usize>);
    impl Program for Moody {
        fn run(&self) {
            self.0.set(self.0.get() + 1);
            for _ in 0..2 + self.0.get() % 2 {
                thread::spawn(|| drop(Mutex::new(()).lock().unwrap()));
            }
        }
    }
    let ignore = &mut |_: &End, _: &explore::Schedule| ControlFlow::Continue(());
    let moody = Rc::new(Moody(Cell::new(0)));
    let noticed = catch_unwind(AssertUnwindSafe(|| search(unbounded(0), moody, &mut |_| (), ignore)));
    let message = noticed.expect_err("it is not deterministic");
    let message = message.downcast_ref::<String>().expect("a message");
    assert!(message.contains("not deterministic"), "{message}");
    // The next search is none the worse for it.
    assert_eq!(results(unbounded(0), |notes| notes.note(1)), [[1]]);
}

/// A thread reads before or after another one writes, forgets its history with `token(value)`, and notes the value.
fn forgetful(notes: &Notes<u8>, token: fn(u8) -> u64) {
    let place = Arc::new(Mutex::new(0_u8));
    let (writes, reads, notes) = (Arc::clone(&place), Arc::clone(&place), notes.clone());
    let writer = thread::spawn(move || *writes.lock().unwrap() = 1);
    let reader = thread::spawn(move || {
        let value = *reads.lock().unwrap();
        forget(token(value));
        notes.note(value);
    });
    [writer, reader].into_iter().for_each(|thread| thread.join().unwrap());
    crossroads();
}

#[test]
fn condition_3_a_token_that_tells_local_states_apart_loses_nothing() {
    assert_eq!(results(unbounded(0), |notes| forgetful(notes, |value| 1 + u64::from(value))), [[0], [1]]);
}

#[test]
fn condition_3_a_token_that_does_not_loses_outcomes() {
    assert_eq!(results(without_cache(unbounded(0)), |notes| forgetful(notes, |_| 1)), [[0], [1]]);
    assert_eq!(results(unbounded(0), |notes| forgetful(notes, |_| 1)).len(), 1);
}

#[test]
fn condition_3_a_lock_never_let_go_is_known_whatever_its_holder_forgets() {
    let (seen, _) = ends(unbounded(0), |_: &Notes<()>| {
        let mutex = Arc::new(Mutex::new(()));
        let keeper = || {
            let mutex = Arc::clone(&mutex);
            thread::spawn(move || {
                if let Ok(guard) = mutex.try_lock() {
                    std::mem::forget(guard);
                }
                forget(1);
            })
        };
        [keeper(), keeper()].into_iter().for_each(|thread| thread.join().unwrap());
        crossroads();
        drop(mutex.lock());
    });
    let holder = |seen: subject::Seen<()>| match seen.end {
        End::Stuck(blocked) => match blocked[0].on {
            On::Mutex { holder, .. } => Some(holder),
            _ => None,
        },
        _ => None,
    };
    assert_eq!(distinct(seen.into_iter().map(holder)), [Some(1), Some(2)]);
}

/// Two threads take a lock, one after the other, and leave no trace of it but in the judge's log.
struct Judged {
    log: Notes<u8>,
    fingerprint: bool,
}

impl Program for Judged {
    fn run(&self) {
        self.log.clear();
        let mutex = Arc::new(Mutex::new(()));
        let visitor = |number: u8| {
            let (mutex, log) = (Arc::clone(&mutex), self.log.clone());
            thread::spawn(move || {
                let _guard = mutex.lock().unwrap();
                log.note(number);
            })
        };
        [visitor(1), visitor(2)].into_iter().for_each(|thread| thread.join().unwrap());
        crossroads();
    }

    fn fingerprint(&self) -> u64 {
        let in_order = |hash, number: u8| hash << 2 | u64::from(number);
        if self.fingerprint { self.log.all().into_iter().fold(0, in_order) } else { 0 }
    }
}

fn judged(fingerprint: bool) -> Vec<Vec<u8>> {
    let program = Rc::new(Judged { log: Notes::default(), fingerprint });
    let logs = RefCell::new(Vec::new());
    search(unbounded(0), program.clone(), &mut |_| (), &mut |_, _| {
        logs.borrow_mut().push(program.log.all());
        ControlFlow::Continue(())
    });
    distinct(logs.into_inner())
}

#[test]
fn condition_4_what_the_judge_remembers_is_in_its_fingerprint() {
    assert_eq!(judged(true), [[1, 2], [2, 1]]);
}

#[test]
fn condition_4_without_a_fingerprint_the_judge_misses_executions() {
    assert_eq!(judged(false).len(), 1);
}

/// Three threads append to a list, with a lock taken in between, so that what a bound allows depends on who ran last.
fn appenders(notes: &Notes<u8>) {
    let list = Arc::new(Mutex::new(Vec::new()));
    let busy = Arc::new(Mutex::new(()));
    let append = |number: u8| {
        let (list, busy) = (Arc::clone(&list), Arc::clone(&busy));
        thread::spawn(move || {
            drop(busy.lock().unwrap());
            list.lock().unwrap().push(number);
            drop(busy.lock().unwrap());
            list.lock().unwrap().retain(|other| *other != number % 3 + 1);
        })
    };
    [1, 2, 3].map(append).into_iter().for_each(|thread| thread.join().unwrap());
    list.lock().unwrap().iter().for_each(|number| notes.note(*number));
}

#[test]
fn condition_5_the_cache_loses_nothing_within_any_bound() {
    let mut before = 0;
    for bound in [Some(0), Some(1), Some(2), Some(3), Some(4), None] {
        let search = Search { bound, ..Search::default() };
        let found = results(search, appenders);
        assert_eq!(found, results(without_cache(search), appenders), "bound {bound:?}");
        assert!(found.len() >= before, "a larger bound finds no less");
        before = found.len();
    }
    assert!(before > results(Search { bound: Some(0), ..Search::default() }, appenders).len());
}

#[test]
fn condition_6_a_state_in_which_nobody_can_go_on_is_reported_and_left_by_a_spurious_wakeup() {
    let program = |notes: &Notes<u8>| {
        let mutex = Mutex::new(());
        let guard = mutex.lock().unwrap();
        drop(Condvar::new().wait(guard).unwrap());
        notes.note(1);
    };
    let (seen, _) = ends(unbounded(1), program);
    assert!(matches!(seen[0].end, End::Stuck(_)), "{seen:?}");
    assert_eq!(seen[1].end, End::Finished);
    assert_eq!(seen.len(), 2);
    assert!(seen[1].schedule.picks.starts_with(&seen[0].schedule.picks), "it goes on from there");
}

#[test]
fn condition_6_a_state_with_spurious_wakeups_left_is_not_one_without() {
    let finished = results(unbounded(1), |notes| {
        let pair = Arc::new((Mutex::new(false), Condvar::new()));
        let sets = Arc::clone(&pair);
        thread::spawn(move || *sets.0.lock().unwrap() = true);
        let wait_once = |always: bool| {
            let guard = pair.0.lock().unwrap();
            if always || !*guard {
                drop(pair.1.wait(guard).unwrap());
            }
        };
        wait_once(false);
        forget(1);
        crossroads();
        wait_once(true);
        notes.note(1);
    });
    assert_eq!(finished, [[1]]);
}

/// Takes a lock that often.
fn locks(times: usize) -> impl Fn(&Notes<u8>) {
    move |_| {
        let mutex = Mutex::new(());
        (0..times).for_each(|_| drop(mutex.lock().unwrap()));
    }
}

#[test]
fn condition_7_only_an_execution_longer_than_the_step_bound_is_reported() {
    let ends_with = |max_steps: usize| {
        let (seen, _) = ends(Search { max_steps, ..unbounded(0) }, locks(20));
        assert_eq!(seen.len(), 1);
        seen[0].end.clone()
    };
    // The end is looked at once more after the last lock.
    assert_eq!(ends_with(21), End::Finished);
    assert!(matches!(ends_with(20), End::TooLong { thread: 0, .. }));
}

#[test]
fn condition_7_going_round_in_circles_is_reported_though_the_data_repeats() {
    let (seen, _) = ends(unbounded(0), |notes: &Notes<u8>| {
        let ready = Arc::new(Mutex::new(false));
        let sets = Arc::clone(&ready);
        thread::spawn(move || *sets.lock().unwrap() = true);
        while !*ready.lock().unwrap() {}
        notes.note(1);
    });
    assert!(seen.iter().any(|seen| seen.end == End::Finished));
    assert!(seen.iter().any(|seen| matches!(seen.end, End::TooLong { thread: 0, .. })));
}

#[test]
fn condition_7_the_number_of_steps_is_no_part_of_the_state() {
    // After one section or after two, a thread that has forgotten them is the same.
    let states = |sections: fn(bool) -> usize| {
        let program = move |_: &Notes<u8>| {
            let flag = Arc::new(Mutex::new(false));
            let (sets, looks) = (Arc::clone(&flag), Arc::clone(&flag));
            thread::spawn(move || *sets.lock().unwrap() = true);
            thread::spawn(move || {
                let early = *looks.lock().unwrap();
                let own = Mutex::new(());
                (1..sections(early)).for_each(|_| drop(own.lock().unwrap()));
                forget(0);
                (0..5).for_each(|_| drop(own.lock().unwrap()));
            });
        };
        ends(unbounded(0), program).1.states
    };
    let (same, different) = (states(|_| 1), states(|early| if early { 1 } else { 2 }));
    // The second section of those who look late adds its own states, and none after it.
    assert!(different > same && different <= same + 2 * 4, "{same} and {different} states");
}

#[test]
fn condition_8_distinct_states_have_distinct_keys() {
    // Three threads with that many sections each: a state is how far each has come, and there is something to decide
    // where at least two have not ended.
    const SECTIONS: usize = 24;
    let program = |_: &Notes<u8>| {
        let mutex = Arc::new(Mutex::new(0_u8));
        let visitor = || {
            let mutex = Arc::clone(&mutex);
            thread::spawn(move || (0..SECTIONS).for_each(|_| drop(mutex.lock().unwrap())))
        };
        drop([visitor(), visitor(), visitor()]);
    };
    let (_, summary) = ends(unbounded(0), program);
    assert_eq!(summary.coverage, Coverage::All);
    assert_eq!(summary.states, (SECTIONS + 1).pow(3) - (3 * SECTIONS + 1));
}
