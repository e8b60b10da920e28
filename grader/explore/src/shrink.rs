//! Makes a schedule that goes wrong as easy to follow as it can be: tries simpler ones, and keeps what ends alike.

use crate::engine;
use crate::search::{End, On, Program, Schedule, Search};
use crate::strategy::Strategy;
use crate::trace::{Event, Place, Step, ThreadId};
use std::cell::RefCell;
use std::collections::HashSet;
use std::mem::discriminant;
use std::ops::ControlFlow;
use std::rc::Rc;

/// Executions after which it is simple enough.
const MOST: usize = 500;

/// What it takes to follow a schedule. The first field counts most.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Effort {
    /// Spurious wakeups: nobody believes in them.
    spurious: usize,
    /// Preemptions and spurious wakeups together.
    cost: u32,
    /// How often another thread takes the next step.
    switches: usize,
    steps: usize,
}

/// A simpler schedule of a program under which it ends like the one given, as `same` has it; the one given if there is none,
/// or if it does not end that way again. The same schedule always yields the same one.
///
/// `started` is called before each execution, as in [`crate::search()`]. There are at most 500.
pub fn shrink(
    search: Search,
    program: Rc<dyn Program>,
    schedule: &Schedule,
    started: &mut dyn FnMut(&Schedule),
    same: &mut dyn FnMut(&End) -> bool,
) -> Schedule {
    let mut shrinker = Shrinker { search, program, started, same, tried: HashSet::new() };
    let Some(mut best) = shrinker.attempt(schedule) else { return schedule.clone() };
    while let Some(simpler) = shrinker.simpler(&best) {
        best = simpler;
    }
    best.schedule
}

struct Shrinker<'a> {
    search: Search,
    program: Rc<dyn Program>,
    started: &'a mut dyn FnMut(&Schedule),
    same: &'a mut dyn FnMut(&End) -> bool,
    tried: HashSet<Vec<usize>>,
}

/// An execution that ended alike.
struct Attempt {
    schedule: Schedule,
    /// The number of options at each decision.
    options: Vec<usize>,
    effort: Effort,
}

impl Shrinker<'_> {
    /// The first simpler schedule that is found.
    fn simpler(&mut self, than: &Attempt) -> Option<Attempt> {
        candidates(&than.schedule.picks, &than.options).find_map(|picks| {
            let schedule = Schedule { picks, ..than.schedule };
            self.attempt(&schedule).filter(|attempt| attempt.effort < than.effort)
        })
    }

    fn attempt(&mut self, schedule: &Schedule) -> Option<Attempt> {
        let picks = without_defaults(&schedule.picks);
        if self.tried.len() >= MOST || !self.tried.insert(picks.clone()) {
            return None;
        }
        let schedule = Schedule { picks, ..*schedule };
        (self.started)(&schedule);
        let strategy = Strategy::replaying(self.search, &schedule);
        let _installed = engine::install(self.search, strategy, Rc::clone(&self.program));
        let meter = Rc::new(RefCell::new(Meter::default()));
        let observer = Rc::clone(&meter);
        engine::with(|engine| engine.observe(Box::new(move |event| observer.borrow_mut().count(event))));
        let mut alike = false;
        let _ = engine::execute(&mut |end| {
            alike = (self.same)(end);
            if alike { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        let Meter { effort, .. } = *meter.borrow();
        engine::with(|engine| {
            let strategy = engine.strategy();
            let Schedule { fine_points, picks } = strategy.taken();
            let schedule = Schedule { fine_points, picks: without_defaults(&picks) };
            let effort = Effort { cost: strategy.cost(), ..effort };
            alike.then(|| Attempt { schedule, options: strategy.options(), effort })
        })
    }
}

/// Schedules that may be simpler: cut short, with one decision left out or made in another way, and with two changed.
/// Where a schedule is over, the thread that runs goes on as long as it can.
fn candidates<'a>(picks: &'a [usize], options: &'a [usize]) -> impl Iterator<Item = Vec<usize>> + 'a {
    let all = 0..picks.len();
    let others = move |at: usize| (0..options[at]).filter(move |pick| *pick != picks[at]);
    let changed = move |at: usize, pick: usize| {
        let mut changed = picks.to_vec();
        changed[at] = pick;
        changed
    };
    let without = |mut picks: Vec<usize>, at: usize| {
        picks.remove(at);
        picks
    };
    let cut = all.clone().map(|length| picks[..length].to_vec());
    let turned =
        all.clone().flat_map(move |at| others(at).map(move |pick| changed(at, pick)[..=at].to_vec()));
    let left_out = all.clone().map(move |at| without(picks.to_vec(), at));
    let replaced = all.clone().flat_map(move |at| others(at).map(move |pick| changed(at, pick)));
    let twice = all.flat_map(move |at| {
        let later = move |pick| (at + 1..picks.len()).map(move |later| without(changed(at, pick), later));
        others(at).flat_map(later)
    });
    cut.chain(turned).chain(left_out).chain(replaced).chain(twice)
}

/// The first option is taken anyway where a schedule is over.
fn without_defaults(picks: &[usize]) -> Vec<usize> {
    let length = picks.iter().rposition(|pick| *pick != 0).map_or(0, |last| last + 1);
    picks[..length].to_vec()
}

#[derive(Default)]
struct Meter {
    effort: Effort,
    last: Option<ThreadId>,
}

impl Meter {
    fn count(&mut self, event: &Event) {
        self.effort.steps += 1;
        self.effort.switches += usize::from(self.last.is_some_and(|last| last != event.thread));
        self.effort.spurious += usize::from(matches!(event.step, Step::Wake { by: None, .. }));
        self.last = Some(event.thread);
    }
}

impl End {
    /// Whether an execution ended in the same way, at the same lines, whoever it was that stood there.
    pub fn is_like(&self, other: &End) -> bool {
        let standing = |blocked: &[crate::Blocked]| {
            let at = |place: &Place| (place.file.clone(), place.line);
            let kind = |on: &On| match on {
                On::Condvar(_) => 0,
                On::Mutex { .. } => 1,
                On::Semaphore(_) => 2,
                On::Join(_) => 3,
            };
            let mut standing: Vec<_> =
                blocked.iter().map(|blocked| (blocked.place.as_ref().map(at), kind(&blocked.on))).collect();
            standing.sort();
            standing
        };
        match (self, other) {
            (End::Stuck(these), End::Stuck(those)) => standing(these) == standing(those),
            (End::Panicked { place, message, .. }, End::Panicked { place: at, message: said, .. }) => {
                place == at && message == said
            }
            (End::Overlap { first, second, .. }, End::Overlap { first: one, second: two, .. }) => {
                let alone = (first.thread == second.thread) == (one.thread == two.thread);
                alone && first.place == one.place && second.place == two.place
            }
            (End::SleptHolding { place, .. }, End::SleptHolding { place: at, .. }) => place == at,
            _ => discriminant(self) == discriminant(other),
        }
    }
}
