//! The depth-first search over schedules.

use crate::engine;
use crate::strategy::Strategy;
use crate::trace::{Event, ObjectId, Place, ThreadId, Trace};
use std::cell::RefCell;
use std::ops::ControlFlow;
use std::rc::Rc;

/// A program to search.
pub trait Program {
    /// Runs as thread 0, afresh for every schedule; starts the other threads with [`crate::thread::spawn`].
    fn run(&self);

    /// A hash of everything that the program's own judge will ever consult.
    fn fingerprint(&self) -> u64 {
        0
    }
}

/// How far a search goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Search {
    /// Preemptions and spurious wakeups together, in one schedule; no bound where none.
    pub bound: Option<u32>,
    /// Spurious wakeups in one schedule.
    pub spurious: u32,
    /// Steps of one schedule, after which it counts as busy waiting.
    pub max_steps: usize,
    /// Schedules after which the search breaks off.
    pub max_schedules: u64,
    /// Whether states that were visited before are skipped. Off only to test that this loses nothing.
    pub cache: bool,
}

impl Default for Search {
    fn default() -> Search {
        Search { bound: Some(2), spurious: 0, max_steps: 400, max_schedules: u64::MAX, cache: true }
    }
}

/// A schedule: what [`replay`] needs to run it again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Schedule {
    /// Whether there were fine scheduling points (see [`engine`]).
    pub fine_points: bool,
    /// The option taken at each decision.
    pub picks: Vec<usize>,
}

/// What an execution came to: the same whenever the same program follows the same schedule, in whichever process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Mark {
    /// The digest of its steps, see [`Trace::digest`].
    pub events: u64,
    /// The hash of what its threads had and shared when it was over.
    pub state: u64,
}

/// How an execution ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// Every thread ran to its end.
    Finished,
    /// Nobody can go on. With spurious wakeups left the search goes on from here.
    Stuck(Vec<Blocked>),
    /// A thread panicked.
    Panicked {
        /// Who.
        thread: ThreadId,
        /// With what message.
        message: String,
        /// Where.
        place: Option<Place>,
    },
    /// The program called [`crate::fail`].
    Failed {
        /// Who.
        thread: ThreadId,
    },
    /// More steps than [`Search::max_steps`].
    TooLong {
        /// Who took most of them.
        thread: ThreadId,
        /// Where it last stood.
        place: Option<Place>,
    },
    /// Two threads were at one unprotected value at the same time.
    Overlap {
        /// The value.
        cell: ObjectId,
        /// Who was there.
        first: Visit,
        /// Who came (the same thread, where it came while it was there).
        second: Visit,
    },
    /// A thread asked to sleep for a time while it held a mutex.
    SleptHolding {
        /// Who.
        thread: ThreadId,
        /// Where.
        place: Option<Place>,
    },
}

/// A thread at an unprotected value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Visit {
    /// Who.
    pub thread: ThreadId,
    /// The line of its access.
    pub place: Place,
}

/// A thread that cannot go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// Who.
    pub thread: ThreadId,
    /// On what.
    pub on: On,
    /// The line of the call that blocks.
    pub place: Option<Place>,
}

/// What a thread can be blocked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum On {
    /// Sleeps on a condition variable.
    Condvar(ObjectId),
    /// Wants a mutex.
    Mutex {
        /// The mutex.
        mutex: ObjectId,
        /// Who holds it.
        holder: ThreadId,
    },
    /// Wants a permit of a semaphore.
    Semaphore(ObjectId),
    /// Waits for a thread to end.
    Join(ThreadId),
}

/// What a search covered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Executions started, those cut short in a known state included.
    pub schedules: u64,
    /// Distinct states with a decision in them.
    pub states: usize,
    /// How much of all there is was covered.
    pub coverage: Coverage,
}

/// How much of all there is a search covered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Coverage {
    /// Every schedule: the bound cut nothing off.
    All,
    /// Every schedule within the bound.
    Bound,
    /// Only those before `visit` stopped the search, or before [`Search::max_schedules`].
    #[default]
    Part,
}

/// Searches the schedules of a program, and calls `visit` with every end reached and the schedule that leads there.
/// `visit` may break off the search.
///
/// Blocks until the search is over. `started` is called with the schedule so far before each execution, so that
/// someone outside can tell which one did not come back.
pub fn search(
    search: Search,
    program: Rc<dyn Program>,
    started: &mut dyn FnMut(&Schedule),
    visit: &mut dyn FnMut(&End, &Schedule) -> ControlFlow<()>,
) -> Summary {
    search_and_log(search, program, started, visit, &mut |_, _| ())
}

/// The same, and calls `log` after each execution with the schedule that it followed and with what it came to: enough for
/// [`retrace`] to tell, in another process, whether it was run.
pub fn search_and_log(
    search: Search,
    program: Rc<dyn Program>,
    started: &mut dyn FnMut(&Schedule),
    visit: &mut dyn FnMut(&End, &Schedule) -> ControlFlow<()>,
    log: &mut dyn FnMut(&Schedule, Mark),
) -> Summary {
    let mut fine_points = false;
    let mut schedules = 0;
    loop {
        let _installed = engine::install(search, Strategy::new(search, fine_points), Rc::clone(&program));
        let stopped = loop {
            if schedules == search.max_schedules {
                break true;
            }
            schedules += 1;
            started(&engine::with(|engine| engine.strategy().schedule()));
            let mut visit = |end: &End| visit(end, &engine::with(|engine| engine.strategy().taken()));
            if engine::execute(&mut visit).is_break() {
                break true;
            }
            engine::with(|engine| log(&engine.strategy().taken(), engine.mark()));
            if engine::with(|engine| engine.strategy().restart || !engine.strategy().advance()) {
                break false;
            }
        };
        fine_points = engine::with(|engine| engine.strategy().restart);
        if stopped || !fine_points {
            return engine::with(|engine| {
                let strategy = engine.strategy();
                let coverage = match (stopped, strategy.cut()) {
                    (true, _) => Coverage::Part,
                    (false, true) => Coverage::Bound,
                    (false, false) => Coverage::All,
                };
                Summary { schedules, states: strategy.states(), coverage }
            });
        }
    }
}

/// Runs one schedule again and hands every step to `observe` as it is taken; where the schedule is over before the
/// execution is, the first option is taken from there on, as in [`search`]. `visit` is called with the ends reached, and
/// breaks off at the one that the schedule is about: a state in which nobody can go on may be left by a spurious wakeup.
/// Returns the last end reached, and the names and objects that the steps' numbers stand for (with no events of its own).
pub fn replay(
    search: Search,
    program: Rc<dyn Program>,
    schedule: &Schedule,
    observe: Box<dyn FnMut(&Event)>,
    visit: &mut dyn FnMut(&End) -> ControlFlow<()>,
) -> (End, Trace) {
    let strategy = Strategy::replaying(search, schedule);
    let _installed = engine::install(search, strategy, program);
    engine::with(|engine| engine.observe(observe));
    let mut end = End::Finished;
    let _ = engine::execute(&mut |reached| {
        end = reached.clone();
        visit(reached)
    });
    (end, engine::with(|engine| engine.cast()))
}

/// Runs an execution of a search again, to where the search left it: at its end, or in a state that was known. Returns what
/// it came to, and its steps. It is the one that was logged if that is the same.
pub fn retrace(search: Search, program: Rc<dyn Program>, schedule: &Schedule) -> (Mark, Trace) {
    let strategy = Strategy::replaying(search, schedule).no_further();
    let _installed = engine::install(search, strategy, program);
    let events = Rc::new(RefCell::new(Vec::new()));
    let seen = Rc::clone(&events);
    engine::with(|engine| {
        engine.observe(Box::new(move |event| seen.borrow_mut().push(Event::clone(event))));
    });
    let _ = engine::execute(&mut |_| ControlFlow::Continue(()));
    let trace = engine::with(|engine| engine.cast());
    (engine::with(|engine| engine.mark()), Trace { events: events.take(), ..trace })
}

pub(crate) fn place(location: &'static std::panic::Location<'static>) -> Place {
    Place { file: location.file().to_owned(), line: location.line() }
}
