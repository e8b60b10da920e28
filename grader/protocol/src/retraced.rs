//! An execution that was run again, as far as it can be held against the search that it is from and against what any execution
//! does. Files, names and contents are left out: to report them cost more than to run the steps.

use explore::Mark;
use explore::trace::{self, Event, ObjectId, Step, ThreadId, Trace};
use serde::{Deserialize, Serialize};

/// What was seen of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retraced {
    /// The threads' names, by number.
    pub threads: Vec<String>,
    /// The steps, in the order in which they were taken.
    pub steps: Vec<Taken>,
    /// What was left when it was over, see [`Mark::state`].
    pub state: u64,
}

/// One step: the thread, its line, where the language gives one, and what was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken(pub ThreadId, pub Option<u32>, pub Act);

/// What a step did to what the threads share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Began a call of the scenario.
    Call,
    /// Came back from it.
    Return,
    /// Got this mutex.
    Lock(ObjectId),
    /// Let it go, perhaps to sleep.
    Unlock(ObjectId),
    /// Read this value from an atomic.
    Load(ObjectId, u64),
    /// Wrote this value to it.
    Store(ObjectId, u64),
    /// Replaced the first value by the second.
    Update(ObjectId, u64, u64),
    /// Ended the thread.
    Exit,
    /// Anything else.
    Other,
}

impl Retraced {
    /// What the trace of an execution comes to, with the state that was left.
    pub fn of(trace: &Trace, state: u64) -> Retraced {
        let steps = trace.events.iter().filter(|event| event.step.is_in_digest()).map(Taken::of);
        Retraced { threads: trace.threads.clone(), steps: steps.collect(), state }
    }

    /// The mark that a search has of an execution with these steps.
    pub fn mark(&self) -> Mark {
        let steps = self.steps.iter().map(|&Taken(thread, line, _)| (thread, line));
        Mark { events: trace::digest(steps), state: self.state }
    }
}

impl Taken {
    fn of(event: &Event) -> Taken {
        let act = match event.step {
            Step::Call { .. } => Act::Call,
            Step::Return { .. } => Act::Return,
            Step::Lock { mutex } | Step::Wake { mutex, .. } => Act::Lock(mutex),
            Step::Unlock { mutex, .. } | Step::Wait { mutex, .. } => Act::Unlock(mutex),
            Step::Load { atomic, value } => Act::Load(atomic, value),
            Step::Store { atomic, value } => Act::Store(atomic, value),
            Step::Update { atomic, before, after, .. } => Act::Update(atomic, before, after),
            Step::Exit => Act::Exit,
            _ => Act::Other,
        };
        Taken(event.thread, event.place.as_ref().map(|place| place.line), act)
    }
}
