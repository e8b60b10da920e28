//! Whether steps that were reported can be those of an execution: threads of the scenario make their calls, a lock is held by
//! one thread at a time, a thread that sleeps has let it go, and an atomic holds what was written to it.

use explore::trace::{Event, ObjectId, Step, ThreadId, Trace};
use std::collections::BTreeMap;

/// Whether they can. `threads` are the scenario's: the name of each, and how many calls it makes.
pub(super) fn is_sound(trace: &Trace, threads: &[(&str, usize)]) -> bool {
    let mut world = World::default();
    let allowed =
        |event: &Event| event.thread < trace.threads.len() && world.allows(event.thread, &event.step);
    if !trace.events.iter().all(allowed) {
        return false;
    }
    // An execution may have been left in the middle, even before some threads were started.
    let whole = world.lives.len() == trace.threads.len() && world.lives.values().all(|life| life.is_over);
    threads.iter().all(|&(name, calls)| {
        let named = world.lives.iter().filter(|(thread, _)| trace.threads[**thread] == name);
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
    fn allows(&mut self, thread: ThreadId, step: &Step) -> bool {
        let life = self.lives.entry(thread).or_default();
        if life.is_over {
            return false;
        }
        match *step {
            Step::Call { .. } => life.begun += 1,
            Step::Return { .. } => life.ended += 1,
            Step::Exit => life.is_over = true,
            Step::Lock { mutex } | Step::Wake { mutex, .. } => {
                return self.holders.insert(mutex, thread).is_none();
            }
            Step::Unlock { mutex, .. } | Step::Wait { mutex, .. } => {
                return self.holders.remove(&mutex) == Some(thread);
            }
            Step::Load { atomic, value } => {
                return *self.atomics.entry(atomic).or_insert(value) == value;
            }
            Step::Store { atomic, value } => drop(self.atomics.insert(atomic, value)),
            Step::Update { atomic, before, after, .. } => {
                return self.atomics.insert(atomic, after).is_none_or(|held| held == before);
            }
            _ => {}
        }
        life.ended <= life.begun && life.begun <= life.ended + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(steps: &[(ThreadId, Step)]) -> Trace {
        let event =
            |(thread, step): &(ThreadId, Step)| Event { thread: *thread, place: None, step: step.clone() };
        let threads = ["main", "P1", "C1"].map(str::to_owned).to_vec();
        Trace { threads, events: steps.iter().map(event).collect(), ..Trace::default() }
    }

    fn call(label: &str) -> Step {
        Step::Call { label: label.to_owned() }
    }

    fn returns(label: &str) -> Step {
        Step::Return { label: label.to_owned() }
    }

    /// A run of a buffer, from which each case takes or changes a step.
    fn run() -> Vec<(ThreadId, Step)> {
        let unlock = Step::Unlock { mutex: 0, contents: Vec::new() };
        vec![
            (0, Step::Exit),
            (2, call("take()")),
            (2, Step::Lock { mutex: 0 }),
            (2, Step::Wait { condvar: 0, mutex: 0, contents: Vec::new() }),
            (1, call("put(10)")),
            (1, Step::Lock { mutex: 0 }),
            (1, unlock.clone()),
            (1, returns("put(10)")),
            (1, Step::Exit),
            (2, Step::Wake { condvar: 0, mutex: 0, by: Some(1) }),
            (2, unlock),
            (2, returns("take() = 10")),
            (2, Step::Exit),
        ]
    }

    const THREADS: [(&str, usize); 2] = [("P1", 1), ("C1", 1)];

    #[test]
    fn a_run_is_one_whole_or_cut_short() {
        let run = run();
        for length in 0..=run.len() {
            assert!(is_sound(&trace(&run[..length]), &THREADS), "{length}");
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
            assert!(!is_sound(&trace(&without(at)), &THREADS), "without step {at}");
        }
        assert!(!is_sound(&trace(&run()), &[("P1", 2), ("C1", 1)]), "a call less than it makes");
        assert!(!is_sound(&trace(&run()), &[("P1", 1), ("C1", 1), ("C2", 1)]), "a thread that is not there");
        let nothing = [(0, Step::Exit), (1, Step::Exit), (2, Step::Exit)];
        assert!(!is_sound(&trace(&nothing), &THREADS), "threads that do nothing");
        let update = |before, after| Step::Update { atomic: 0, call: "fetch_add".to_owned(), before, after };
        assert!(is_sound(&trace(&[(1, update(0, 1)), (2, update(1, 2))]), &[]));
        assert!(!is_sound(&trace(&[(1, update(0, 1)), (2, update(0, 1))]), &[]), "an update is lost");
    }
}
