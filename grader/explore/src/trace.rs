//! What happened in one schedule, step by step: the raw material of a timeline.

use std::fmt;

/// The number of a thread: its place in [`Trace::threads`]. Thread 0 is the program's main thread.
pub type ThreadId = usize;

/// The number of a mutex, a condition variable, an atomic, a semaphore or an unprotected value: its place among those of its
/// kind in a [`Trace`].
pub type ObjectId = usize;

/// A line of source.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Place {
    /// The file as the compiler names it.
    pub file: String,
    /// The line, counted from 1.
    pub line: u32,
}

/// One schedule: who took part, and every step in the order it was taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Trace {
    /// The threads' names, by number.
    pub threads: Vec<String>,
    /// Where each mutex was made.
    pub mutexes: Vec<Place>,
    /// Where each condition variable was made.
    pub condvars: Vec<Place>,
    /// Where each atomic was made.
    pub atomics: Vec<Place>,
    /// Where each semaphore was made.
    pub semaphores: Vec<Place>,
    /// Where each unprotected value was made.
    pub cells: Vec<Place>,
    /// The steps.
    pub events: Vec<Event>,
}

impl Trace {
    /// The digest of the steps, as a search has it in its [`Mark`](crate::Mark).
    pub fn digest(&self) -> u64 {
        let counted = self.events.iter().filter(|event| event.step.is_in_digest());
        digest(counted.map(|event| (event.thread, event.place.as_ref().map(|place| place.line))))
    }
}

/// The digest of these steps: which thread took each, and in which line. See [`Trace::digest`] for those that count.
pub fn digest(steps: impl IntoIterator<Item = (ThreadId, Option<u32>)>) -> u64 {
    steps.into_iter().fold(0, |digest, (thread, line)| next_event(digest, thread, line))
}

/// The digest of some steps and one more: taken at every step of a search, so that it has to cost next to nothing.
#[inline]
pub(crate) fn next_event(digest: u64, thread: ThreadId, line: Option<u32>) -> u64 {
    let event = u64::from(line.unwrap_or(0)) << 8 | (thread as u64 + 1);
    (digest.rotate_left(5) ^ event).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// One step of one thread.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Event {
    /// Who took the step.
    pub thread: ThreadId,
    /// The line that took it; none where the language gives none (a guard dropped at the end of its scope).
    pub place: Option<Place>,
    /// What was done.
    pub step: Step,
}

/// What a thread does in one step.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[expect(missing_docs, reason = "the fields are what the variants' sentences speak of")]
pub enum Step {
    /// Starts another thread.
    Spawn { thread: ThreadId },
    /// Waited for another thread to end, and it has.
    Join { thread: ThreadId },
    /// Begins a call that the program under test marked, such as `put(10)`.
    Call { label: String },
    /// Ends that call, such as `put(10)` or `take() = 10`.
    Return { label: String },
    /// Wants a mutex that another thread holds, and stands in line for it.
    Blocked { mutex: ObjectId, holder: ThreadId },
    /// Has the mutex.
    Lock { mutex: ObjectId },
    /// Looks at what the mutex guards.
    Read { mutex: ObjectId },
    /// Takes hold of what the mutex guards in order to change it.
    Write { mutex: ObjectId },
    /// Lets the mutex go. `contents` lists the values in it that announced themselves (see `Watched`), in order.
    Unlock { mutex: ObjectId, contents: Vec<String> },
    /// Lets the mutex go and sleeps on the condition variable.
    Wait { condvar: ObjectId, mutex: ObjectId, contents: Vec<String> },
    /// Back from the wait, with the mutex. `by` is who notified; none for a spurious wakeup.
    Wake { condvar: ObjectId, mutex: ObjectId, by: Option<ThreadId> },
    /// Notifies one or all; `woken` are those who slept and now stand in line for the mutex.
    Notify { condvar: ObjectId, all: bool, woken: Vec<ThreadId> },
    /// Wants a permit of a semaphore that has none.
    NoPermit { semaphore: ObjectId },
    /// Has taken a permit; so many are left.
    P { semaphore: ObjectId, permits: usize },
    /// Has given a permit; so many are there now.
    V { semaphore: ObjectId, permits: usize },
    /// Begins to work on a value that nothing protects.
    Enter { cell: ObjectId },
    /// Has done with it; `contents` as for [`Step::Unlock`].
    Leave { cell: ObjectId, contents: Vec<String> },
    /// Asks to sleep for some time: in a search, to let everyone else go first.
    Sleep,
    /// Lets everyone else go first.
    Yield,
    /// Reads an atomic.
    Load { atomic: ObjectId, value: u64 },
    /// Writes an atomic, whatever it held.
    Store { atomic: ObjectId, value: u64 },
    /// Reads and writes an atomic in one step.
    Update { atomic: ObjectId, operation: Operation, before: u64, after: u64 },
    /// Does something of the test's own.
    Mark { label: String },
    /// Panics on behalf of the test; whether it is caught is the program's business.
    Throw { message: String },
    /// Panicked, and that ends the execution.
    Panic { message: String },
    /// Ran to its end.
    Exit,
}

/// An operation of an atomic that reads and writes in one step. It is shown by the name of its function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[expect(missing_docs, reason = "each is the function of its name")]
pub enum Operation {
    Swap,
    FetchAdd,
    FetchSub,
    FetchMax,
    FetchMin,
    CompareExchange,
    CompareExchangeWeak,
}

impl Operation {
    /// Whether it changes nothing where another value is found than the expected one.
    pub fn may_fail(self) -> bool {
        matches!(self, Operation::CompareExchange | Operation::CompareExchangeWeak)
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Operation::Swap => "swap",
            Operation::FetchAdd => "fetch_add",
            Operation::FetchSub => "fetch_sub",
            Operation::FetchMax => "fetch_max",
            Operation::FetchMin => "fetch_min",
            Operation::CompareExchange => "compare_exchange",
            Operation::CompareExchangeWeak => "compare_exchange_weak",
        })
    }
}

impl Step {
    /// Whether a search without an observer sees this step too. It does not look at each access to what a mutex guards, and a
    /// panic ends what is compared.
    pub fn is_in_digest(&self) -> bool {
        !matches!(self, Step::Read { .. } | Step::Write { .. } | Step::Panic { .. })
    }
}
