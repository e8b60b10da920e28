//! One execution: threads as coroutines, and the scheduler that decides who goes on.
//!
//! A thread runs until it reaches a *scheduling point*: there it says what it is about to do ([`Pending`]), and the
//! scheduler picks among all threads that can go on.
//!
//! | operation | point | why |
//! |---|---|---|
//! | lock, try_lock | before | its order among the lock's holders matters |
//! | unlock | none | it only lets others do more |
//! | access through the guard | none | the mutex protects it |
//! | notify while holding the condition variable's mutex | none | nobody can begin to wait meanwhile |
//! | notify without it | before | someone may look, and begin to wait, just before or after |
//! | wait | none, but one before it if since its last point this thread has unlocked something, notified without the lock, started or joined a thread, or found a lock taken | whoever that lets go on may notify before the wait |
//! | spurious wakeup | one with taking the mutex back | until then the thread may as well still count as waiting |
//! | start and join of a thread | none: done at once | they touch only the thread itself |
//! | sleep, yield | after | everyone else goes first; going on at once costs 1, where there is a bound |
//!
//! Which mutex a condition variable belongs to is known once somebody waited. A notification before that, under some
//! lock, is taken to be under the right one; if a later wait shows that it was not, the whole search starts again with
//! *fine points* ([`Schedule::fine_points`](crate::Schedule)): before every such notification, every unlock and every
//! wait. So it does at the first try_lock, because that alone can tell that another thread is between lock and unlock.
//!
//! An execution that needs no further look (its state is known) is run to its end along the first schedule that comes,
//! so that the program's values are dropped in the ordinary way. Only an execution that cannot end is abandoned: its
//! threads never run again, and what they own is leaked.

use crate::digest::mix;
use crate::search::{Blocked, End, On, Options, Program, Search, Strategy, place};
use crate::trace::{Event, ObjectId, Place, Step, ThreadId, Trace};
use corosensei::stack::DefaultStack;
use corosensei::{Coroutine, CoroutineResult, Yielder};
use std::any::Any;
use std::cell::RefCell;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::rc::Rc;
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};

type Line = &'static Location<'static>;
type Fiber = Coroutine<(), (), (), DefaultStack>;
type Observer = Box<dyn FnMut(&Event)>;

/// Address space per thread; touched pages alone cost memory.
const STACK: usize = 1 << 20;

thread_local! {
    static ENGINE: RefCell<Option<Engine>> = const { RefCell::new(None) };
    static PANIC: RefCell<Option<(String, Option<Place>)>> = const { RefCell::new(None) };
}

/// What a thread is about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pending {
    /// Run its first lines.
    Start,
    /// Go on: nothing can keep it.
    Go,
    /// Go on after everybody else had a chance to.
    Yield,
    /// Take a mutex.
    Lock(ObjectId),
    /// Nothing, until it is notified.
    Asleep { condvar: ObjectId, mutex: ObjectId },
    /// Take the mutex back after a wait.
    Wake { condvar: ObjectId, mutex: ObjectId, by: ThreadId },
    /// Go on once that thread has ended.
    Join(ThreadId),
    /// Nothing any more.
    Done,
}

impl Pending {
    fn code(self) -> u64 {
        match self {
            Pending::Start => 1,
            Pending::Go => 2,
            Pending::Yield => 3,
            Pending::Done => 4,
            Pending::Lock(mutex) => 5 | (mutex as u64) << 8,
            // The thread cannot tell who woke it, nor whether anybody did.
            Pending::Wake { condvar, mutex, .. } => 6 | (mutex as u64) << 8 | (condvar as u64) << 24,
            Pending::Asleep { condvar, mutex } => 7 | (mutex as u64) << 8 | (condvar as u64) << 24,
            Pending::Join(thread) => 8 | (thread as u64) << 8,
        }
    }
}

/// What a thread did, as far as its history tells states apart.
#[derive(Clone, Copy)]
enum Did {
    Lock,
    TryLockFailed,
    Unlock,
    Wait,
    Notify,
    Yield,
    Spawn,
    Join,
}

struct Thread {
    fiber: Option<Fiber>,
    yielder: *const Yielder<(), ()>,
    name: String,
    pending: Pending,
    line: Option<Line>,
    history: u64,
    steps: usize,
    yielded: bool,
    /// Those woken since the marked call began, as bits.
    woken: u64,
    /// Run when the marked call takes its first step.
    begins: Option<Box<dyn FnOnce()>>,
}

#[derive(Clone, Copy)]
struct Mutex {
    owner: Option<ThreadId>,
    content: u64,
    made: Line,
}

#[derive(Clone, Copy)]
struct Condvar {
    /// Known once somebody has waited.
    mutex: Option<ObjectId>,
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
    /// The locks common to all notifications so far of a condition variable whose mutex was not known: over the whole search.
    notified_under: Vec<u64>,
    running: Option<ThreadId>,
    /// Who ran last because it was picked.
    current: ThreadId,
    steps: usize,
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

/// An engine at its place in this operating system thread; it is removed when this is dropped.
pub(crate) struct Installed(());

impl Drop for Installed {
    fn drop(&mut self) {
        drop(ENGINE.take());
    }
}

/// Also where a searched thread ends the whole process: its thread-locals are dropped while threads are suspended, and a
/// coroutine that is dropped in the middle unwinds its stack.
impl Drop for Engine {
    fn drop(&mut self) {
        self.finish();
    }
}

pub(crate) fn install(search: Search, strategy: Strategy, program: Rc<dyn Program>) -> Installed {
    hook_panics();
    let engine = Engine {
        search,
        strategy,
        program,
        serial: 0,
        threads: Vec::new(),
        mutexes: Vec::new(),
        condvars: Vec::new(),
        notified_under: Vec::new(),
        running: None,
        current: 0,
        steps: 0,
        spurious_left: 0,
        wait_needs_point: false,
        winding_up: false,
        end: None,
        choices: Vec::new(),
        observer: None,
        stacks: Vec::new(),
    };
    let before = ENGINE.replace(Some(engine));
    assert!(before.is_none(), "a search cannot run inside a search");
    Installed(())
}

/// Notes where a searched thread panicked, silently; every other panic is reported as before.
fn hook_panics() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if running().is_none() {
                return before(info);
            }
            let message = info.payload_as_str().unwrap_or("a panic without a message").to_owned();
            let place = info.location().map(|at| Place { file: at.file().to_owned(), line: at.line() });
            PANIC.set(Some((message, place)));
        }));
    });
}

fn running() -> Option<ThreadId> {
    ENGINE
        .try_with(|engine| engine.try_borrow().ok().and_then(|engine| engine.as_ref()?.running))
        .ok()
        .flatten()
}

/// Lends the engine while no thread of the program runs, or from inside the one that runs.
pub(crate) fn with<R>(work: impl FnOnce(&mut Engine) -> R) -> R {
    ENGINE.with_borrow_mut(|engine| work(engine.as_mut().expect("a search is under way")))
}

/// The same from inside the running thread; None outside of a search.
fn inside<R>(work: impl FnOnce(&mut Engine, ThreadId) -> R) -> Option<R> {
    ENGINE.with_borrow_mut(|engine| {
        let engine = engine.as_mut()?;
        let me = engine.running?;
        Some(work(engine, me))
    })
}

/// Gives the processor to the scheduler; returns when this thread is picked again.
fn suspend() {
    let yielder =
        inside(|engine, me| engine.threads[me].yielder).expect("only threads of a search are suspended");
    // SAFETY: the coroutine's body stored the yielder it was called with, which lives as long as the coroutine's stack,
    // and this code runs on that very stack.
    unsafe { (*yielder).suspend(()) };
}

fn point(pending: Pending, line: Line) {
    let reached = inside(|engine, me| {
        engine.threads[me].pending = pending;
        engine.threads[me].line = Some(line);
        if let Pending::Lock(mutex) = pending
            && let Some(holder) = engine.mutexes[mutex].owner
        {
            engine.note(me, Some(line), || Step::Blocked { mutex, holder });
        }
    });
    if reached.is_some() {
        suspend();
    }
}

/// Runs one execution in the installed engine. Breaks where `visit` does.
pub(crate) fn execute(visit: &mut dyn FnMut(&End) -> ControlFlow<()>) -> ControlFlow<()> {
    with(Engine::begin);
    let program = with(|engine| Rc::clone(&engine.program));
    let main = Rc::clone(&program);
    with(|engine| engine.add_thread("main".to_owned(), Box::new(move || main.run())));
    let flow = drive(&*program, visit);
    if flow.is_continue() {
        wind_up();
    }
    with(Engine::finish);
    flow
}

fn drive(program: &dyn Program, visit: &mut dyn FnMut(&End) -> ControlFlow<()>) -> ControlFlow<()> {
    loop {
        if let Some(thread) = with(|engine| engine.immediate()) {
            resume(thread);
        } else {
            let quiescent = with(|engine| {
                engine.count_step();
                engine.end.is_none() && engine.offer() && !engine.strategy.repeats()
            });
            if quiescent {
                visit(&End::Stuck(with(|engine| engine.blocked())))?;
            }
            if with(|engine| engine.end.is_none()) {
                match with(|engine| engine.decide(|| program.fingerprint())) {
                    Some(thread) => resume(thread),
                    None if with(|engine| engine.all_done()) => return visit(&End::Finished),
                    None => return ControlFlow::Continue(()),
                }
            }
        }
        if let Some(end) = with(|engine| engine.end.clone()) {
            return visit(&end);
        }
    }
}

/// Runs the execution on, unjudged, as long as somebody can go on.
fn wind_up() {
    let spare = with(|engine| {
        engine.winding_up = true;
        if engine.end.is_none() { engine.search.max_steps } else { 0 }
    });
    for _ in 0..spare {
        let next = with(|engine| {
            engine.immediate().or_else(|| {
                engine.offer();
                engine.choices.iter().find_map(|choice| match choice {
                    Choice::Run(thread) => Some(*thread),
                    Choice::RunEarly(_) | Choice::WakeSpuriously(_) => None,
                })
            })
        });
        match next {
            Some(thread) => resume(thread),
            None => return,
        }
    }
}

fn resume(thread: ThreadId) {
    let mut fiber = with(|engine| engine.take_up(thread));
    let result = fiber.resume(());
    with(|engine| {
        engine.running = None;
        match result {
            CoroutineResult::Yield(()) => engine.threads[thread].fiber = Some(fiber),
            CoroutineResult::Return(()) => engine.stacks.push(fiber.into_stack()),
        }
    });
}

impl Engine {
    pub(crate) fn strategy(&mut self) -> &mut Strategy {
        &mut self.strategy
    }

    pub(crate) fn observe(&mut self, observer: Observer) {
        self.observer = Some(observer);
    }

    /// The names and the objects of the execution, without its steps.
    pub(crate) fn cast(&self) -> Trace {
        Trace {
            threads: self.threads.iter().map(|thread| thread.name.clone()).collect(),
            mutexes: self.mutexes.iter().map(|mutex| place(mutex.made)).collect(),
            condvars: self.condvars.iter().map(|condvar| place(condvar.made)).collect(),
            events: Vec::new(),
        }
    }

    fn begin(&mut self) {
        static EXECUTIONS: AtomicU64 = AtomicU64::new(1);
        self.serial = EXECUTIONS.fetch_add(1, Ordering::Relaxed);
        self.threads.clear();
        self.mutexes.clear();
        self.condvars.clear();
        self.current = 0;
        self.steps = 0;
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

    fn add_thread(&mut self, name: String, body: Box<dyn FnOnce()>) -> ThreadId {
        let thread = self.threads.len();
        let stack =
            self.stacks.pop().unwrap_or_else(|| DefaultStack::new(STACK).expect("memory for a stack"));
        let fiber = Fiber::with_stack(stack, move |yielder, ()| {
            with(|engine| engine.threads[thread].yielder = yielder);
            let result = catch_unwind(AssertUnwindSafe(body));
            with(|engine| engine.ended(thread, result));
        });
        self.threads.push(Thread {
            fiber: Some(fiber),
            yielder: std::ptr::null(),
            name,
            pending: Pending::Start,
            line: None,
            history: 0,
            steps: 0,
            yielded: false,
            woken: 0,
            begins: None,
        });
        thread
    }

    fn ended(&mut self, thread: ThreadId, result: Result<(), Box<dyn Any + Send>>) {
        self.threads[thread].pending = Pending::Done;
        match result {
            Ok(()) => self.note(thread, None, || Step::Exit),
            Err(_) => {
                let (message, place) = PANIC.take().unwrap_or_default();
                self.note_at(thread, place.clone(), || Step::Panic { message: message.clone() });
                self.ends(End::Panicked { thread, message, place });
            }
        }
    }

    fn ends(&mut self, end: End) {
        if self.end.is_none() && !self.winding_up {
            self.end = Some(end);
        }
    }

    fn note(&mut self, thread: ThreadId, line: Option<Line>, step: impl FnOnce() -> Step) {
        if self.observer.is_some() {
            self.note_at(thread, line.map(place), step);
        }
    }

    fn note_at(&mut self, thread: ThreadId, place: Option<Place>, step: impl FnOnce() -> Step) {
        if let Some(observer) = &mut self.observer
            && !self.winding_up
        {
            observer(&Event { thread, place, step: step() });
        }
    }

    fn history(&mut self, thread: ThreadId, did: Did, detail: u64) {
        let history = &mut self.threads[thread].history;
        *history = mix(mix(*history, did as u64 + 1), detail);
    }

    /// Someone whose next step is local: it is run at once, alone.
    fn immediate(&self) -> Option<ThreadId> {
        self.threads.iter().position(|thread| match thread.pending {
            Pending::Start => true,
            Pending::Join(other) => self.threads[other].pending == Pending::Done,
            _ => false,
        })
    }

    fn count_step(&mut self) {
        self.steps += 1;
        if self.steps > self.search.max_steps {
            let most = (0..self.threads.len()).max_by_key(|&thread| self.threads[thread].steps).unwrap_or(0);
            let place = self.threads[most].line.map(place);
            self.ends(End::TooLong { thread: most, place });
        }
    }

    /// Counts a step that has no scheduling point, and says whether it is one too many.
    fn overlong(&mut self, thread: ThreadId, line: Line) -> bool {
        self.steps += 1;
        let overlong = self.steps > self.search.max_steps;
        if overlong {
            self.ends(End::TooLong { thread, place: Some(place(line)) });
        }
        overlong
    }

    fn ready(&self, thread: ThreadId) -> bool {
        match self.threads[thread].pending {
            Pending::Go | Pending::Yield => true,
            Pending::Lock(mutex) | Pending::Wake { mutex, .. } => self.mutexes[mutex].owner.is_none(),
            _ => false,
        }
    }

    /// Collects the choices there are: the current thread first, spurious wakeups last. True: nobody can go on, and
    /// not everybody has ended.
    fn offer(&mut self) -> bool {
        self.choices.clear();
        let threads = 0..self.threads.len();
        if threads.clone().all(|thread| !self.ready(thread) || self.threads[thread].yielded) {
            self.threads.iter_mut().for_each(|thread| thread.yielded = false);
        }
        let eligible =
            |engine: &Engine, thread: ThreadId| engine.ready(thread) && !engine.threads[thread].yielded;
        if eligible(self, self.current) {
            self.choices.push(Choice::Run(self.current));
        }
        for thread in threads.clone() {
            if thread != self.current && eligible(self, thread) {
                self.choices.push(Choice::Run(thread));
            }
        }
        let quiescent = self.choices.is_empty() && !self.all_done();
        // Without a bound on the cost, a loop that sleeps or yields would never end.
        if self.search.bound.is_some() {
            for thread in threads.clone() {
                if self.ready(thread) && self.threads[thread].yielded {
                    self.choices.push(Choice::RunEarly(thread));
                }
            }
        }
        if self.spurious_left > 0 {
            for thread in threads {
                if let Pending::Asleep { mutex, .. } = self.threads[thread].pending
                    && self.mutexes[mutex].owner.is_none()
                {
                    self.choices.push(Choice::WakeSpuriously(thread));
                }
            }
        }
        quiescent
    }

    /// Picks among the choices offered. None: there is none, or the state is known.
    fn decide(&mut self, fingerprint: impl FnOnce() -> u64) -> Option<ThreadId> {
        if self.choices.is_empty() {
            return None;
        }
        let preempts = matches!(self.choices[0], Choice::Run(thread) if thread == self.current);
        let costly = self.choices.iter().enumerate().fold(0, |costly, (option, choice)| {
            let cost = option > 0 && preempts || !matches!(choice, Choice::Run(_));
            costly | u32::from(cost) << option
        });
        let options = Options { count: self.choices.len() as u8, costly };
        if options == Options::FORCED {
            return self.chosen(0);
        }
        let state = self.strategy.wants_state().then(|| self.state(fingerprint()));
        let pick = self.strategy.choose(options, state)?;
        self.chosen(pick)
    }

    fn chosen(&mut self, pick: usize) -> Option<ThreadId> {
        let thread = match self.choices[pick] {
            Choice::Run(thread) | Choice::RunEarly(thread) => thread,
            Choice::WakeSpuriously(thread) => {
                self.spurious_left -= 1;
                thread
            }
        };
        self.current = thread;
        self.threads[thread].steps += 1;
        Some(thread)
    }

    /// The hash by which this state is known.
    fn state(&self, fingerprint: u64) -> u64 {
        let mut hash = mix(fingerprint, self.spurious_left.into());
        for thread in &self.threads {
            hash = mix(mix(hash, thread.history), thread.pending.code() << 1 | u64::from(thread.yielded));
        }
        for mutex in &self.mutexes {
            hash = match mutex.owner {
                Some(owner) => mix(hash, owner as u64),
                None => mix(mix(hash, u64::MAX), mutex.content),
            };
        }
        if self.strategy.bounded() { mix(hash, self.current as u64) } else { hash }
    }

    /// Lets a thread take the step it stands before, and gives out its coroutine to be run.
    fn take_up(&mut self, thread: ThreadId) -> Fiber {
        self.running = Some(thread);
        self.wait_needs_point = false;
        let Thread { pending, line, .. } = self.threads[thread];
        self.threads[thread].pending = Pending::Go;
        self.threads[thread].yielded = false;
        match pending {
            Pending::Lock(mutex) => self.acquire(thread, mutex, line, Step::Lock { mutex }),
            Pending::Wake { condvar, mutex, by } => {
                self.acquire(thread, mutex, line, Step::Wake { condvar, mutex, by: Some(by) });
            }
            Pending::Asleep { condvar, mutex } => {
                self.acquire(thread, mutex, line, Step::Wake { condvar, mutex, by: None });
            }
            Pending::Join(other) => {
                // Its result came out of its history.
                self.history(thread, Did::Join, mix(other as u64, self.threads[other].history));
                self.wait_needs_point = true;
                self.note(thread, line, || Step::Join { thread: other });
            }
            Pending::Start | Pending::Go | Pending::Yield | Pending::Done => {}
        }
        self.threads[thread].fiber.take().expect("a thread that can go on is suspended")
    }

    fn acquire(&mut self, thread: ThreadId, mutex: ObjectId, line: Option<Line>, step: Step) {
        self.mutexes[mutex].owner = Some(thread);
        let content = self.mutexes[mutex].content;
        self.history(thread, Did::Lock, mix(mutex as u64, content));
        self.note(thread, line, || step);
        self.takes_effect(thread);
    }

    fn takes_effect(&mut self, thread: ThreadId) {
        if let Some(begins) = self.threads[thread].begins.take()
            && !self.winding_up
        {
            begins();
        }
    }

    fn holds(&self, thread: ThreadId) -> u64 {
        let held = |(id, mutex): (usize, &Mutex)| u64::from(mutex.owner == Some(thread)) << id;
        self.mutexes.iter().enumerate().map(held).sum()
    }

    /// Whether a notification needs a scheduling point.
    fn notify_needs_point(&mut self, thread: ThreadId, condvar: ObjectId) -> bool {
        let held = self.holds(thread);
        match self.condvars[condvar].mutex {
            Some(mutex) => held & 1 << mutex == 0,
            None if held == 0 || self.strategy.fine_points => true,
            None => {
                self.notified_under[condvar] &= held;
                false
            }
        }
    }

    fn belongs(&mut self, condvar: ObjectId, mutex: ObjectId) {
        let condvar_mutex = self.condvars[condvar].mutex.get_or_insert(mutex);
        if *condvar_mutex != mutex || self.notified_under[condvar] & 1 << mutex == 0 {
            self.strategy.restart |= !self.strategy.fine_points;
        }
    }

    fn sleepers(&self, condvar: ObjectId) -> Vec<ThreadId> {
        let asleep = |thread: &ThreadId| matches!(self.threads[*thread].pending, Pending::Asleep { condvar: on, .. } if on == condvar);
        (0..self.threads.len()).filter(asleep).collect()
    }

    fn all_done(&self) -> bool {
        self.threads.iter().all(|thread| thread.pending == Pending::Done)
    }

    fn blocked(&self) -> Vec<Blocked> {
        let blocked = |(id, thread): (ThreadId, &Thread)| {
            let on = match thread.pending {
                Pending::Asleep { condvar, .. } => On::Condvar(condvar),
                Pending::Lock(mutex) | Pending::Wake { mutex, .. } => {
                    On::Mutex { mutex, holder: self.mutexes[mutex].owner? }
                }
                Pending::Join(thread) => On::Join(thread),
                _ => return None,
            };
            Some(Blocked { thread: id, on, place: thread.line.map(place) })
        };
        self.threads.iter().enumerate().filter_map(blocked).collect()
    }
}

// What the types of `sync` and `thread` call. Outside of a search none of this does anything.

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
        Some(id.expect("a Mutex or Condvar used in a search has to be made in it, anew in every run").object)
    }
}

pub(crate) fn new_mutex(content: impl FnOnce() -> u64, made: Line) -> Option<Id> {
    inside(|engine, _| {
        assert!(engine.mutexes.len() < 64, "a program under search can make 64 mutexes");
        engine.mutexes.push(Mutex { owner: None, content: content(), made });
        Id { serial: engine.serial, object: engine.mutexes.len() - 1 }
    })
}

pub(crate) fn new_condvar(made: Line) -> Option<Id> {
    inside(|engine, _| {
        engine.condvars.push(Condvar { mutex: None, made });
        if engine.notified_under.len() < engine.condvars.len() {
            engine.notified_under.push(u64::MAX);
        }
        Id { serial: engine.serial, object: engine.condvars.len() - 1 }
    })
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
            engine.note(me, Some(line), || if writes { Step::Write { mutex } } else { Step::Read { mutex } });
        }
    });
}

/// Whether steps are being recorded, so that contents are worth collecting.
pub(crate) fn recording() -> bool {
    inside(|engine, _| engine.observer.is_some()).unwrap_or(false)
}

/// What a mutex holds when it is let go: the content hash where it was written, and what to show of it.
pub(crate) struct Left {
    pub(crate) content: Option<u64>,
    pub(crate) contents: Vec<String>,
}

pub(crate) fn unlock(mutex: ObjectId, left: Left) {
    // Other threads cannot run in the middle of a panic; it ends the execution anyway.
    if inside(|engine, _| engine.strategy.fine_points).unwrap_or(false) && !std::thread::panicking() {
        inside(|engine, me| engine.threads[me].pending = Pending::Go);
        suspend();
    }
    inside(|engine, me| {
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
        if !all && woken.len() > 1 {
            let options = Options { count: woken.len() as u8, costly: 0 };
            // Inside a transition there is no state to know; every waiter is tried.
            let pick = if engine.winding_up { Some(0) } else { engine.strategy.choose(options, None) };
            woken = vec![woken[pick.expect("options that cost nothing are affordable")]];
        }
        let woken_before = engine.threads[me].woken;
        engine.threads[me].woken = woken.iter().fold(woken_before, |woken, thread| woken | 1 << thread);
        // A judge may ask whom a call woke.
        let detail = (condvar as u64) << 32 | engine.threads[me].woken << 1 | u64::from(all);
        engine.history(me, Did::Notify, detail);
        for &thread in &woken {
            if let Pending::Asleep { condvar, mutex } = engine.threads[thread].pending {
                engine.threads[thread].pending = Pending::Wake { condvar, mutex, by: me };
            }
        }
        engine.note(me, Some(line), || Step::Notify { condvar, all, woken });
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
        let name = name.unwrap_or_else(|| format!("T{}", engine.threads.len()));
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

impl Engine {
    fn release(&mut self, thread: ThreadId, mutex: ObjectId, content: Option<u64>, did: Did) {
        if let Some(content) = content {
            self.mutexes[mutex].content = content;
        }
        self.mutexes[mutex].owner = None;
        self.wait_needs_point = true;
        self.history(thread, did, mutex as u64);
    }
}

// What a program under search may tell the explorer.

/// A call that a timeline should name begins. `begins` is run as late as the call could have begun: when it takes its
/// first step (or, at the latest, ends), and must not call the explorer; an order of begin and end that is seen that way is one that a slow caller
/// could have brought about.
pub fn call_begins(label: impl FnOnce() -> String, begins: Box<dyn FnOnce()>) {
    inside(|engine, me| {
        engine.note(me, None, || Step::Call { label: label() });
        engine.threads[me].begins = Some(begins);
        engine.threads[me].woken = 0;
    });
}

/// The threads that the calling thread has woken since its marked call began.
pub fn woken() -> Vec<ThreadId> {
    let bits = inside(|engine, me| engine.threads[me].woken).unwrap_or(0);
    (0..64).filter(|thread| bits & 1 << thread != 0).collect()
}

/// The thread of the program under search that calls; None outside of a search, and in an execution that is only being
/// run to its end.
pub fn current() -> Option<ThreadId> {
    inside(|engine, me| (!engine.winding_up).then_some(me)).flatten()
}

/// That call has ended.
pub fn call_ends(label: impl FnOnce() -> String) {
    inside(|engine, me| {
        engine.takes_effect(me);
        engine.note(me, None, || Step::Return { label: label() });
    });
}

/// The thread's local state, and where in the program it stands, are now a function of `token`, whatever it did before.
pub fn forget(token: u64) {
    inside(|engine, me| engine.threads[me].history = mix(0, token));
}

/// Ends the execution as [`End::Failed`] once the calling thread reaches its next scheduling point.
pub fn fail() {
    inside(|engine, me| engine.ends(End::Failed { thread: me }));
}
