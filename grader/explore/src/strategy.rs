//! The choice at every decision, and the memory of what is left to choose.

use crate::search::{Schedule, Search};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// The options of one decision: how many there are, and which of them cost 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) count: u8,
    pub(crate) costly: u32,
}

impl Options {
    /// One, and it is free: nothing to decide.
    pub(crate) const FORCED: Options = Options { count: 1, costly: 0 };

    fn cost(self, pick: usize) -> u32 {
        (self.costly >> pick) & 1
    }
}

struct Node {
    options: Options,
    pick: usize,
    /// Cost of the path before this decision.
    spent: u32,
}

/// Chooses at every decision, and remembers what is left to choose.
pub(crate) struct Strategy {
    bound: u32,
    cache: bool,
    pub(crate) fine_points: bool,
    /// Decisions along the present path; those from `position` on are being repeated.
    path: Vec<Node>,
    position: usize,
    replaying: bool,
    /// Whether there is nothing to decide any more once the schedule is over.
    no_further: bool,
    seen: HashMap<u64, u32, BuildHasherDefault<Known>>,
    /// Whether the bound cut anything off.
    cut: bool,
    /// Whether fine points are needed after all, and everything has to be searched again with them.
    pub(crate) restart: bool,
}

impl Strategy {
    pub(crate) fn new(search: Search, fine_points: bool) -> Strategy {
        Strategy {
            bound: search.bound.unwrap_or(u32::MAX),
            cache: search.cache,
            fine_points,
            path: Vec::new(),
            position: 0,
            replaying: false,
            no_further: false,
            seen: HashMap::default(),
            cut: false,
            restart: false,
        }
    }

    pub(crate) fn replaying(search: Search, schedule: &Schedule) -> Strategy {
        let unknown = Options { count: 0, costly: 0 };
        let path = schedule.picks.iter().map(|&pick| Node { options: unknown, pick, spent: 0 }).collect();
        let search = Search { bound: None, cache: false, ..search };
        Strategy { path, replaying: true, ..Strategy::new(search, schedule.fine_points) }
    }

    /// The same, but an execution goes no further than the schedule.
    pub(crate) fn no_further(self) -> Strategy {
        Strategy { no_further: true, ..self }
    }

    pub(crate) fn bounded(&self) -> bool {
        self.bound != u32::MAX
    }

    /// Whether the execution still follows decisions made before it began.
    pub(crate) fn repeats(&self) -> bool {
        self.position < self.path.len()
    }

    /// Whether the bound cut anything off.
    pub(crate) fn cut(&self) -> bool {
        self.cut
    }

    /// How many states with a decision in them are known.
    pub(crate) fn states(&self) -> usize {
        self.seen.len()
    }

    /// Whether a decision taken now is looked up among the states known.
    pub(crate) fn wants_state(&self) -> bool {
        self.cache && !self.repeats()
    }

    pub(crate) fn schedule(&self) -> Schedule {
        let picks = self.path.iter().map(|node| node.pick).collect();
        Schedule { fine_points: self.fine_points, picks }
    }

    /// The schedule as far as the present execution has followed it.
    pub(crate) fn taken(&self) -> Schedule {
        let picks = self.path[..self.position].iter().map(|node| node.pick).collect();
        Schedule { fine_points: self.fine_points, picks }
    }

    /// What the decisions that the present execution has taken cost.
    pub(crate) fn cost(&self) -> u32 {
        self.path[..self.position].iter().map(|node| node.options.cost(node.pick)).sum()
    }

    /// How many options there were at each of these decisions.
    pub(crate) fn options(&self) -> Vec<usize> {
        self.path[..self.position].iter().map(|node| node.options.count.into()).collect()
    }

    /// Decides. `state` is the key of the state decided in, where it has one. None: this execution need not go on.
    pub(crate) fn choose(&mut self, options: Options, state: Option<u64>) -> Option<usize> {
        if self.position < self.path.len() {
            let node = &mut self.path[self.position];
            if self.replaying {
                node.options = options;
                // A schedule that was made up may ask for more than there is.
                node.pick = node.pick.min(usize::from(options.count) - 1);
            }
            assert_eq!(node.options, options, "the program under search is not deterministic");
            self.position += 1;
            return Some(node.pick);
        }
        if self.no_further {
            return None;
        }
        let spent = self.path.last().map_or(0, |node| node.spent + node.options.cost(node.pick));
        if let Some(state) = state {
            match self.seen.get_mut(&state) {
                Some(known) if *known <= spent => return None,
                Some(known) => *known = spent,
                None => drop(self.seen.insert(state, spent)),
            }
        }
        let pick = self.affordable(options, spent, 0)?;
        self.path.push(Node { options, pick, spent });
        self.position += 1;
        Some(pick)
    }

    /// Prepares the next execution: the last decision that has an option left takes it. False: there is none.
    pub(crate) fn advance(&mut self) -> bool {
        self.position = 0;
        while let Some(Node { options, pick, spent }) = self.path.pop() {
            if let Some(pick) = self.affordable(options, spent, pick + 1) {
                self.path.push(Node { options, pick, spent });
                return true;
            }
        }
        false
    }

    fn affordable(&mut self, options: Options, spent: u32, from: usize) -> Option<usize> {
        let affordable = |pick: &usize| spent + options.cost(*pick) <= self.bound;
        let pick = (from..options.count.into()).find(affordable);
        self.cut |= pick.unwrap_or(options.count.into()) > from;
        pick
    }
}

/// Keys are hashes already.
#[derive(Default)]
struct Known(u64);

impl Hasher for Known {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, _: &[u8]) {
        unreachable!("keys are u64")
    }
    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}
