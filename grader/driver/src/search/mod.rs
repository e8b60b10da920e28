//! The driver of a lab that is explored: searches scenarios with the student's code, or replays one schedule.
//!
//! A lab's own driver is a [`Subject`]: how the student's code is made and called. What every execution is held against
//! is a [`Specification`]; both know no scenario.

mod failure;
mod scene;
mod stall;
mod watch;
mod work;

pub use watch::{breaks, broken, ends, said, sees};

use contract::{Possible, Specification};
use protocol::driver::Reporter;
use protocol::search::{Explored, Task};
use work::Work;

/// A student's code as the threads of a scenario share it.
pub trait Subject: Sized + Send + Sync + 'static {
    /// The kinds of data that its tasks and results are made of.
    type Lab: Explored;
    /// What it promises.
    type Contract: Specification<Call = Call<Self>, Outcome = Outcome<Self>>;

    /// What it promises if it is made in this way.
    fn contract(made: &Made<Self>) -> Self::Contract;

    /// Carries out a call, in the thread that makes it.
    fn call(&self, call: Call<Self>) -> Outcome<Self>;

    /// What a call breaks that came back, to the thread of this number in the contract, with what the contract does not
    /// allow, given all that was possible.
    fn breach(
        thread: usize,
        call: Call<Self>,
        outcome: Outcome<Self>,
        possible: &[Possible<Self::Contract>],
    ) -> Breach<Self>;

    /// What else is wrong with a call that came back with what the contract allows.
    fn beside(_made: &Made<Self>, _call: Call<Self>) -> Option<Breach<Self>> {
        None
    }

    /// Whether two breaches are of one kind, whatever the items were.
    fn alike(one: &Breach<Self>, other: &Breach<Self>) -> bool {
        one == other
    }

    /// Calls that are under way from the beginning and that no thread of the scenario makes. In the contract their numbers
    /// follow those of the scenario's threads, which count from 1.
    fn under_way(_made: &Made<Self>) -> Vec<Call<Self>> {
        Vec::new()
    }
}

/// How a subject is made.
pub type Made<S> = <<S as Subject>::Lab as Explored>::Subject;
/// A call of it.
pub type Call<S> = <<S as Subject>::Lab as Explored>::Call;
/// What a call comes back with.
pub type Outcome<S> = <<S as Subject>::Lab as Explored>::Outcome;
/// How a call breaks the contract.
pub type Breach<S> = <<S as Subject>::Lab as Explored>::Breach;

type Scenario<S> = protocol::search::Scenario<Made<S>, Call<S>>;
type Failure<S> = protocol::search::FailureOf<<S as Subject>::Lab>;
type Called<S> = protocol::search::Called<Call<S>, Outcome<S>>;

/// Carries out a task. `make` is how the subject is made, afresh for every execution and in its main thread.
pub fn carry_out<S: Subject>(
    task: Task<Made<S>, Call<S>>,
    reporter: Reporter<S::Lab>,
    make: impl Fn(&Made<S>) -> S + 'static,
) {
    Work::<S>::new(reporter, make).carry_out(&task);
}
