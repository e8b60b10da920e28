//! Whether steps that were reported can be those of an execution: threads of the scenario make their calls, a lock is held by
//! one thread at a time, a thread that sleeps has let it go, and an atomic holds what was written to it.

use explore::trace::{ObjectId, ThreadId};
use protocol::retraced::{Act, Retraced, Taken};
use std::collections::BTreeMap;

/// Whether they can. `threads` are the scenario's: the name of each, and how many calls it makes.
pub(super) fn is_sound(seen: &Retraced, threads: &[(&str, usize)]) -> bool {
    let mut world = World::default();
    let mut allowed =
        |&Taken(thread, _, act): &Taken| thread < seen.threads.len() && world.allows(thread, act);
    if !seen.steps.iter().all(&mut allowed) {
        return false;
    }
    // An execution may have been left in the middle, even before some threads were started.
    let whole = world.lives.len() == seen.threads.len() && world.lives.values().all(|life| life.is_over);
    threads.iter().all(|&(name, calls)| {
        let named = world.lives.iter().filter(|(thread, _)| seen.threads[**thread] == name);
        let mut lives = named.map(|(_, life)| life).peekable();
        (!whole && lives.peek().is_none()) || lives.any(|life| life.is_of(calls))
    })
}

#[derive(Default)]
struct World {
    holders: BTreeMap<ObjectId, ThreadId>,
    atomics: BTreeMap<ObjectId, u64>,
    lives: BTreeMap<ThreadId, Life>,
}

/// What a thread has done.
#[derive(Default)]
struct Life {
    begun: usize,
    ended: usize,
    is_over: bool,
}

impl Life {
    /// Whether it can be one of a thread that makes so many calls: an execution may be left in the middle.
    fn is_of(&self, calls: usize) -> bool {
        self.begun <= calls && (!self.is_over || self.ended == calls)
    }
}

impl World {
    fn allows(&mut self, thread: ThreadId, act: Act) -> bool {
        let life = self.lives.entry(thread).or_default();
        if life.is_over {
            return false;
        }
        match act {
            Act::Call => life.begun += 1,
            Act::Return => life.ended += 1,
            Act::Exit => life.is_over = true,
            Act::Lock(mutex) => return self.holders.insert(mutex, thread).is_none(),
            Act::Unlock(mutex) => return self.holders.remove(&mutex) == Some(thread),
            Act::Load(atomic, value) => return *self.atomics.entry(atomic).or_insert(value) == value,
            Act::Store(atomic, value) => drop(self.atomics.insert(atomic, value)),
            Act::Update(atomic, before, after) => {
                return self.atomics.insert(atomic, after).is_none_or(|held| held == before);
            }
            Act::Other => {}
        }
        life.ended <= life.begun && life.begun <= life.ended + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(steps: &[(ThreadId, Act)]) -> Retraced {
        let steps = steps.iter().map(|&(thread, act)| Taken(thread, None, act)).collect();
        Retraced { threads: ["main", "P1", "C1"].map(str::to_owned).to_vec(), steps, state: 0 }
    }

    /// A run of a buffer, from which each case takes or changes a step: C1 sleeps until P1 has put an item.
    fn run() -> Vec<(ThreadId, Act)> {
        vec![
            (0, Act::Exit),
            (2, Act::Call),
            (2, Act::Lock(0)),
            (2, Act::Unlock(0)),
            (1, Act::Call),
            (1, Act::Lock(0)),
            (1, Act::Unlock(0)),
            (1, Act::Return),
            (1, Act::Exit),
            (2, Act::Lock(0)),
            (2, Act::Unlock(0)),
            (2, Act::Return),
            (2, Act::Exit),
        ]
    }

    const THREADS: [(&str, usize); 2] = [("P1", 1), ("C1", 1)];

    #[test]
    fn a_run_is_one_whole_or_cut_short() {
        let run = run();
        for length in 0..=run.len() {
            assert!(is_sound(&seen(&run[..length]), &THREADS), "{length}");
        }
    }

    #[test]
    fn what_no_execution_does_is_not_believed() {
        let without = |at: usize| {
            let mut run = run();
            run.remove(at);
            run
        };
        // A lock that is never taken, never let go, and calls that nobody makes.
        for at in [2, 3, 4, 5, 6, 7, 11] {
            assert!(!is_sound(&seen(&without(at)), &THREADS), "without step {at}");
        }
        assert!(!is_sound(&seen(&run()), &[("P1", 2), ("C1", 1)]), "a call less than it makes");
        assert!(!is_sound(&seen(&run()), &[("P1", 1), ("C1", 1), ("C2", 1)]), "a thread that is not there");
        let nothing = [(0, Act::Exit), (1, Act::Exit), (2, Act::Exit)];
        assert!(!is_sound(&seen(&nothing), &THREADS), "threads that do nothing");
        let update = |before, after| Act::Update(0, before, after);
        assert!(is_sound(&seen(&[(1, update(0, 1)), (2, update(1, 2))]), &[]));
        assert!(!is_sound(&seen(&[(1, update(0, 1)), (2, update(0, 1))]), &[]), "an update is lost");
    }
}
