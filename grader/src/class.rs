//! The classes of what goes wrong between threads, with the field's names for them.

use serde::{Deserialize, Serialize};

/// What goes wrong in a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "`meaning` says what they are")]
pub enum Class {
    Deadlock,
    SelfDeadlock,
    LockOrder,
    LostWakeup,
    NeedlessSleep,
    StolenWakeup,
    CheckThenAct,
    Overlap,
    BusyWaiting,
    WrongOrder,
    WrongCapacity,
    LostItem,
    DuplicatedItem,
    LostUpdate,
}

impl Class {
    /// All of them.
    pub const ALL: [Class; 14] = [
        Class::Deadlock,
        Class::SelfDeadlock,
        Class::LockOrder,
        Class::LostWakeup,
        Class::NeedlessSleep,
        Class::StolenWakeup,
        Class::CheckThenAct,
        Class::Overlap,
        Class::BusyWaiting,
        Class::WrongOrder,
        Class::WrongCapacity,
        Class::LostItem,
        Class::DuplicatedItem,
        Class::LostUpdate,
    ];

    /// What the field calls it: "lost wakeup".
    pub fn name(self) -> &'static str {
        self.entry().0
    }

    /// What that means, in one line.
    pub fn meaning(self) -> &'static str {
        self.entry().1
    }

    fn entry(self) -> (&'static str, &'static str) {
        match self {
            Class::Deadlock => ("deadlock", "each of some threads waits for what another of them keeps"),
            Class::SelfDeadlock => ("self-deadlock", "a thread waits for the lock that it holds itself"),
            Class::LockOrder => {
                ("lock-order deadlock", "two threads take the same locks in different orders")
            }
            Class::LostWakeup => ("lost wakeup", "a thread sleeps on after what it waits for has come"),
            Class::NeedlessSleep => {
                ("unneeded wait", "a thread sleeps although nothing keeps it from going on")
            }
            Class::StolenWakeup => ("stolen wakeup", "another thread took what a thread was woken for"),
            Class::CheckThenAct => {
                ("check-then-act race", "the lock is released between a check and its use")
            }
            Class::Overlap => {
                ("mutual exclusion violation", "two threads are in a critical section at the same time")
            }
            Class::BusyWaiting => ("busy waiting", "a thread checks again and again instead of sleeping"),
            Class::WrongOrder => ("FIFO violation", "what went in first does not come out first"),
            Class::WrongCapacity => ("wrong bound", "waiting begins at the wrong number of items"),
            Class::LostItem => ("lost item", "what went in never comes out"),
            Class::DuplicatedItem => ("duplicated item", "one item, or one permit, is given out twice"),
            Class::LostUpdate => ("lost update", "one change overwrites another"),
        }
    }
}
