//! What the types of [`sync`](crate::sync) and [`thread`](crate::thread) do. Outside of a search none of this does anything.

use super::run::{suspend, suspend_by};
use super::schedule::among;
use super::{Condvar, Did, Engine, Line, Mutex, Pending, inside, running};
use crate::digest::contents;
use crate::search::{End, place};
use crate::strategy::Options;
use crate::trace::{ObjectId, Step, ThreadId};

/// An object of one execution.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Id {
    serial: u64,
    object: ObjectId,
}

impl Id {
    /// The object's number, where its execution is under way.
    pub(crate) fn here(this: Option<Id>) -> Option<ObjectId> {
        let serial = inside(|engine, _| engine.serial)?;
        let id = this.filter(|id| id.serial == serial);
        Some(
            id.expect(
                "what is used in a search (a Mutex, a Condvar) has to be made in it, anew in every run",
            )
            .object,
        )
    }
}

impl Engine {
    pub(super) fn id(&self, object: ObjectId) -> Id {
        Id { serial: self.serial, object }
    }
}

pub(crate) fn new_mutex(content: &dyn Fn() -> u64, made: Line) -> Option<Id> {
    inside(|engine, _| {
        assert!(engine.mutexes.len() < 64, "a program under search can make 64 mutexes");
        engine.mutexes.push(Mutex { owner: None, content: content(), poisoned: false, made });
        engine.id(engine.mutexes.len() - 1)
    })
}

pub(crate) fn new_condvar(made: Line) -> Option<Id> {
    inside(|engine, _| {
        engine.condvars.push(Condvar { mutex: None, made });
        if engine.notified_under.len() < engine.condvars.len() {
            engine.notified_under.push(u64::MAX);
        }
        engine.id(engine.condvars.len() - 1)
    })
}

/// A scheduling point: returns once the step that it stands before is taken.
pub(super) fn point(pending: Pending, line: Line) {
    let aside = inside(|engine, me| {
        engine.threads[me].pending = pending;
        engine.threads[me].line = Some(line);
        if let Pending::Lock(mutex) = pending
            && let Some(holder) = engine.mutexes[mutex].owner
        {
            engine.note(me, Some(line), || Step::Blocked { mutex, holder });
        }
        if let Pending::P(semaphore) = pending
            && engine.semaphores[semaphore].permits == 0
        {
            engine.note(me, Some(line), || Step::NoPermit { semaphore });
        }
        (!engine.unwinds_past(me)).then(|| engine.sets_aside(me))
    });
    if let Some(yielder) = aside.flatten() {
        suspend_by(yielder);
    }
}

/// Takes a mutex; returns once this thread is its owner.
pub(crate) fn lock(mutex: ObjectId, line: Line) {
    point(Pending::Lock(mutex), line);
}

/// Takes a mutex if it is free.
pub(crate) fn try_lock(mutex: ObjectId, line: Line) -> bool {
    point(Pending::Go, line);
    inside(|engine, me| {
        engine.strategy.restart |= !engine.strategy.fine_points;
        let free = engine.mutexes[mutex].owner.is_none();
        if free {
            engine.acquire(me, mutex, Some(line), Step::Lock { mutex });
        } else {
            engine.history(me, Did::TryLockFailed, mutex as u64);
            engine.wait_needs_point = true;
            engine.takes_effect(me);
        }
        free
    })
    .unwrap_or(true)
}

/// Notes an access to what a mutex guards.
pub(crate) fn access(mutex: ObjectId, writes: bool, line: Line) {
    inside(|engine, me| {
        if engine.observer.is_some() {
            let step = || if writes { Step::Write { mutex } } else { Step::Read { mutex } };
            engine.show(me, Some(place(line)), step);
        }
    });
}

/// Whether steps are being recorded, so that contents are worth collecting.
fn recording() -> bool {
    inside(|engine, _| engine.observer.is_some()).unwrap_or(false)
}

/// What a mutex, or an unprotected value, holds when it is let go: the content hash where it was written, and what to show of
/// it.
pub(crate) struct Left {
    pub(crate) content: Option<u64>,
    pub(crate) contents: Vec<String>,
}

impl Left {
    /// `content` is the hash of what is let go.
    pub(crate) fn of(written: bool, content: &dyn Fn() -> u64) -> Left {
        let contents = if recording() { contents(|| _ = content()) } else { Vec::new() };
        Left { content: written.then(content), contents }
    }
}

/// Lets a mutex go; `poisons` says that a panic that began under it goes on.
pub(crate) fn unlock(mutex: ObjectId, left: Left, poisons: bool) {
    if inside(|engine, me| engine.strategy.fine_points && !engine.unwinds(me)).unwrap_or(false) {
        inside(|engine, me| engine.threads[me].pending = Pending::Go);
        suspend();
    }
    inside(|engine, me| {
        engine.mutexes[mutex].poisoned |= poisons;
        engine.release(me, mutex, left.content, Did::Unlock);
        engine.note(me, None, || Step::Unlock { mutex, contents: left.contents });
    });
}

/// The point before a wait, where one is needed.
pub(crate) fn before_wait(line: Line) {
    if inside(|engine, _| engine.wait_needs_point || engine.strategy.fine_points).unwrap_or(false) {
        point(Pending::Go, line);
    }
}

/// Lets the mutex go and sleeps; returns with the mutex, notified or not.
pub(crate) fn wait(condvar: ObjectId, mutex: ObjectId, left: Left, line: Line) {
    inside(|engine, me| {
        engine.belongs(condvar, mutex);
        engine.history(me, Did::Wait, condvar as u64);
        engine.release(me, mutex, left.content, Did::Unlock);
        engine.note(me, Some(line), || Step::Wait { condvar, mutex, contents: left.contents });
        engine.threads[me].pending = Pending::Asleep { condvar, mutex };
        engine.threads[me].line = Some(line);
    });
    suspend();
}

/// Wakes one sleeper, whichever the search picks, or all.
pub(crate) fn notify(condvar: ObjectId, all: bool, line: Line) {
    if inside(|engine, me| engine.notify_needs_point(me, condvar)).unwrap_or(false) {
        point(Pending::Go, line);
        inside(|engine, _| engine.wait_needs_point = true);
    }
    inside(|engine, me| {
        engine.takes_effect(me);
        let mut woken = engine.sleepers(condvar);
        if !all && woken.count_ones() > 1 {
            let options = Options { count: woken.count_ones() as u8, costly: 0 };
            // Inside a transition there is no state to know; every waiter is tried.
            let pick = if engine.winding_up { Some(0) } else { engine.strategy.choose(options, None) };
            let pick = pick.expect("options that cost nothing are affordable");
            woken = among(woken).nth(pick).map_or(0, |thread| 1 << thread);
        }
        engine.threads[me].woken |= woken;
        // A judge may ask whom a call woke.
        let detail = (condvar as u64) << 32 | engine.threads[me].woken << 1 | u64::from(all);
        engine.history(me, Did::Notify, detail);
        for thread in among(woken) {
            if let Pending::Asleep { condvar, mutex } = engine.threads[thread].pending {
                engine.threads[thread].pending = Pending::Wake { condvar, mutex, by: me };
            }
        }
        engine.note(me, Some(line), || Step::Notify { condvar, all, woken: among(woken).collect() });
    });
    // A loop of notifications under the lock has no point of its own at which it could be ended.
    if inside(|engine, me| engine.overlong(me, line)).unwrap_or(false) {
        point(Pending::Go, line);
    }
}

/// Starts a thread of the program under search.
pub(crate) fn spawn(name: Option<String>, body: Box<dyn FnOnce()>, line: Line) -> ThreadId {
    inside(|engine, me| {
        assert!(engine.threads.len() < 16, "a program under search can start 15 threads");
        let name = name.unwrap_or_else(|| format!("{}{}", engine.unnamed, engine.threads.len()));
        let thread = engine.add_thread(name, body);
        engine.history(me, Did::Spawn, thread as u64);
        engine.wait_needs_point = true;
        engine.note(me, Some(line), || Step::Spawn { thread });
        thread
    })
    .expect("searching() was asked")
}

/// Whether the caller is a thread of a program under search.
pub(crate) fn searching() -> bool {
    running().is_some()
}

/// Waits for a thread to end.
pub(crate) fn join(thread: ThreadId, line: Line) {
    point(Pending::Join(thread), line);
}

/// Lets everyone else go first. False outside of a search.
pub(crate) fn yield_now(sleeps: bool, line: Line) -> bool {
    let inside = inside(|engine, me| {
        engine.history(me, Did::Yield, 0);
        engine.note(me, Some(line), || if sleeps { Step::Sleep } else { Step::Yield });
        engine.threads[me].yielded = true;
        if sleeps && engine.holds(me) != 0 {
            engine.ends(End::SleptHolding { thread: me, place: Some(place(line)) });
        }
    })
    .is_some();
    if inside {
        point(Pending::Yield, line);
    }
    inside
}
