//! Contracts as sequential specifications, and a monitor that holds executions against them.
//!
//! A call takes effect at one moment between its begin and its end. Nobody outside sees when, so the monitor keeps
//! every [`Configuration`] that is still possible: the state of what is shared, and which of the calls under way have
//! taken effect, with which outcome. When a call ends, the configurations in which it has not taken effect with that
//! outcome are struck out. None left: the execution breaks the contract (it is not *linearizable*).
//!
//! The sets of configurations are the states of an automaton. A search goes through the same few hundred of them again
//! and again, so each is worked out once; and its number is all that a verdict can depend on.

pub mod buffer;
pub mod pool;
pub mod semaphore;
pub mod stats;

use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::Hash;

/// What calls do if they are made one after the other.
pub trait Specification: Debug + 'static {
    /// A call with its arguments.
    type Call: Copy + Debug + Eq + Hash;
    /// What a call comes back with.
    type Outcome: Copy + Debug + Eq + Ord + Hash;
    /// What is shared.
    type State: Clone + Debug + Eq + Ord + Hash;

    /// The state at first.
    fn start(&self) -> Self::State;

    /// What a call of a thread may do next: each state that can come of it, with the outcome where the call takes effect
    /// with this step; a step without an outcome is one on the call's way. None: it has to wait.
    fn steps(
        &self,
        state: &Self::State,
        thread: usize,
        call: Self::Call,
    ) -> Vec<(Self::State, Option<Self::Outcome>)>;

    /// A monitor for threads 0 to `threads` - 1: `Box::new(Contract::new(self, threads))`, written out in this crate for
    /// each specification, so that what a search does all the time is compiled here, where it is optimised.
    fn monitor(self, threads: usize) -> Box<dyn Monitor<Self>>
    where
        Self: Sized;
}

/// What is seen of a thread, or of whatever else has calls of its own: nobody but the specification knows what a number
/// stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sight<C, O> {
    /// It begins a call.
    Begins(C),
    /// Its call ends.
    Ends(O),
}

/// One possible truth.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Configuration<T, O> {
    /// What is shared.
    pub state: T,
    /// Per thread: the outcome of its call, where it has taken effect and not yet ended.
    pub effects: Vec<Option<O>>,
}

/// One possible truth about what a specification is of.
pub type Possible<S> = Configuration<<S as Specification>::State, <S as Specification>::Outcome>;

/// What was seen in the terms of a specification.
pub type Seen<S> = Sight<<S as Specification>::Call, <S as Specification>::Outcome>;

/// Holds an execution against a contract, sight by sight.
pub trait Monitor<S: Specification> {
    /// The state after something was seen of a thread; None: the contract does not allow it.
    fn next(&mut self, state: usize, thread: usize, sight: Seen<S>) -> Option<usize>;

    /// Everything that may be true in a state.
    fn possible(&self, state: usize) -> &[Possible<S>];

    /// Whether a thread has a call under way.
    fn is_under_way(&self, state: usize, thread: usize) -> bool;

    /// For a state in which nobody can go on: None where the contract lets every call under way wait; else the threads
    /// whose call could go on.
    fn could_go_on(&self, state: usize) -> Option<Vec<usize>>;
}

/// Nothing was seen yet.
pub const START: usize = 0;

/// A specification as an automaton.
#[derive(Debug)]
pub struct Contract<S: Specification> {
    specification: S,
    states: Vec<StateOf<S>>,
    numbers: HashMap<StateOf<S>, usize>,
    /// Per state and thread: where a sight leads, for those that were asked for. They are few.
    next: Vec<Vec<Edges<S>>>,
}

type Edges<S> = Vec<(Seen<S>, Option<usize>)>;

/// All that is still possible, and the calls under way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State<T, C, O> {
    /// In order, each once.
    possible: Vec<Configuration<T, O>>,
    /// Per thread: its call under way.
    under_way: Vec<Option<C>>,
}

type StateOf<S> =
    State<<S as Specification>::State, <S as Specification>::Call, <S as Specification>::Outcome>;

impl<S: Specification> Contract<S> {
    /// For threads 0 to `threads` - 1.
    pub fn new(specification: S, threads: usize) -> Contract<S> {
        let first = Configuration { state: specification.start(), effects: vec![None; threads] };
        let start = State { possible: vec![first], under_way: vec![None; threads] };
        let (states, numbers, next) = (Vec::new(), HashMap::new(), Vec::new());
        let mut contract = Contract { specification, states, numbers, next };
        contract.number(start);
        contract
    }

    fn number(&mut self, state: StateOf<S>) -> usize {
        let number = *self.numbers.entry(state.clone()).or_insert(self.states.len());
        if number == self.states.len() {
            self.next.push(vec![Vec::new(); state.under_way.len()]);
            self.states.push(state);
        }
        number
    }

    fn begins(&self, mut state: StateOf<S>, thread: usize, call: S::Call) -> StateOf<S> {
        state.under_way[thread] = Some(call);
        let mut next = 0;
        while next < state.possible.len() {
            for thread in 0..state.under_way.len() {
                for after in self.steps(&state, &state.possible[next], thread) {
                    if !state.possible.contains(&after) {
                        state.possible.push(after);
                    }
                }
            }
            next += 1;
        }
        state.possible.sort_unstable();
        state
    }

    /// What may become of a configuration by a step of a thread.
    fn steps(&self, state: &StateOf<S>, before: &Possible<S>, thread: usize) -> Vec<Possible<S>> {
        let Some(call) = state.under_way[thread].filter(|_| before.effects[thread].is_none()) else {
            return Vec::new();
        };
        let steps = self.specification.steps(&before.state, thread, call).into_iter();
        let after = steps.map(|(state, outcome)| {
            let mut effects = before.effects.clone();
            effects[thread] = outcome;
            Configuration { state, effects }
        });
        after.collect()
    }

    /// The threads whose call is over, or can go on.
    fn ready(&self, state: &StateOf<S>, configuration: &Possible<S>) -> Vec<usize> {
        let ready = |thread: &usize| {
            configuration.effects[*thread].is_some() || !self.steps(state, configuration, *thread).is_empty()
        };
        (0..state.under_way.len()).filter(ready).collect()
    }
}

impl<S: Specification> Monitor<S> for Contract<S> {
    fn next(&mut self, state: usize, thread: usize, sight: Seen<S>) -> Option<usize> {
        if let Some((_, known)) = self.next[state][thread].iter().find(|(edge, _)| *edge == sight) {
            return *known;
        }
        let before = self.states[state].clone();
        let after = match sight {
            Sight::Begins(call) => Some(self.begins(before, thread, call)),
            Sight::Ends(outcome) => ends(before, thread, outcome),
        };
        let next = after.map(|after| self.number(after));
        self.next[state][thread].push((sight, next));
        next
    }

    fn possible(&self, state: usize) -> &[Possible<S>] {
        &self.states[state].possible
    }

    fn is_under_way(&self, state: usize, thread: usize) -> bool {
        self.states[state].under_way[thread].is_some()
    }

    fn could_go_on(&self, state: usize) -> Option<Vec<usize>> {
        let state = &self.states[state];
        let ready: Vec<_> = state.possible.iter().map(|one| self.ready(state, one)).collect();
        if ready.iter().any(Vec::is_empty) {
            return None;
        }
        // The plainest truth: the fewest calls that are over, and the fewest that could go on.
        let effects = |one: &Possible<S>| one.effects.iter().flatten().count();
        let plainest = |(one, ready): &(&Possible<S>, Vec<usize>)| (effects(one), ready.len());
        state.possible.iter().zip(ready).min_by_key(plainest).map(|(_, ready)| ready)
    }
}

fn ends<T: Clone, C: Copy, O: Copy + Eq>(
    mut state: State<T, C, O>,
    thread: usize,
    outcome: O,
) -> Option<State<T, C, O>> {
    state.under_way[thread] = None;
    state.possible.retain(|configuration| configuration.effects[thread] == Some(outcome));
    state.possible.iter_mut().for_each(|configuration| configuration.effects[thread] = None);
    (!state.possible.is_empty()).then_some(state)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Call::{Shut, Work};
    use Outcome::{ShutDown, Worked};
    use Sight::{Begins, Ends};

    /// Something that can be shut: at first nothing new is let in, and then shutting waits for what is inside.
    #[derive(Debug)]
    struct Shop;

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    enum Call {
        Work,
        Shut,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    enum Outcome {
        Worked(bool),
        ShutDown,
    }

    impl Specification for Shop {
        type Call = Call;
        type Outcome = Outcome;
        /// Whether it is open, and how many are inside.
        type State = (bool, usize);

        fn start(&self) -> Self::State {
            (true, 1)
        }

        fn steps(
            &self,
            &(open, inside): &(bool, usize),
            _: usize,
            call: Call,
        ) -> Vec<(Self::State, Option<Outcome>)> {
            match call {
                Work => vec![((open, inside), Some(Worked(open)))],
                Shut if open => vec![((false, inside), None)],
                Shut if inside > 0 => Vec::new(),
                Shut => vec![((open, inside), Some(ShutDown))],
            }
        }

        fn monitor(self, threads: usize) -> Box<dyn Monitor<Shop>> {
            Box::new(Contract::new(self, threads))
        }
    }

    #[test]
    fn a_step_on_the_way_of_a_call_may_have_been_taken_or_not() {
        for open in [true, false] {
            let mut shop = Shop.monitor(2);
            let shutting = shop.next(START, 0, Begins(Shut)).expect("allowed");
            let working = shop.next(shutting, 1, Begins(Work)).expect("allowed");
            assert!(shop.next(working, 1, Ends(Worked(open))).is_some());
            assert_eq!(shop.next(working, 0, Ends(ShutDown)), None);
        }
    }

    #[test]
    fn a_call_that_waits_half_way_may_wait() {
        let mut shop = Shop.monitor(2);
        let shutting = shop.next(START, 0, Begins(Shut)).expect("allowed");
        assert_eq!(shop.could_go_on(shutting), None);
        let working = shop.next(shutting, 1, Begins(Work)).expect("allowed");
        assert_eq!(shop.could_go_on(working), Some(vec![1]));
    }
}
