//! Panics that the program under search lives through, and those that a test wants.

mod subject;

use explore::sync::{AtomicU64, Condvar, Mutex, Ordering};
use explore::{Coverage, Deliberate, End, Search, panic_deliberately, thread};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use subject::{Notes, distinct, ends, unbounded};

/// What was noted in all executions, each once. Every one of them must run to its end.
fn notes_of_all(body: impl Fn(&Notes<&'static str>) + 'static) -> Vec<Vec<&'static str>> {
    let (seen, summary) = ends(unbounded(0), body);
    assert_eq!(summary.coverage, Coverage::All);
    distinct(seen.into_iter().map(|seen| {
        assert_eq!(seen.end, End::Finished);
        seen.notes
    }))
}

/// Runs `work` and stops its panic.
fn catch(work: impl FnOnce()) -> bool {
    catch_unwind(AssertUnwindSafe(work)).is_err()
}

#[test]
fn a_panic_that_is_caught_ends_nothing() {
    let all = notes_of_all(|notes| {
        let own = notes.clone();
        let thread = thread::spawn(move || {
            assert!(catch(|| panic!("an ordinary one")));
            assert!(catch(|| panic_deliberately("one that the test wants")));
            own.note("went on");
        });
        assert!(thread.join().is_ok());
    });
    assert_eq!(all, [["went on"]]);
}

#[test]
fn a_panic_that_the_test_wants_ends_only_its_thread() {
    let all = notes_of_all(|notes| {
        let thread = thread::spawn(|| panic_deliberately("on purpose"));
        let payload = thread.join().unwrap_err();
        assert!(payload.is::<Deliberate>());
        notes.note("joined");
    });
    assert_eq!(all, [["joined"]]);
}

#[test]
fn an_ordinary_panic_after_one_that_was_caught_is_told_as_itself() {
    let (seen, _) = ends::<()>(unbounded(0), |_| {
        catch(|| panic_deliberately("on purpose"));
        panic!("by mistake");
    });
    let End::Panicked { message, .. } = &seen[0].end else { panic!("{:?}", seen[0].end) };
    assert_eq!(message, "by mistake");
    assert!(!seen[0].schedule.fine_points);
}

#[test]
fn a_lock_held_in_a_panic_is_poisoned_from_then_on() {
    for again in [false, true] {
        let all = notes_of_all(move |notes| {
            let lock = Arc::new(Mutex::new(0));
            let other = Arc::clone(&lock);
            let thread = thread::spawn(move || {
                let work = || {
                    let mut guard = other.lock().unwrap();
                    *guard += 1;
                    panic_deliberately("with the lock");
                };
                let payload = catch_unwind(AssertUnwindSafe(work)).unwrap_err();
                if again {
                    resume_unwind(payload);
                }
            });
            notes.note(match lock.lock() {
                Ok(guard) if *guard == 0 => "before",
                Err(guard) if **guard.get_ref() == 1 => "poisoned",
                _ => "neither",
            });
            let _ = thread.join();
            assert!(lock.lock().is_err());
            assert!(lock.try_lock().is_err());
        });
        assert_eq!(all, [["before"], ["poisoned"]]);
    }
}

/// Adds to a number when it is dropped.
struct Adds(Arc<Mutex<u32>>);

impl Drop for Adds {
    fn drop(&mut self) {
        *self.0.lock().unwrap() += 1;
    }
}

#[test]
fn a_lock_taken_and_let_go_in_the_middle_of_a_panic_is_sound() {
    // Some orders have to suspend the thread in the middle of its panic: the lock is taken.
    let all = notes_of_all(|notes| {
        let (number, outer) = (Arc::new(Mutex::new(0)), Arc::new(Mutex::new(())));
        let adds = Adds(Arc::clone(&number));
        let thread = thread::spawn(move || {
            catch(move || {
                let _adds = adds;
                panic_deliberately("with something to drop");
            });
        });
        {
            let mut guard = number.lock().unwrap();
            drop(outer.lock().unwrap());
            *guard += 10;
            notes.note(if *guard == 10 { "first" } else { "second" });
        }
        thread.join().unwrap();
        assert_eq!(*number.lock().unwrap(), 11);
    });
    assert_eq!(all, [["first"], ["second"]]);
}

#[test]
fn the_panic_of_one_is_not_the_panic_of_another() {
    // The second thread's panic poisons its own lock, and not the one that the first holds meanwhile.
    let all = notes_of_all(|notes| {
        let (lock, other) = (Arc::new(Mutex::new(0)), Arc::new(Mutex::new(0)));
        let adds = Adds(Arc::clone(&lock));
        let poisons = Arc::clone(&other);
        let thread = thread::spawn(move || {
            let _adds = adds;
            let _guard = poisons.lock().unwrap();
            panic_deliberately("with a lock");
        });
        {
            let _guard = lock.lock().unwrap();
            thread::yield_now();
        }
        assert!(thread.join().is_err());
        assert!(lock.lock().is_ok() && other.lock().is_err());
        notes.note("as it has to be");
    });
    assert_eq!(all, [["as it has to be"]]);
}

#[test]
fn a_thread_that_does_not_panic_is_told_so() {
    let all = notes_of_all(|notes| {
        let adds = Adds(Arc::new(Mutex::new(0)));
        let thread = thread::spawn(move || {
            let _adds = adds;
            panic_deliberately("with something to drop");
        });
        let lock = Mutex::new(());
        for _ in 0..3 {
            drop(lock.lock().unwrap());
            assert!(!std::thread::panicking());
        }
        assert!(thread.join().is_err());
        notes.note("quiet");
    });
    assert_eq!(all, [["quiet"]]);
}

#[test]
fn a_thread_that_ends_in_a_panic_can_start_its_successor() {
    struct Respawns(Arc<(AtomicU64, Mutex<bool>, Condvar)>);
    impl Drop for Respawns {
        fn drop(&mut self) {
            let shared = Arc::clone(&self.0);
            thread::spawn(move || {
                shared.0.fetch_add(1, Ordering::SeqCst);
                *shared.1.lock().unwrap() = true;
                shared.2.notify_all();
            });
        }
    }
    let all = notes_of_all(|notes| {
        let shared = Arc::new((AtomicU64::new(0), Mutex::new(false), Condvar::new()));
        let respawns = Respawns(Arc::clone(&shared));
        let thread = thread::spawn(move || {
            let _respawns = respawns;
            panic_deliberately("and starts another");
        });
        let ended = shared.1.lock().unwrap();
        drop(shared.2.wait_while(ended, |ended| !*ended).unwrap());
        assert_eq!(shared.0.load(Ordering::SeqCst), 1);
        assert!(thread.join().is_err());
        notes.note("done");
    });
    assert_eq!(all, [["done"]]);
}

#[test]
fn a_search_goes_on_after_a_panic_that_never_ends() {
    // The thread waits for ever in the middle of its panic, and is abandoned there.
    let (seen, _) = ends::<()>(Search { bound: Some(0), ..unbounded(0) }, |_| {
        let lock = Arc::new(Mutex::new(0));
        let guard = lock.lock().unwrap();
        let adds = Adds(Arc::clone(&lock));
        let thread = thread::spawn(move || {
            let _adds = adds;
            panic_deliberately("and waits");
        });
        let _ = thread.join();
        drop(guard);
    });
    assert!(matches!(&seen[0].end, End::Stuck(blocked) if blocked.len() == 2), "{:?}", seen[0].end);
}
