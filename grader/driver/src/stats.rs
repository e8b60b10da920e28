//! Counters as the subject of a search.

use crate::search;
use contract::Possible;
use contract::stats::Counters;
use protocol::driver::Reporter;
use protocol::stats::{Breach, Call, Counter, Counts, Outcome, Task};

/// A student's counters. No name here is a name of a lab's (see [`TestBuffer`](crate::buffer::TestBuffer)).
pub trait TestStats: Send + Sync {
    /// Counts a connection that was opened.
    fn came(&self);
    /// Counts a connection that was closed.
    fn left(&self);
    /// Counts bytes.
    fn carried(&self, count: u64);
    /// Takes a snapshot.
    fn look(&self) -> Counts;
}

/// Carries out a task. `make` is how counters are made.
pub fn carry_out(
    task: Task,
    reporter: Reporter<protocol::stats::Counters>,
    make: fn() -> Box<dyn TestStats>,
) {
    search::carry_out(task, reporter, move |()| Shared(make()));
}

struct Shared(Box<dyn TestStats>);

impl search::Subject for Shared {
    type Lab = protocol::stats::Counters;
    type Contract = Counters;

    fn contract((): &()) -> Counters {
        Counters
    }

    fn call(&self, call: Call) -> Outcome {
        match call {
            Call::Opened => self.0.came(),
            Call::Closed => self.0.left(),
            Call::Bytes(count) => self.0.carried(count),
            Call::Snapshot => return Outcome::Saw(self.0.look()),
        }
        Outcome::Counted
    }

    fn breach(me: usize, _: Call, outcome: Outcome, possible: &[Possible<Counters>]) -> Breach {
        let Outcome::Saw(got) = outcome else { unreachable!("to count is always allowed") };
        let answers = possible.iter().filter_map(|one| match one.effects[me] {
            Some(Outcome::Saw(counts)) => Some(counts),
            _ => None,
        });
        classify(got, &answers.collect::<Vec<_>>())
    }
}

/// What is wrong with a snapshot that is none of those possible.
fn classify(got: Counts, answers: &[Counts]) -> Breach {
    for counter in [Counter::Opened, Counter::Closed, Counter::Bytes] {
        let (got, right) = (got.of(counter), || answers.iter().map(|counts| counts.of(counter)));
        if let Some(most) = right().max().filter(|most| got > *most) {
            return Breach::More { counter, got, most };
        }
        // Nothing that is possible: the next number up is what was missed.
        if !right().any(|value| value == got)
            && let Some(least) = right().filter(|value| *value > got).min()
        {
            return Breach::Less { counter, got, least };
        }
    }
    Breach::MoreClosedThanOpened { got }
}
