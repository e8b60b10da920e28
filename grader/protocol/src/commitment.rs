//! What binds a search to what it has done: a digest of all executions, given before the grader says which of them it wants
//! to see.
//!
//! Executions lie in blocks. The digests of the blocks are the leaves of a binary tree; its root is the commitment. A block
//! that is shown comes with the digests beside its way to the root. (Merkle 1987, "A digital signature based on a conventional
//! encryption function".)

use crate::search::{Phase, Ran};
use explore::{Mark, Schedule};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// How many executions a block has; the last one may have fewer.
const BLOCK: u64 = 16;

type Digest = [u8; 32];

/// The commitment of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commitment {
    /// How many executions there were.
    pub executions: u64,
    /// The root of the tree.
    pub root: Digest,
}

/// A block that is shown, with what ties it to the root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// Its executions, in the order in which they were run.
    pub executions: Vec<Ran>,
    /// The digests beside its way to the root, from the leaf up; none where there is no other block beside it.
    pub beside: Vec<Option<Digest>>,
}

/// Gathers the executions of a search: there may be millions, so they are kept as short as they can be.
#[derive(Debug, Default)]
pub struct Ledger {
    bytes: Vec<u8>,
    /// Where each execution begins.
    starts: Vec<usize>,
}

impl Ledger {
    /// Notes an execution.
    pub fn note(&mut self, scenario: usize, phase: Phase, schedule: &Schedule, mark: Mark) {
        self.starts.push(self.bytes.len());
        write(scenario, phase, schedule, mark, &mut self.bytes);
    }

    /// The tree over all that was noted.
    pub fn tree(self) -> Tree {
        let mut levels = vec![self.blocks().map(leaf).collect::<Vec<_>>()];
        while let Some(below) = levels.last().filter(|level| level.len() > 1) {
            levels.push(below.chunks(2).map(|pair| node(pair[0], pair.get(1).copied())).collect());
        }
        Tree { ledger: self, levels }
    }

    fn blocks(&self) -> impl Iterator<Item = &[u8]> {
        let starts = self.starts.iter().copied().step_by(BLOCK as usize);
        let ends = starts.clone().skip(1).chain([self.bytes.len()]);
        starts.zip(ends).map(|(start, end)| &self.bytes[start..end])
    }
}

/// A search that is over, with the digests of what it has done.
#[derive(Debug)]
pub struct Tree {
    ledger: Ledger,
    /// From the leaves up to the root.
    levels: Vec<Vec<Digest>>,
}

impl Tree {
    /// What binds the search to all that it has done.
    pub fn commitment(&self) -> Commitment {
        let root = self.levels.last().and_then(|top| top.first().copied()).unwrap_or_default();
        Commitment { executions: self.ledger.starts.len() as u64, root }
    }

    /// Shows the blocks of these numbers; none for a number that there is not.
    pub fn show(&self, blocks: &[u64]) -> Vec<Shown> {
        let show = |&block: &u64| {
            let mut at = usize::try_from(block).ok()?;
            let executions = read_all(self.ledger.blocks().nth(at)?)?;
            let mut beside = Vec::new();
            for level in &self.levels[..self.levels.len() - 1] {
                beside.push(level.get(at ^ 1).copied());
                at /= 2;
            }
            Some(Shown { executions, beside })
        };
        blocks.iter().filter_map(show).collect()
    }
}

impl Commitment {
    /// How many blocks there are.
    pub fn blocks(&self) -> u64 {
        self.executions.div_ceil(BLOCK)
    }

    /// Whether that is what was committed to as the block of this number.
    pub fn binds(&self, block: u64, shown: &Shown) -> bool {
        let size = BLOCK.min(self.executions - (block * BLOCK).min(self.executions));
        let depth = self.blocks().max(1).next_power_of_two().trailing_zeros() as usize;
        if shown.executions.len() as u64 != size || size == 0 || shown.beside.len() != depth {
            return false;
        }
        let mut bytes = Vec::new();
        for Ran { scenario, phase, schedule, mark } in &shown.executions {
            write(*scenario, *phase, schedule, *mark, &mut bytes);
        }
        let (mut at, mut digest, mut width) = (block, leaf(&bytes), self.blocks());
        for &beside in &shown.beside {
            // The last of a level with an odd number of nodes stands alone, and no other does.
            if beside.is_none() != ((at ^ 1) >= width) {
                return false;
            }
            digest = match beside {
                Some(left) if at % 2 == 1 => node(left, Some(digest)),
                right => node(digest, right),
            };
            (at, width) = (at / 2, width.div_ceil(2));
        }
        digest == self.root
    }
}

/// Leaves and nodes begin differently, so that none can be passed off as the other.
fn leaf(block: &[u8]) -> Digest {
    Sha256::new_with_prefix([0]).chain_update(block).finalize().into()
}

fn node(left: Digest, right: Option<Digest>) -> Digest {
    let hash = Sha256::new_with_prefix([1]).chain_update(left);
    right.map_or(hash.clone(), |right| hash.chain_update(right)).finalize().into()
}

/// An execution as bytes: five numbers of two bytes, two of eight, and a byte for each pick: there are never more options
/// than threads and sleepers.
fn write(scenario: usize, phase: Phase, schedule: &Schedule, mark: Mark, bytes: &mut Vec<u8>) {
    let (Phase { bound, spurious }, Schedule { fine_points, picks }) = (phase, schedule);
    let small = |number: usize| u16::try_from(number).unwrap_or(u16::MAX).to_le_bytes();
    bytes.extend(small(scenario));
    bytes.extend(small(bound.map_or(0, |bound| bound as usize + 1)));
    bytes.extend(small(spurious as usize));
    bytes.extend(small(usize::from(*fine_points)));
    bytes.extend(small(picks.len()));
    bytes.extend(mark.events.to_le_bytes());
    bytes.extend(mark.state.to_le_bytes());
    bytes.extend(picks.iter().map(|&pick| u8::try_from(pick).unwrap_or(u8::MAX)));
}

fn read_all(mut bytes: &[u8]) -> Option<Vec<Ran>> {
    let mut all = Vec::new();
    while !bytes.is_empty() {
        all.push(read(&mut bytes)?);
    }
    Some(all)
}

fn read(bytes: &mut &[u8]) -> Option<Ran> {
    let scenario = usize::from(small(bytes)?);
    let bound = small(bytes)?.checked_sub(1).map(u32::from);
    let phase = Phase { bound, spurious: small(bytes)?.into() };
    let fine_points = small(bytes)? != 0;
    let picks = usize::from(small(bytes)?);
    let mark = Mark { events: large(bytes)?, state: large(bytes)? };
    let picks = bytes.split_off(..picks)?.iter().map(|pick| usize::from(*pick)).collect();
    Some(Ran { scenario, phase, schedule: Schedule { fine_points, picks }, mark })
}

fn small(bytes: &mut &[u8]) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.split_off(..2)?.try_into().ok()?))
}

fn large(bytes: &mut &[u8]) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.split_off(..8)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ran(number: usize) -> Ran {
        Ran {
            scenario: number % 3,
            phase: Phase { bound: Some(2), spurious: 1 },
            schedule: Schedule { fine_points: false, picks: vec![number % 7, number % 5] },
            mark: Mark { events: number as u64, state: 1 },
        }
    }

    fn tree(count: usize) -> Tree {
        let mut ledger = Ledger::default();
        for Ran { scenario, phase, schedule, mark } in (0..count).map(ran) {
            ledger.note(scenario, phase, &schedule, mark);
        }
        ledger.tree()
    }

    #[test]
    fn every_block_is_bound_at_its_place_and_nowhere_else() {
        for count in [1, 2, 15, 16, 17, 32, 33, 300, 16 * 5, 16 * 7 + 1] {
            let tree = tree(count);
            let commitment = tree.commitment();
            let all: Vec<u64> = (0..commitment.blocks()).collect();
            let shown = tree.show(&all);
            assert_eq!(shown.len() as u64, commitment.blocks());
            let executions: Vec<Ran> = shown.iter().flat_map(|shown| shown.executions.clone()).collect();
            assert_eq!(executions, (0..count).map(ran).collect::<Vec<_>>());
            for (block, shown) in shown.iter().enumerate() {
                for at in 0..commitment.blocks() + 2 {
                    assert_eq!(commitment.binds(at, shown), at == block as u64, "{count} {block} at {at}");
                }
            }
        }
    }

    #[test]
    fn nothing_of_a_block_can_be_changed() {
        let tree = tree(200);
        let commitment = tree.commitment();
        let shown = tree.show(&[1]).remove(0);
        let changes: [fn(&mut Shown); 9] = [
            |shown| shown.executions[5].scenario += 1,
            |shown| shown.executions[5].phase.bound = None,
            |shown| shown.executions[5].phase.spurious = 0,
            |shown| shown.executions[5].schedule.picks[1] += 1,
            |shown| shown.executions[5].schedule.picks.push(0),
            |shown| shown.executions[5].schedule.fine_points = true,
            |shown| shown.executions[5].mark.state = 2,
            |shown| _ = shown.executions.pop(),
            |shown| _ = shown.beside.pop(),
        ];
        for (number, change) in changes.into_iter().enumerate() {
            let mut changed = shown.clone();
            change(&mut changed);
            assert!(!commitment.binds(1, &changed), "change {number}");
        }
        assert!(commitment.binds(1, &shown));
        assert!(!Commitment { executions: 199, ..commitment }.binds(12, &tree.show(&[12])[0]));
    }

    #[test]
    fn without_executions_there_is_nothing_to_show() {
        let tree = Ledger::default().tree();
        assert_eq!(tree.commitment().blocks(), 0);
        assert!(tree.show(&[0]).is_empty());
    }
}
