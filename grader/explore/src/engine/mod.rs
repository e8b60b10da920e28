//! One execution: threads as coroutines, and the scheduler that decides who goes on.
//!
//! A thread runs until it reaches a *scheduling point*: there it says what it is about to do (`Pending`), and the
//! scheduler picks among all threads that can go on.
//!
//! | operation | point | why |
//! |---|---|---|
//! | lock, try_lock | before | its order among the lock's holders matters |
//! | unlock | none | it only lets others do more |
//! | access through the guard | none | the mutex protects it |
//! | P | before | who gets a permit matters |
//! | V | none | it only lets others do more |
//! | access to an unprotected value | one in the middle | to begin early and to end late only widens the overlap |
//! | notify while holding the condition variable's mutex | none | nobody can begin to wait meanwhile |
//! | notify without it | before | someone may look, and begin to wait, just before or after |
//! | wait | none, but one before it if since its last point this thread has unlocked something, given a permit, notified without the lock, used an atomic, started or joined a thread, or found a lock taken | whoever that lets go on may notify before the wait |
//! | spurious wakeup | one with taking the mutex back | until then the thread may as well still count as waiting |
//! | start and join of a thread | none: done at once | they touch only the thread itself |
//! | operation of an atomic | before | its order among those of other threads matters |
//! | sleep, yield | after | everyone else goes first; going on at once costs 1, where there is a bound |
//!
//! Which mutex a condition variable belongs to is known once somebody waited. A notification before that, under some
//! lock, is taken to be under the right one; if a later wait shows that it was not, the whole search starts again with
//! *fine points* ([`Schedule::fine_points`](crate::Schedule)): before every such notification, every unlock, every V and
//! every wait. So it does at the first try_lock, because that alone can tell that another thread is between lock and unlock.
//!
//! A thread that unwinds after a panic has no points, except where it cannot go on: to the standard library all threads
//! are one, and a thread that ran in the middle of another's panic would take it for its own.
//!
//! An execution that needs no further look (its state is known) is run to its end along the first schedule that comes,
//! so that the program's values are dropped in the ordinary way. Only an execution that cannot end is abandoned: its
//! threads never run again, and what they own is leaked.

mod atomics;
mod cell;
mod effects;
mod installed;
mod operations;
mod run;
mod schedule;
mod semaphore;
mod tell;
mod thread;
mod unwind;

pub(crate) use atomics::{Seen, before_atomic, new_atomic, operated};
pub(crate) use cell::{enter, leave, new_cell};
pub(crate) use installed::{install, with};
pub(crate) use operations::{
    Id, Left, access, before_wait, join, lock, new_condvar, new_mutex, notify, searching, spawn, try_lock,
    unlock, wait, yield_now,
};
pub(crate) use run::execute;
pub(crate) use semaphore::{new_semaphore, p, v};
pub use tell::{
    aside, call_begins, call_ends, current, fail, forget, identity, mark, name_threads, started, unfinished,
    woken,
};
pub use unwind::{Deliberate, panic_deliberately};
pub(crate) use unwind::{poisoned, unwinding};

use crate::search::{End, Mark, Program, Search, place};
use crate::strategy::Strategy;
use crate::trace::{Event, ObjectId, ThreadId, Trace};
use cell::Cell;
use corosensei::stack::DefaultStack;
use installed::{inside, running};
use semaphore::Semaphore;
use std::panic::Location;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use thread::{Did, Fiber, Pending, Thread};

pub(crate) type Line = &'static Location<'static>;
type Observer = Box<dyn FnMut(&Event)>;

/// Address space per thread; touched pages alone cost memory.
const STACK: usize = 1 << 20;

#[derive(Clone, Copy)]
struct Mutex {
    owner: Option<ThreadId>,
    content: u64,
    /// Whether a thread panicked while it was the owner.
    poisoned: bool,
    made: Line,
}

#[derive(Clone, Copy)]
struct Condvar {
    /// Known once somebody has waited.
    mutex: Option<ObjectId>,
    made: Line,
}

#[derive(Clone, Copy)]
struct Atomic {
    value: u64,
    made: Line,
}

#[derive(Clone, Copy)]
enum Choice {
    Run(ThreadId),
    /// A thread that let others go first does not wait for them after all: no time is long enough to count on.
    RunEarly(ThreadId),
    WakeSpuriously(ThreadId),
}

/// The state of a search's present execution.
pub(crate) struct Engine {
    search: Search,
    strategy: Strategy,
    program: Rc<dyn Program>,
    /// Tells this execution's objects from those of another, whatever search that belongs to.
    serial: u64,
    threads: Vec<Thread>,
    mutexes: Vec<Mutex>,
    condvars: Vec<Condvar>,
    atomics: Vec<Atomic>,
    semaphores: Vec<Semaphore>,
    cells: Vec<Cell>,
    /// The locks common to all notifications so far of a condition variable whose mutex was not known: over the whole search.
    notified_under: Vec<u64>,
    /// The first letters of the names of threads that are given none.
    unnamed: &'static str,
    running: Option<ThreadId>,
    /// Who ran last because it was picked.
    current: ThreadId,
    steps: usize,
    /// The digest of the steps so far.
    events: u64,
    /// What the execution came to, once it is over.
    mark: Mark,
    spurious_left: u32,
    /// Since its last point the running thread did, or saw, what another thread may go by: a wait is no part of that step.
    wait_needs_point: bool,
    /// Only running to its end: nothing that happens now matters.
    winding_up: bool,
    end: Option<End>,
    choices: Vec<Choice>,
    observer: Option<Observer>,
    stacks: Vec<DefaultStack>,
}

/// Also where a searched thread ends the whole process: its thread-locals are dropped while threads are suspended, and a
/// coroutine that is dropped in the middle unwinds its stack.
impl Drop for Engine {
    fn drop(&mut self) {
        self.finish();
    }
}

impl Engine {
    fn new(search: Search, strategy: Strategy, program: Rc<dyn Program>) -> Engine {
        Engine {
            search,
            strategy,
            program,
            serial: 0,
            threads: Vec::new(),
            mutexes: Vec::new(),
            condvars: Vec::new(),
            atomics: Vec::new(),
            semaphores: Vec::new(),
            cells: Vec::new(),
            notified_under: Vec::new(),
            unnamed: "",
            running: None,
            current: 0,
            steps: 0,
            events: 0,
            mark: Mark::default(),
            spurious_left: 0,
            wait_needs_point: false,
            winding_up: false,
            end: None,
            choices: Vec::new(),
            observer: None,
            stacks: Vec::new(),
        }
    }

    pub(crate) fn strategy(&mut self) -> &mut Strategy {
        &mut self.strategy
    }

    pub(crate) fn observe(&mut self, observer: Observer) {
        self.observer = Some(observer);
    }

    /// What the execution that has just ended came to.
    pub(crate) fn mark(&self) -> Mark {
        self.mark
    }

    fn take_mark(&mut self) {
        self.mark = Mark { events: self.events, state: self.content(0) };
    }

    /// The names and the objects of the execution, without its steps.
    pub(crate) fn cast(&self) -> Trace {
        Trace {
            threads: self.threads.iter().map(|thread| thread.name.clone()).collect(),
            mutexes: self.mutexes.iter().map(|mutex| place(mutex.made)).collect(),
            condvars: self.condvars.iter().map(|condvar| place(condvar.made)).collect(),
            atomics: self.atomics.iter().map(|atomic| place(atomic.made)).collect(),
            semaphores: self.semaphores.iter().map(|semaphore| place(semaphore.made)).collect(),
            cells: self.cells.iter().map(|cell| place(cell.made)).collect(),
            events: Vec::new(),
        }
    }

    fn begin(&mut self) {
        static EXECUTIONS: AtomicU64 = AtomicU64::new(1);
        self.serial = EXECUTIONS.fetch_add(1, Ordering::Relaxed);
        self.threads.clear();
        self.mutexes.clear();
        self.condvars.clear();
        self.atomics.clear();
        self.unnamed = "T";
        self.semaphores.clear();
        self.cells.clear();
        self.current = 0;
        self.steps = 0;
        self.events = 0;
        self.spurious_left = self.search.spurious;
        self.wait_needs_point = false;
        self.winding_up = false;
        self.end = None;
    }

    /// Abandons whoever has not ended.
    fn finish(&mut self) {
        for thread in &mut self.threads {
            if let Some(mut fiber) = thread.fiber.take() {
                // SAFETY: the stack is forgotten with everything on it. No other thread of the program refers to it:
                // what threads share is 'static (see `add_thread`), and none of them runs again.
                unsafe { fiber.force_reset() };
                self.stacks.push(fiber.into_stack());
            }
        }
    }
}
