//! Which of the executions that a search says it has run are looked at, and whether they are what they should be.

use super::conduct;
use super::{Plan, Words};
use crate::process::random;
use protocol::commitment::{Commitment, Shown};
use protocol::retraced::Retraced;
use protocol::search::{Explored, Question, Ran, Result as Found};
use std::io;

/// How many blocks are looked into, and how many executions are run again.
const BLOCKS: u64 = 3;
const EXECUTIONS: usize = 8;

/// Why a search is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// It committed to another number of executions than it counted.
    Count,
    /// What it shows is not what it committed to.
    Unbound,
    /// The schedules do not follow each other as in a search.
    Order,
    /// An execution comes out otherwise when it is run again.
    Differs,
    /// What was run again is no execution of the scenario.
    Conduct,
    /// There are no random numbers to choose by.
    NoChoice,
}

impl From<io::Error> for Doubt {
    fn from(_: io::Error) -> Doubt {
        Doubt::NoChoice
    }
}

/// What is asked of one search.
pub(super) struct Sample {
    commitment: Commitment,
    blocks: Vec<u64>,
}

impl Sample {
    /// Chooses what to ask, now that the search is bound to what it has done. `told` is what it has told of each scenario.
    pub(super) fn of<C, O, B>(commitment: Commitment, told: &[Found<C, O, B>]) -> Result<Sample, Doubt> {
        let schedules = told.iter().filter_map(|result| match result {
            Found::Searched { schedules, .. } => Some(*schedules),
            _ => None,
        });
        if schedules.sum::<u64>() != commitment.executions {
            return Err(Doubt::Count);
        }
        Ok(Sample { commitment, blocks: draw(commitment.blocks(), BLOCKS)? })
    }

    pub(super) fn question(&self) -> Question {
        Question { blocks: self.blocks.clone() }
    }

    /// Chooses the executions to run again among those that were shown.
    pub(super) fn choose<L: Explored>(&self, plan: &Plan<L>, shown: Vec<Shown>) -> Result<Vec<Ran>, Doubt> {
        let bound = |(block, shown): (&u64, &Shown)| self.commitment.binds(*block, shown);
        if shown.len() != self.blocks.len() || !self.blocks.iter().zip(&shown).all(bound) {
            return Err(Doubt::Unbound);
        }
        let planned = |ran: &Ran| ran.scenario < plan.scenarios.len() && plan.phases.contains(&ran.phase);
        let in_order = |shown: &Shown| shown.executions.windows(2).all(|pair| follows(&pair[0], &pair[1]));
        if !shown.iter().all(|shown| shown.executions.iter().all(planned) && in_order(shown)) {
            return Err(Doubt::Order);
        }
        let all: Vec<Ran> = shown.into_iter().flat_map(|shown| shown.executions).collect();
        let chosen = draw(all.len() as u64, EXECUTIONS as u64)?;
        Ok(chosen.into_iter().map(|at| all[at as usize].clone()).collect())
    }
}

/// What stands against an execution that was run again.
pub(super) fn differs<L: Words>(plan: &Plan<L>, ran: &Ran, seen: &Retraced) -> Option<Doubt> {
    if ran.mark != seen.mark() {
        return Some(Doubt::Differs);
    }
    let threads =
        plan.scenarios[ran.scenario].threads.iter().map(|plan| (plan.name.as_str(), plan.calls.len()));
    (!conduct::is_sound(seen, &threads.collect::<Vec<_>>())).then_some(Doubt::Conduct)
}

/// Whether one execution can come after another: a search takes the last decision that has an option left otherwise, so that
/// schedules of one search come in the order of a dictionary.
fn follows(before: &Ran, after: &Ran) -> bool {
    let searched = |ran: &Ran| (ran.scenario, ran.phase, ran.schedule.fine_points);
    searched(before) != searched(after) || before.schedule.picks < after.schedule.picks
}

/// So many different numbers below `count`, or all of them, in order.
fn draw(count: u64, most: u64) -> io::Result<Vec<u64>> {
    let mut chosen = Vec::new();
    for taken in 0..most.min(count) {
        let mut number = u64::from_le_bytes(random()?) % (count - taken);
        // The numbers that are left, counted past those that are taken.
        for &other in &chosen {
            number += u64::from(number >= other);
        }
        chosen.push(number);
        chosen.sort_unstable();
    }
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use explore::{Mark, Schedule};
    use protocol::search::Phase;

    #[test]
    fn a_sample_has_no_number_twice_and_every_number_can_be_in_it() {
        let mut seen = [0; 10];
        for _ in 0..500 {
            let chosen = draw(10, 3).unwrap();
            assert!(chosen.len() == 3 && chosen.windows(2).all(|pair| pair[0] < pair[1]), "{chosen:?}");
            chosen.iter().for_each(|number| seen[*number as usize] += 1);
        }
        assert!(seen.iter().all(|times| *times > 50), "{seen:?}");
        assert_eq!(draw(2, 8).unwrap(), [0, 1]);
        assert!(draw(0, 8).unwrap().is_empty());
    }

    #[test]
    fn schedules_of_one_search_come_in_order() {
        let ran = |scenario, picks: &[usize]| Ran {
            scenario,
            phase: Phase { bound: Some(0), spurious: 0 },
            schedule: Schedule { fine_points: false, picks: picks.to_vec() },
            mark: Mark::default(),
        };
        assert!(follows(&ran(0, &[0, 1]), &ran(0, &[1])));
        assert!(follows(&ran(0, &[1]), &ran(1, &[])));
        for after in [&[0, 1][..], &[0], &[0, 0, 5]] {
            assert!(!follows(&ran(0, &[0, 1]), &ran(0, after)), "{after:?}");
        }
    }
}
