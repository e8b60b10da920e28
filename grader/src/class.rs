//! The classes of what goes wrong between threads, with the field's names for them.

use serde::{Deserialize, Serialize};

/// What goes wrong in a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "`meaning` says what they are")]
pub enum Class {
    Deadlock,
    LostWakeup,
    NeedlessSleep,
    StolenItem,
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
    pub const ALL: [Class; 11] = [
        Class::Deadlock,
        Class::LostWakeup,
        Class::NeedlessSleep,
        Class::StolenItem,
        Class::Overlap,
        Class::BusyWaiting,
        Class::WrongOrder,
        Class::WrongCapacity,
        Class::LostItem,
        Class::DuplicatedItem,
        Class::LostUpdate,
    ];

    /// What it is called, and what that means, in one line: "deadlock: what is waited for …".
    pub fn meaning(self) -> &'static str {
        match self {
            Class::Deadlock => "deadlock: what is waited for is held by one that cannot let it go",
            Class::LostWakeup => "lost wakeup: what a sleeper waits for has come, and it sleeps on",
            Class::NeedlessSleep => "needless sleep: a call waits that nothing keeps from going on",
            Class::StolenItem => "stolen item: another thread came between the look and the use",
            Class::Overlap => "overlapping critical sections: two threads where only one may be",
            Class::BusyWaiting => "busy waiting: to look again and again instead of sleeping",
            Class::WrongOrder => "wrong order: what went in first does not come out first",
            Class::WrongCapacity => "wrong capacity: waiting begins at the wrong number of items",
            Class::LostItem => "lost item: what went in never comes out",
            Class::DuplicatedItem => "duplicated item: what comes out went in only once, or never",
            Class::LostUpdate => "lost update: two changes met, and one of them is gone",
        }
    }

    /// What it is called: "lost wakeup".
    pub fn name(self) -> &'static str {
        self.meaning().split(':').next().unwrap_or_default()
    }
}
