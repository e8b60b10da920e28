//! What each primitive does, and how each kind of end is reported.

mod subject;

use explore::sync::{Condvar, Mutex, MutexGuard};
use explore::trace::{Event, Step};
use explore::{Blocked, Coverage, End, On, Search, replay, thread};
use std::cell::RefCell;
use std::hash::{Hash, Hasher};
use std::ops::ControlFlow;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::rc::Rc;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use subject::{Notes, Seen, Subject, distinct, ends, unbounded};

/// What was noted in all executions, each once. Every one of them must run to its end.
fn notes_of_all<T: Clone + Ord + 'static>(spurious: u32, body: impl Fn(&Notes<T>) + 'static) -> Vec<Vec<T>> {
    let (seen, summary) = ends(unbounded(spurious), body);
    assert_eq!(summary.coverage, Coverage::All);
    let finished = |seen: Seen<T>| {
        assert_eq!(seen.end, End::Finished);
        seen.notes
    };
    distinct(seen.into_iter().map(finished))
}

fn blocked(end: &End) -> &[Blocked] {
    match end {
        End::Stuck(blocked) => blocked,
        other => panic!("somebody can go on: {other:?}"),
    }
}

/// A mutex and a condition variable to share.
struct Pair<T> {
    mutex: Mutex<T>,
    condvar: Condvar,
}

fn pair<T: Hash>(value: T) -> Arc<Pair<T>> {
    Arc::new(Pair { mutex: Mutex::new(value), condvar: Condvar::new() })
}

fn start<T: Send + Sync + 'static, N: Send + 'static>(
    shared: &Arc<T>,
    notes: &Notes<N>,
    body: impl FnOnce(&T, &Notes<N>) + Send + 'static,
) -> thread::JoinHandle<()> {
    let (shared, notes) = (Arc::clone(shared), notes.clone());
    thread::spawn(move || body(&shared, &notes))
}

/// Waits once, whatever the state.
fn wait_once<T>(pair: &Pair<T>) {
    let guard = pair.mutex.lock().unwrap();
    drop(pair.condvar.wait(guard).unwrap());
}

#[test]
fn at_most_one_thread_is_between_lock_and_unlock() {
    let orders = notes_of_all(0, |notes: &Notes<&str>| {
        let outer = Arc::new((Mutex::new(()), Mutex::new(())));
        for [enters, leaves] in [["1 in", "1 out"], ["2 in", "2 out"]] {
            start(&outer, notes, move |(outer, inner), notes| {
                let _guard = outer.lock().unwrap();
                notes.note(enters);
                drop(inner.lock().unwrap());
                notes.note(leaves);
            });
        }
    });
    assert_eq!(orders, [["1 in", "1 out", "2 in", "2 out"], ["2 in", "2 out", "1 in", "1 out"]]);
}

#[test]
fn what_one_thread_wrote_the_next_one_reads() {
    let sums = notes_of_all(0, |notes: &Notes<u32>| {
        let sum = Arc::new(Mutex::new(0));
        let adders = [1, 2, 3].map(|number| start(&sum, notes, move |sum, _| *sum.lock().unwrap() += number));
        adders.into_iter().for_each(|adder| adder.join().unwrap());
        notes.note(*sum.lock().unwrap());
    });
    assert_eq!(sums, [[6]]);
}

#[test]
fn an_update_in_two_critical_sections_can_be_lost() {
    let counts = notes_of_all(0, |notes: &Notes<u32>| {
        let count = Arc::new(Mutex::new(0));
        let adders = [(), ()].map(|()| {
            start(&count, notes, |count, _| {
                let before = *count.lock().unwrap();
                *count.lock().unwrap() = before + 1;
            })
        });
        adders.into_iter().for_each(|adder| adder.join().unwrap());
        notes.note(*count.lock().unwrap());
    });
    assert_eq!(counts, [[1], [2]]);
}

#[test]
fn a_thread_that_waits_lets_the_mutex_go_and_sleeps_in_one_step() {
    // No notification can come between the look and the sleep: whoever changes the flag needs the mutex.
    let all = notes_of_all(0, |notes: &Notes<&str>| {
        let ready = pair(false);
        start(&ready, notes, |ready, notes| {
            let mut guard = ready.mutex.lock().unwrap();
            while !*guard {
                guard = ready.condvar.wait(guard).unwrap();
            }
            notes.note("saw it");
        });
        *ready.mutex.lock().unwrap() = true;
        ready.condvar.notify_one();
    });
    assert_eq!(all, [["saw it"]]);
}

#[test]
fn a_notification_between_an_unlocked_look_and_the_wait_is_lost() {
    let (seen, _) = ends(unbounded(0), |notes: &Notes<()>| {
        let ready = pair(false);
        start(&ready, notes, |ready, _| {
            if !*ready.mutex.lock().unwrap() {
                wait_once(ready);
            }
        });
        *ready.mutex.lock().unwrap() = true;
        ready.condvar.notify_one();
    });
    assert!(seen.iter().any(|seen| seen.end == End::Finished));
    let lost = seen.iter().find(|seen| seen.end != End::Finished).expect("a lost wakeup");
    assert!(matches!(blocked(&lost.end), [Blocked { thread: 1, on: On::Condvar(0), .. }]));
}

/// Whether a thread that does `before` and then waits can miss the notification that this lets another thread give.
fn misses(before: fn(&Pair<bool>)) -> bool {
    let (seen, _) = ends(unbounded(0), move |notes: &Notes<()>| {
        let (first, second) = (pair(()), pair(false));
        start(&Arc::new((Arc::clone(&first), Arc::clone(&second))), notes, |(first, second), _| {
            let mut guard = second.mutex.lock().unwrap();
            *guard = true;
            drop(second.condvar.wait(guard).unwrap());
            first.condvar.notify_all();
        });
        let guard = first.mutex.lock().unwrap();
        before(&second);
        drop(first.condvar.wait(guard).unwrap());
    });
    let sleeps =
        |seen: &Seen<()>| matches!(&seen.end, End::Stuck(all) if all.len() == 1 && all[0].thread == 0);
    seen.iter().any(sleeps)
}

#[test]
fn a_notification_can_come_between_an_unlocked_notification_and_a_wait() {
    assert!(misses(|second| {
        let waits = *second.mutex.lock().unwrap();
        if waits {
            second.condvar.notify_all();
        }
    }));
}

#[test]
fn a_notification_can_come_between_the_unlock_of_another_mutex_and_a_wait() {
    assert!(misses(|second| {
        let waits = second.mutex.lock().unwrap();
        if *waits {
            second.condvar.notify_all();
        }
    }));
}

#[test]
fn a_notification_can_come_between_the_start_of_a_thread_and_a_wait() {
    let (seen, _) = ends(unbounded(0), |notes: &Notes<()>| {
        let pair = pair(());
        let guard = pair.mutex.lock().unwrap();
        start(&pair, notes, |pair, _| pair.condvar.notify_one());
        drop(pair.condvar.wait(guard).unwrap());
    });
    assert!(seen.iter().any(|seen| seen.end == End::Finished));
    assert!(seen.iter().any(|seen| seen.end != End::Finished));
}

#[test]
fn a_notification_can_come_between_the_end_of_a_thread_and_a_wait_of_who_joined_it() {
    let (seen, _) = ends(unbounded(0), |notes: &Notes<&str>| {
        let (pair, flag) = (pair(()), Arc::new(Mutex::new(false)));
        let guard = pair.mutex.lock().unwrap();
        let sets = start(&flag, notes, |flag, _| *flag.lock().unwrap() = true);
        start(&Arc::new((Arc::clone(&pair), Arc::clone(&flag))), notes, |(pair, flag), notes| {
            if *flag.lock().unwrap() {
                notes.note("after");
                pair.condvar.notify_one();
            }
        });
        sets.join().unwrap();
        drop(pair.condvar.wait(guard).unwrap());
    });
    let lost = |seen: &Seen<&str>| matches!(seen.end, End::Stuck(_)) && seen.notes == ["after"];
    assert!(seen.iter().any(lost));
    assert!(seen.iter().any(|seen| seen.end == End::Finished));
}

#[test]
fn a_notification_under_another_lock_can_find_who_began_to_wait_in_that_critical_section() {
    let (seen, _) = ends(unbounded(0), |notes: &Notes<&str>| {
        let (other, flag, pair) = (Mutex::new(()), Arc::new(Mutex::new(false)), pair(()));
        start(&Arc::new((Arc::clone(&flag), Arc::clone(&pair))), notes, |(flag, pair), notes| {
            if *flag.lock().unwrap() {
                notes.note("waits");
                wait_once(pair);
            }
        });
        let _other = other.lock().unwrap();
        *flag.lock().unwrap() = true;
        pair.condvar.notify_one();
    });
    assert!(seen.iter().any(|seen| seen.end == End::Finished && seen.notes == ["waits"]));
    assert!(seen.iter().any(|seen| seen.end != End::Finished));
}

#[test]
fn any_of_the_sleepers_can_be_the_one_that_is_woken() {
    let (seen, _) = ends(unbounded(0), |notes: &Notes<usize>| {
        let asleep = pair(0);
        let sleepers = [1, 2, 3].map(|number| {
            start(&asleep, notes, move |asleep, notes| {
                let mut guard = asleep.mutex.lock().unwrap();
                *guard += 1;
                drop(asleep.condvar.wait(guard).unwrap());
                notes.note(number);
            })
        });
        drop(sleepers);
        if *asleep.mutex.lock().unwrap() == 3 {
            asleep.condvar.notify_one();
        }
    });
    let woken = distinct(seen.iter().map(|seen| seen.notes.clone()));
    assert_eq!(woken, [vec![], vec![1], vec![2], vec![3]]);
    for Seen { end, notes, .. } in &seen {
        assert_eq!(blocked(end).len() + notes.len(), 3, "the others sleep on");
    }
}

#[test]
fn notify_all_wakes_everybody_who_sleeps() {
    let all = notes_of_all(0, |notes: &Notes<()>| {
        let go = pair(false);
        for _ in 0..3 {
            start(&go, notes, |go, notes| {
                drop(go.condvar.wait_while(go.mutex.lock().unwrap(), |go| !*go).unwrap());
                notes.note(());
            });
        }
        *go.mutex.lock().unwrap() = true;
        go.condvar.notify_all();
    });
    assert_eq!(all, [[(); 3]]);
}

#[test]
fn another_thread_can_have_the_mutex_before_the_one_that_was_woken() {
    let (seen, _) = ends(unbounded(0), |notes: &Notes<&str>| {
        let items = pair(0);
        start(&items, notes, |items, notes| {
            let mut guard = items.mutex.lock().unwrap();
            if *guard == 0 {
                guard = items.condvar.wait(guard).unwrap();
                notes.note(if *guard == 0 { "woken in vain" } else { "woken" });
            }
        });
        start(&items, notes, |items, _| {
            let mut guard = items.mutex.lock().unwrap();
            *guard -= i32::from(*guard > 0);
        });
        let mut guard = items.mutex.lock().unwrap();
        *guard += 1;
        items.condvar.notify_one();
    });
    let all = distinct(seen.into_iter().map(|seen| seen.notes));
    assert_eq!(all, [vec![], vec!["woken"], vec!["woken in vain"]]);
}

/// How many spurious wakeups get a thread through that many waits.
fn passes(waits: u32, spurious: u32) -> bool {
    let (seen, _) = ends(unbounded(spurious), move |_: &Notes<()>| {
        let pair = pair(());
        (0..waits).for_each(|_| wait_once(&pair));
    });
    seen.iter().any(|seen| seen.end == End::Finished)
}

#[test]
fn nobody_wakes_by_itself_without_a_budget_for_it() {
    assert!(!passes(1, 0));
}

#[test]
fn there_are_as_many_spurious_wakeups_as_the_budget_allows() {
    assert!(passes(1, 1) && passes(2, 2) && passes(1, 2));
    assert!(!passes(2, 1) && !passes(3, 2));
}

#[test]
fn a_spurious_wakeup_counts_against_the_bound() {
    let search = Search { bound: Some(0), ..unbounded(1) };
    let (seen, summary) = ends(search, |_: &Notes<()>| wait_once(&pair(())));
    assert!(matches!(seen[..], [Seen { end: End::Stuck(_), .. }]));
    assert_eq!(summary.coverage, Coverage::Bound);
}

#[test]
fn a_notification_that_finds_nobody_asleep_is_lost() {
    let (seen, _) = ends(unbounded(0), |_: &Notes<()>| {
        let pair = pair(());
        pair.condvar.notify_one();
        pair.condvar.notify_all();
        wait_once(&pair);
    });
    assert_eq!(seen.len(), 1);
    assert!(matches!(blocked(&seen[0].end), [Blocked { thread: 0, on: On::Condvar(0), .. }]));
}

#[test]
fn wait_while_looks_first_and_again_after_every_wakeup() {
    let looks = notes_of_all(1, |notes: &Notes<u8>| {
        let value = pair(0);
        start(&value, notes, |value, notes| {
            let look = |value: &mut u8| {
                notes.note(*value);
                *value == 0
            };
            drop(value.condvar.wait_while(value.mutex.lock().unwrap(), look).unwrap());
        });
        *value.mutex.lock().unwrap() = 7;
        value.condvar.notify_one();
    });
    assert_eq!(looks, [vec![0, 0, 7], vec![0, 7], vec![7]]);
}

#[test]
fn try_lock_takes_a_mutex_that_is_free_and_leaves_one_that_is_not() {
    let found = notes_of_all(0, |notes: &Notes<bool>| {
        let mutex = Arc::new(Mutex::new(0));
        start(&mutex, notes, |mutex, _| *mutex.lock().unwrap() += 1);
        notes.note(mutex.try_lock().is_ok());
    });
    assert_eq!(found, [[false], [true]]);
}

#[test]
fn try_lock_fails_for_who_holds_the_mutex_and_works_for_who_let_it_go() {
    let found = notes_of_all(0, |notes: &Notes<bool>| {
        let mutex = Mutex::new(0);
        let guard = mutex.lock().unwrap();
        notes.note(mutex.try_lock().is_ok());
        drop(guard);
        notes.note(mutex.try_lock().is_ok());
    });
    assert_eq!(found, [[false, true]]);
}

#[test]
fn join_waits_for_the_end_and_brings_the_result() {
    let all = notes_of_all(0, |notes: &Notes<u32>| {
        let mutex = Arc::new(Mutex::new(0));
        let worker = {
            let (mutex, notes) = (Arc::clone(&mutex), notes.clone());
            thread::spawn_named("worker", move || {
                *mutex.lock().unwrap() = 5;
                notes.note(1);
                6
            })
        };
        notes.note(worker.join().unwrap());
        notes.note(*mutex.lock().unwrap());
    });
    assert_eq!(all, [[1, 6, 5]]);
}

fn goes_last(pause: fn()) -> Vec<Vec<u8>> {
    notes_of_all(0, move |notes: &Notes<u8>| {
        let mutex = Arc::new(Mutex::new(()));
        start(&mutex, notes, move |_, notes| {
            pause();
            notes.note(1);
        });
        start(&mutex, notes, |mutex, notes| {
            drop(mutex.lock().unwrap());
            drop(mutex.lock().unwrap());
            notes.note(2);
        });
    })
}

#[test]
fn who_sleeps_for_a_time_lets_everybody_else_go_first() {
    assert_eq!(goes_last(|| thread::sleep(Duration::from_secs(3600))), [[2, 1]]);
}

#[test]
fn who_yields_lets_everybody_else_go_first() {
    assert_eq!(goes_last(thread::yield_now), [[2, 1]]);
}

#[test]
fn to_sleep_for_a_time_with_a_lock_is_reported_with_its_line() {
    let (seen, _) = ends(unbounded(0), |notes: &Notes<u32>| {
        let mutex = Mutex::new(());
        let _guard = mutex.lock().unwrap();
        notes.note(line!() + 1);
        thread::sleep(Duration::from_millis(1));
    });
    let [Seen { end: End::SleptHolding { thread: 0, place: Some(place) }, notes, .. }] = &seen[..] else {
        panic!("{seen:?}")
    };
    assert_eq!((place.file.as_str(), place.line), (file!(), notes[0]));
}

#[test]
fn who_yields_with_a_lock_is_not_reported() {
    let all = notes_of_all(0, |_: &Notes<()>| {
        let mutex = Mutex::new(());
        let _guard = mutex.lock().unwrap();
        thread::yield_now();
    });
    assert_eq!(all.len(), 1);
}

/// The thread, what it is blocked on, and the line, of everyone blocked at this end.
fn who_and_where<T>(seen: &Seen<T>) -> Vec<(usize, On, u32)> {
    let line = |blocked: &Blocked| {
        let place = blocked.place.as_ref().expect("a line");
        assert_eq!(place.file, file!());
        place.line
    };
    blocked(&seen.end).iter().map(|blocked| (blocked.thread, blocked.on, line(blocked))).collect()
}

#[test]
fn a_deadlock_names_thread_mutex_holder_and_line_of_everyone_blocked() {
    static LINES: OnceLock<[u32; 2]> = OnceLock::new();
    let (seen, _) = ends(unbounded(0), |notes: &Notes<()>| {
        let mutexes = Arc::new((Mutex::new(()), Mutex::new(())));
        let lines = [line!() + 3, line!() + 7];
        start(&mutexes, notes, |(first, second), _| {
            let _first = first.lock().unwrap();
            drop(second.lock().unwrap());
        });
        start(&mutexes, notes, |(first, second), _| {
            let _second = second.lock().unwrap();
            drop(first.lock().unwrap());
        });
        LINES.get_or_init(|| lines);
    });
    let deadlock = seen.iter().find(|seen| seen.end != End::Finished).expect("a deadlock");
    let lines = LINES.get().unwrap();
    let expected =
        [(1, On::Mutex { mutex: 1, holder: 2 }, lines[0]), (2, On::Mutex { mutex: 0, holder: 1 }, lines[1])];
    assert_eq!(who_and_where(deadlock), expected);
    assert!(seen.iter().any(|seen| seen.end == End::Finished), "the search went on");
}

#[test]
fn whoever_sleeps_or_joins_for_ever_is_named_with_its_line() {
    static LINES: OnceLock<[u32; 2]> = OnceLock::new();
    let (seen, _) = ends(unbounded(0), |notes: &Notes<()>| {
        let lines = [line!() + 3, line!() + 6];
        let sleeper = start(&pair(()), notes, |pair, _| {
            let guard = pair.mutex.lock().unwrap();
            drop(pair.condvar.wait(guard).unwrap());
        });
        LINES.get_or_init(|| lines);
        sleeper.join().unwrap();
    });
    let lines = LINES.get().unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!(who_and_where(&seen[0]), [(0, On::Join(1), lines[1]), (1, On::Condvar(0), lines[0])]);
}

#[test]
fn who_locks_twice_waits_for_itself() {
    let (seen, _) = ends(unbounded(0), |_: &Notes<()>| {
        let mutex = Mutex::new(());
        let _guard = mutex.lock().unwrap();
        drop(mutex.lock().unwrap());
    });
    assert!(matches!(blocked(&seen[0].end), [Blocked { on: On::Mutex { mutex: 0, holder: 0 }, .. }]));
}

#[test]
fn to_be_stuck_is_an_ordinary_end_after_which_the_search_goes_on() {
    // Three puts into a buffer with room for two: the third has to block, whoever it is.
    let (seen, summary) = ends(unbounded(0), |notes: &Notes<usize>| {
        let buffer = pair(0);
        for number in 1..=3 {
            start(&buffer, notes, move |buffer, notes| {
                let full = |items: &mut usize| *items == 2;
                let mut items = buffer.condvar.wait_while(buffer.mutex.lock().unwrap(), full).unwrap();
                *items += 1;
                notes.note(number);
            });
        }
    });
    assert_eq!(summary.coverage, Coverage::All);
    let who =
        |seen: &Seen<usize>| blocked(&seen.end).iter().map(|blocked| blocked.thread).collect::<Vec<_>>();
    assert_eq!(distinct(seen.iter().map(who)), [[1], [2], [3]]);
    assert!(seen.iter().all(|seen| seen.notes.len() == 2));
}

fn is_too_long(pause: fn()) {
    let (seen, _) = ends(Search::default(), move |notes: &Notes<()>| {
        let flag = Arc::new(Mutex::new(false));
        start(&flag, notes, |flag, _| drop(flag.lock().unwrap()));
        while !*flag.lock().unwrap() {
            pause();
        }
    });
    assert!(!seen.is_empty());
    for seen in seen {
        let End::TooLong { thread: 0, place: Some(place) } = seen.end else { panic!("{seen:?}") };
        assert_eq!(place.file, file!());
    }
}

#[test]
fn a_loop_that_yields_for_ever_is_too_long() {
    is_too_long(|| thread::yield_now());
}

#[test]
fn a_loop_of_locking_and_unlocking_is_too_long() {
    is_too_long(|| ());
}

#[test]
fn a_loop_that_yields_until_another_thread_is_done_ends() {
    notes_of_all(0, |notes: &Notes<()>| {
        let flag = Arc::new(Mutex::new(false));
        start(&flag, notes, |flag, _| *flag.lock().unwrap() = true);
        while !*flag.lock().unwrap() {
            thread::yield_now();
        }
    });
}

fn panics_with(body: fn(&Notes<u32>)) -> (usize, String, bool) {
    let (seen, _) = ends(Search::default(), body);
    let Some(Seen { end: End::Panicked { thread, message, place: Some(place) }, notes, .. }) = seen.first()
    else {
        panic!("{seen:?}")
    };
    assert_eq!(place.file, file!());
    (*thread, message.clone(), place.line == notes[0])
}

#[test]
fn a_panic_is_reported_with_its_thread_message_and_line() {
    let panicked = panics_with(|notes| {
        let mutex = Arc::new(Mutex::new(1));
        start(&mutex, notes, |mutex, notes| {
            let guard = mutex.lock().unwrap();
            notes.note(line!() + 1);
            assert_eq!(*guard, 2, "in the buffer");
        });
    });
    let (thread, message, at_its_line) = panicked;
    assert_eq!((thread, at_its_line), (1, true));
    assert!(message.contains("in the buffer"), "{message}");
}

#[test]
fn a_todo_is_reported_with_its_message_and_line() {
    let panicked = panics_with(|notes| {
        notes.note(line!() + 1);
        todo!("wait while the queue is full")
    });
    assert_eq!(panicked, (0, "not yet implemented: wait while the queue is full".to_owned(), true));
}

#[test]
fn the_first_panic_ends_the_execution() {
    let (seen, _) = ends(unbounded(0), |notes: &Notes<&str>| {
        let mutex = Arc::new(Mutex::new(()));
        start(&mutex, notes, |mutex, _| {
            let _guard = mutex.lock().unwrap();
            panic!("with the lock");
        });
        start(&mutex, notes, |mutex, notes| {
            notes.note(if mutex.lock().is_ok() { "in" } else { "poisoned" });
        });
    });
    let all = distinct(seen.iter().map(|seen| seen.notes.clone()));
    assert_eq!(all, [vec![], vec!["in"]], "nobody sees a poisoned mutex");
    assert!(seen.iter().all(|seen| matches!(seen.end, End::Panicked { thread: 1, .. })));
}

#[test]
fn a_program_can_say_that_an_execution_failed() {
    let (seen, _) = ends(unbounded(0), |notes: &Notes<&str>| {
        let mutex = Arc::new(Mutex::new(0));
        start(&mutex, notes, |mutex, notes| {
            let mut guard = mutex.lock().unwrap();
            if *guard == 1 {
                explore::fail();
                notes.note("goes on to its next point");
            }
            *guard += 2;
        });
        *mutex.lock().unwrap() += 1;
    });
    assert!(seen.iter().any(|seen| seen.end == End::Finished && seen.notes.is_empty()));
    assert!(seen.iter().any(|seen| seen.end == End::Failed { thread: 1 } && seen.notes.len() == 1));
}

/// A buffer whose consumers do not look again after they were woken.
fn if_instead_of_while(notes: &Notes<&'static str>) {
    let items = pair(0);
    for _ in 0..2 {
        start(&items, notes, |items, _| {
            let mut guard = items.mutex.lock().unwrap();
            if *guard == 0 {
                guard = items.condvar.wait(guard).unwrap();
            }
            assert!(*guard > 0, "took nothing");
            *guard -= 1;
        });
    }
    start(&items, notes, |items, notes| {
        *items.mutex.lock().unwrap() += 1;
        items.condvar.notify_all();
        notes.note("put");
    });
}

fn opposite_orders(notes: &Notes<&'static str>) {
    let mutexes = Arc::new((Mutex::new(1), Mutex::new(2)));
    start(&mutexes, notes, |(first, second), _| {
        let _first = first.lock().unwrap();
        *second.lock().unwrap() += 1;
    });
    start(&mutexes, notes, |(first, second), _| {
        let _second = second.lock().unwrap();
        *first.lock().unwrap() += 1;
    });
}

fn trying(notes: &Notes<&'static str>) {
    let mutex = Arc::new(Mutex::new(0));
    for _ in 0..2 {
        start(&mutex, notes, |mutex, notes| match mutex.try_lock() {
            Ok(mut guard) => *guard += 1,
            Err(_) => notes.note("taken"),
        });
    }
    assert!(*mutex.lock().unwrap() < 2, "nobody was in the way");
}

type Run = (End, Vec<Event>, Vec<&'static str>);

fn run_again(search: Search, body: fn(&Notes<&'static str>), seen: &Seen<&'static str>) -> Run {
    let subject = Subject::new(body);
    let events = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&events);
    let observe = Box::new(move |event: &Event| log.borrow_mut().push(event.clone()));
    let (end, _) = replay(search, subject.clone(), &seen.schedule, observe, &mut |_| ControlFlow::Break(()));
    (end, events.take(), subject.notes.all())
}

#[test]
fn a_schedule_replays_to_the_same_end_by_the_same_steps() {
    let programs: [fn(&Notes<&'static str>); 3] = [if_instead_of_while, opposite_orders, trying];
    for body in programs {
        for spurious in [0, 1] {
            let search = unbounded(spurious);
            let (seen, _) = ends(search, body);
            assert!(seen.iter().any(|seen| seen.end != End::Finished), "there is a failure among them");
            for seen in seen {
                let once = run_again(search, body, &seen);
                assert_eq!((&once.0, &once.2), (&seen.end, &seen.notes), "{:?}", seen.schedule);
                assert_eq!(once, run_again(search, body, &seen), "{:?}", seen.schedule);
            }
        }
    }
}

#[test]
fn what_needs_no_preemption_is_found_at_bound_0() {
    let (seen, _) = ends(Search { bound: Some(0), ..Search::default() }, if_instead_of_while);
    assert!(seen.iter().any(|seen| matches!(seen.end, End::Panicked { .. })));
}

#[test]
fn what_needs_one_preemption_is_found_at_bound_1_and_not_at_0() {
    // Somebody has to be interrupted between the two locks.
    let found = |bound| {
        let (seen, _) = ends(Search { bound: Some(bound), ..Search::default() }, opposite_orders);
        seen.iter().any(|seen| seen.end != End::Finished)
    };
    assert!(!found(0) && found(1));
}

#[test]
fn a_search_says_how_much_of_all_schedules_it_covered() {
    let coverage = |search| ends(search, opposite_orders).1.coverage;
    assert_eq!(coverage(unbounded(0)), Coverage::All);
    assert_eq!(coverage(Search { bound: Some(0), ..Search::default() }), Coverage::Bound);
    assert_eq!(coverage(Search { bound: Some(9), ..Search::default() }), Coverage::All);
    assert_eq!(coverage(Search { max_schedules: 2, ..Search::default() }), Coverage::Part);
    let stop = &mut |_: &End, _: &explore::Schedule| ControlFlow::Break(());
    let stopped = explore::search(unbounded(0), Subject::new(opposite_orders), &mut |_| (), stop);
    assert_eq!((stopped.coverage, stopped.schedules), (Coverage::Part, 1));
}

#[test]
fn every_execution_is_announced_with_its_schedule() {
    let announced = RefCell::new(Vec::new());
    let started = &mut |schedule: &explore::Schedule| announced.borrow_mut().push(schedule.clone());
    let visit = &mut |_: &End, _: &explore::Schedule| ControlFlow::Continue(());
    let summary = explore::search(unbounded(0), Subject::new(opposite_orders), started, visit);
    let announced = announced.into_inner();
    assert_eq!(announced.len() as u64, summary.schedules);
    assert!(announced[0].picks.is_empty());
    assert_eq!(distinct(announced.iter().map(|schedule| schedule.picks.clone())).len(), announced.len());
}

#[test]
fn outside_of_a_search_the_types_are_those_of_the_standard_library() {
    let ball = Arc::new(Pair { mutex: Mutex::new(0), condvar: Condvar::new() });
    let player = |mine: i32| {
        let ball = Arc::clone(&ball);
        thread::spawn(move || {
            for _ in 0..100 {
                let guard = ball.mutex.lock().unwrap();
                let mut count = ball.condvar.wait_while(guard, |count| *count % 2 != mine).unwrap();
                *count += 1;
                ball.condvar.notify_all();
            }
            std::thread::current().id()
        })
    };
    let [even, odd] = [player(0), player(1)].map(|player| player.join().unwrap());
    assert_ne!(even, odd, "two threads of the operating system");
    assert_eq!(*ball.mutex.try_lock().unwrap(), 200);
}

#[test]
fn a_panic_outside_of_a_search_poisons_the_mutex_and_comes_out_of_join() {
    let mutex = Arc::new(Mutex::new(0));
    let inside = Arc::clone(&mutex);
    let thread = thread::spawn(move || {
        let _guard = inside.lock().unwrap();
        std::panic::resume_unwind(Box::new("on purpose"));
    });
    assert!(thread.join().is_err());
    assert!(mutex.lock().is_err());
}

/// The message with which a search refuses an object that it does not know.
fn refusal(search: Search, body: impl Fn(&Notes<()>) + 'static) -> String {
    let (seen, _) = ends(search, body);
    let refused = seen.into_iter().find_map(|seen| match seen.end {
        End::Panicked { message, .. } => Some(message),
        _ => None,
    });
    refused.unwrap_or_default()
}

const REFUSAL: &str = "what is used in a search (a Mutex, a Condvar) has to be made in it, anew in every run";

#[test]
fn an_object_from_outside_of_the_search_is_refused() {
    let outside = pair(());
    assert_eq!(refusal(unbounded(0), move |_| drop(outside.mutex.lock())), REFUSAL);
    let outside = pair(());
    assert_eq!(refusal(unbounded(0), move |_| outside.condvar.notify_all()), REFUSAL);
}

#[test]
fn an_object_from_another_run_is_refused() {
    let kept = OnceLock::new();
    let program = move |notes: &Notes<()>| {
        let kept = kept.get_or_init(|| pair(0));
        start(kept, notes, |kept, _| *kept.mutex.lock().unwrap() += 1);
        *kept.mutex.lock().unwrap() += 1;
    };
    assert_eq!(refusal(unbounded(0), program), REFUSAL);
}

#[test]
fn an_object_from_another_search_is_refused() {
    let kept: Arc<OnceLock<Arc<Pair<u8>>>> = Arc::default();
    let keeps = Arc::clone(&kept);
    ends(unbounded(0), move |_: &Notes<()>| _ = keeps.get_or_init(|| pair(0)));
    assert_eq!(refusal(unbounded(0), move |_| drop(kept.get().unwrap().mutex.lock())), REFUSAL);
}

struct Watched(u32);

impl Hash for Watched {
    fn hash<H: Hasher>(&self, state: &mut H) {
        explore::watched(|| self.0.to_string());
        self.0.hash(state);
    }
}

fn steps(body: impl Fn(&Notes<&'static str>) + 'static) -> Vec<(usize, Step, Option<u32>)> {
    let events = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&events);
    let observe = Box::new(move |event: &Event| {
        let line = event.place.as_ref().map(|place| place.line);
        log.borrow_mut().push((event.thread, event.step.clone(), line));
    });
    replay(unbounded(0), Subject::new(body), &explore::Schedule::default(), observe, &mut |_| {
        ControlFlow::Break(())
    });
    events.take()
}

#[test]
fn unlock_and_wait_show_the_watched_values_in_order() {
    let steps = steps(|notes| {
        let queue = pair(vec![Watched(1)]);
        start(&queue, notes, |queue, _| wait_once(queue));
        let mut guard = queue.mutex.lock().unwrap();
        guard.push(Watched(2));
        drop(guard);
    });
    let contents = |(_, step, _): &(usize, Step, Option<u32>)| match step {
        Step::Unlock { contents, .. } => Some(("unlock", contents.join(" "))),
        Step::Wait { contents, .. } => Some(("wait", contents.join(" "))),
        _ => None,
    };
    let shown: Vec<_> = steps.iter().filter_map(contents).collect();
    assert_eq!(shown, [("unlock", "1 2".to_owned()), ("wait", "1 2".to_owned())]);
}

#[test]
fn every_step_is_recorded_with_its_line() {
    let first = line!();
    let steps = steps(|notes| {
        let pair = pair(1);
        let sleeper = start(&pair, notes, |pair, _| {
            let guard = pair.mutex.lock().unwrap();
            drop(pair.condvar.wait(guard).unwrap());
        });
        thread::yield_now();
        *pair.mutex.lock().unwrap() += 1;
        pair.condvar.notify_one();
        sleeper.join().unwrap();
        assert_eq!(*pair.mutex.lock().unwrap(), 2);
    });
    let nothing = Vec::new;
    let expected = [
        (0, Step::Spawn { thread: 1 }, None),
        (0, Step::Yield, Some(7)),
        (1, Step::Lock { mutex: 0 }, Some(4)),
        (1, Step::Wait { condvar: 0, mutex: 0, contents: nothing() }, Some(5)),
        (0, Step::Lock { mutex: 0 }, Some(8)),
        (0, Step::Write { mutex: 0 }, Some(8)),
        (0, Step::Unlock { mutex: 0, contents: nothing() }, None),
        (0, Step::Notify { condvar: 0, all: false, woken: vec![1] }, Some(9)),
        (1, Step::Wake { condvar: 0, mutex: 0, by: Some(0) }, Some(5)),
        (1, Step::Unlock { mutex: 0, contents: nothing() }, None),
        (1, Step::Exit, None),
        (0, Step::Join { thread: 1 }, Some(10)),
        (0, Step::Lock { mutex: 0 }, Some(11)),
        (0, Step::Read { mutex: 0 }, Some(11)),
        (0, Step::Unlock { mutex: 0, contents: nothing() }, None),
        (0, Step::Exit, None),
    ];
    let in_test = |(thread, step, line): (usize, Step, Option<u32>)| {
        // Threads are started by a function beside the test.
        let line = line.filter(|_| !matches!(step, Step::Spawn { .. }));
        (thread, step, line.map(|line| line - first))
    };
    assert_eq!(steps.into_iter().map(in_test).collect::<Vec<_>>(), expected);
}

/// Bytes of memory in use by this process, as the kernel counts them.
fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").expect("Linux");
    let resident: usize = pages.split(' ').nth(1).and_then(|pages| pages.parse().ok()).expect("pages");
    resident * 4096
}

#[test]
fn twenty_thousand_abandoned_executions_need_little_memory() {
    let subject = Subject::new(|notes: &Notes<()>| {
        for _ in 0..4 {
            start(&pair(()), notes, |pair, _| {
                drop(pair.mutex.lock().unwrap());
                drop(pair.mutex.lock().unwrap());
                wait_once(pair);
            });
        }
    });
    let search = Search { cache: false, max_schedules: 20_000, ..unbounded(0) };
    let before = resident();
    let mut stuck = 0;
    explore::search(search, subject, &mut |_| (), &mut |_, _| {
        stuck += 1;
        ControlFlow::Continue(())
    });
    assert_eq!(stuck, 20_000);
    // What their threads own is leaked; their stacks are not.
    let per_execution = resident().saturating_sub(before) / stuck;
    assert!(per_execution < 4096, "{per_execution} bytes for each");
}

#[test]
fn a_sleep_puts_others_first_but_nobody_can_count_on_it() {
    let program = |notes: &Notes<u32>| {
        let state = pair(0);
        start(&state, notes, |state, _| *state.mutex.lock().unwrap() = 1);
        thread::sleep(Duration::from_secs(1));
        notes.note(*state.mutex.lock().unwrap());
    };
    for (bound, expected) in [(0, vec![vec![1]]), (1, vec![vec![0], vec![1]])] {
        let (seen, _) = ends(Search { bound: Some(bound), ..unbounded(0) }, program);
        assert_eq!(distinct(seen.into_iter().map(|seen| seen.notes)), expected, "bound {bound}");
    }
}

#[test]
fn a_loop_of_notifications_under_the_lock_is_too_long() {
    let (seen, _) = ends(unbounded(0), |_: &Notes<()>| {
        let pair = pair(0);
        let _guard = pair.mutex.lock().unwrap();
        loop {
            pair.condvar.notify_all();
        }
    });
    assert!(matches!(seen[0].end, End::TooLong { thread: 0, .. }), "{:?}", seen[0].end);
}

#[test]
fn a_replay_goes_on_from_a_state_that_only_a_spurious_wakeup_leaves() {
    let asleep = |_: &Notes<u8>| {
        let (mutex, condvar) = (Mutex::new(0), Condvar::new());
        drop(condvar.wait(mutex.lock().unwrap()).unwrap());
    };
    for (breaks, last) in [(true, false), (false, true)] {
        let search = unbounded(1);
        let mut ends = Vec::new();
        let visit = &mut |end: &End| {
            ends.push(end.clone());
            if breaks { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let nothing = explore::Schedule::default();
        let (end, _) = replay(search, Subject::new(asleep), &nothing, Box::new(|_| ()), visit);
        assert!(matches!(ends[0], End::Stuck(_)), "{ends:?}");
        assert_eq!(end == End::Finished, last, "{ends:?}");
    }
}

/// Whatever the standard library's types may be used for, in any thread and across a panic.
#[test]
fn a_mutex_and_its_guard_may_go_where_those_of_the_standard_library_may() {
    fn may<T: Sync + UnwindSafe + RefUnwindSafe>() {}
    type Job = Box<dyn FnOnce() + Send>;
    may::<std::sync::Mutex<Job>>();
    may::<Mutex<Job>>();
    may::<std::sync::MutexGuard<'static, Box<dyn Fn() + Send + Sync>>>();
    may::<MutexGuard<'static, Box<dyn Fn() + Send + Sync>>>();
}

#[test]
fn outside_of_a_search_a_mutex_is_an_ordinary_one() {
    let mutex = Arc::new(Mutex::new(1));
    assert!(format!("{mutex:?}").contains("data: 1"));
    let mut guard = mutex.lock().unwrap();
    *guard += 1;
    assert!(mutex.try_lock().is_err());
    assert!(format!("{mutex:?}").contains("<locked>"));
    drop(guard);
    let other = Arc::clone(&mutex);
    let panicked = std::thread::spawn(move || {
        let _guard = other.lock().unwrap();
        panic!("with the mutex");
    });
    assert!(panicked.join().is_err());
    assert_eq!(mutex.lock().map_err(|poisoned| *poisoned.into_inner()).err(), Some(2));
    let mut mutex = Arc::into_inner(mutex).expect("nobody else has it");
    assert!(mutex.get_mut().is_err());
    assert_eq!(mutex.into_inner().map_err(|poisoned| poisoned.into_inner()), Err(2));
}
