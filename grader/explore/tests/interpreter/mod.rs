//! A small language of threads, locks, condition variables, semaphores and unprotected values, and what can come out of a
//! program in it.
//!
//! [`states`] works out the outcomes from the meaning of the operations alone, one instruction at a time in every order;
//! [`on_explorer`] runs the same program on the explorer.

pub(crate) mod generator;
pub(crate) mod on_explorer;
pub(crate) mod states;

use std::collections::BTreeSet;
use std::fmt;

/// The most threads of a program, and the most objects of each kind.
pub(crate) const THREADS: usize = 3;
pub(crate) const OBJECTS: usize = 2;

/// One instruction. Threads and objects are numbers. Each mutex guards the variable of its own number; every thread has
/// one register, which holds the last value it read. There are as many atomics as there may be mutexes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Lock(usize),
    /// Goes on at `otherwise` where the mutex is taken.
    TryLock {
        mutex: usize,
        otherwise: usize,
    },
    Unlock(usize),
    Read(usize),
    Write(usize, u8),
    /// Variable := register + 1, modulo 3.
    WriteNext(usize),
    /// Reads the variable, and goes on at `to` if it has that value.
    JumpIf {
        variable: usize,
        value: u8,
        to: usize,
    },
    Jump(usize),
    Wait {
        condvar: usize,
        mutex: usize,
    },
    /// Reads the mutex's variable; sleeps, and reads it again, until it has that value.
    WaitUntil {
        condvar: usize,
        mutex: usize,
        value: u8,
    },
    NotifyOne(usize),
    NotifyAll(usize),
    /// Register := atomic.
    Load(usize),
    /// Atomic := register + 1.
    StoreNext(usize),
    /// Register := atomic, and atomic := atomic + 1.
    FetchAdd(usize),
    /// Atomic := that value if it is equal to the register; register := atomic as it was.
    CompareExchange(usize, u8),
    /// Panics unless the register has that value.
    Assert(u8),
    /// Ends the thread, whatever it holds, if the register has that value.
    ExitIf(u8),
    Join(usize),
    P(usize),
    V(usize),
    /// Reads an unprotected value, and maybe changes it. Panics, in effect, where another thread does so at that moment.
    Visit {
        cell: usize,
        write: Option<u8>,
    },
    /// Means nothing. (The explorer lets others go first: some of the outcomes.)
    Yield,
}

/// The threads' instructions. Thread 0 is there from the start, and has started the others.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) threads: Vec<Vec<Op>>,
    pub(crate) mutexes: usize,
    pub(crate) condvars: usize,
    /// The permits of each semaphore at first.
    pub(crate) permits: [u8; OBJECTS],
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Program { mutexes, condvars, permits, .. } = self;
        writeln!(f, "{mutexes} mutexes, {condvars} condition variables, {permits:?} permits")?;
        for (thread, ops) in self.threads.iter().enumerate() {
            writeln!(f, "thread {thread}")?;
            for (at, op) in ops.iter().enumerate() {
                writeln!(f, "  {at:2} {op:?}")?;
            }
        }
        Ok(())
    }
}

/// Where a thread is when nothing can happen any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum At {
    Ended,
    Condvar(usize),
    Mutex(usize),
    Join(usize),
    Semaphore(usize),
    /// Inside a wait, woken or not.
    Wait,
}

/// A thread at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Last {
    pub(crate) at: At,
    pub(crate) pc: usize,
    pub(crate) register: u8,
}

/// How a program can end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Outcome {
    /// Nobody can go on: all have ended, or the others are blocked.
    Still { variables: [u8; OBJECTS], atomics: [u8; OBJECTS], cells: [u8; OBJECTS], threads: Vec<Last> },
    /// An assertion of that thread, there, with that value in its register, did not hold.
    Panicked { thread: usize, pc: usize, register: u8 },
    /// Two threads were at that unprotected value at once.
    Overlapped { cell: usize },
}

pub(crate) type Outcomes = BTreeSet<Outcome>;

impl Outcome {
    /// Does not tell a thread that was woken and waits for the mutex from one that sleeps. A wakeup that nobody caused is no
    /// event of its own in the explorer: the thread counts as asleep until it has the mutex.
    pub(crate) fn coarse(mut self, program: &Program) -> Outcome {
        if let Outcome::Still { threads, .. } = &mut self {
            for (last, ops) in threads.iter_mut().zip(&program.threads) {
                if matches!(ops.get(last.pc), Some(Op::Wait { .. } | Op::WaitUntil { .. }))
                    && last.at != At::Ended
                {
                    last.at = At::Wait;
                }
            }
        }
        self
    }

    pub(crate) fn blocked(&self) -> bool {
        matches!(self, Outcome::Still { threads, .. } if threads.iter().any(|last| last.at != At::Ended))
    }

    pub(crate) fn failed(&self) -> bool {
        matches!(self, Outcome::Panicked { .. } | Outcome::Overlapped { .. })
    }

    pub(crate) fn overlapped(&self) -> bool {
        matches!(self, Outcome::Overlapped { .. })
    }

    pub(crate) fn panicked(&self) -> bool {
        matches!(self, Outcome::Panicked { .. })
    }
}
