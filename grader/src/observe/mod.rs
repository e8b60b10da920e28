//! Looking at running programs from outside, without disturbing them: `/proc`, and sockets by netlink.

mod descriptor;
mod syscall;

pub use descriptor::{Descriptor, Target};
pub use syscall::Blocked;

/// A program and its descendants at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The program's own process first, then its descendants. Zombies are among them.
    pub processes: Vec<Process>,
}

/// One process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its number; never shown.
    pub pid: i32,
    /// What it is called in sentences: `server`, `child 1 of server`.
    pub name: String,
    /// Has ended, and its parent has not asked how.
    pub zombie: bool,
    /// Its threads; the first is the main thread.
    pub threads: Vec<Thread>,
    /// What it holds open, by number.
    pub descriptors: Vec<Descriptor>,
}

/// One thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    /// Its number; never shown.
    pub tid: i32,
    /// The call it is blocked in; none where it runs.
    pub blocked: Option<Blocked>,
}

impl Snapshot {
    /// Processes that have ended and were not waited for.
    pub fn zombies(&self) -> usize {
        self.processes.iter().filter(|process| process.zombie).count()
    }

    /// Processes besides the program's own, zombies not counted.
    pub fn children(&self) -> usize {
        self.processes
            .iter()
            .skip(1)
            .filter(|process| !process.zombie)
            .count()
    }

    /// Whether a thread is blocked in this call, such as `accept`.
    pub fn blocked_in(&self, call: &str) -> bool {
        let mut threads = self.processes.iter().flat_map(|process| &process.threads);
        threads.any(|thread| {
            thread
                .blocked
                .as_ref()
                .is_some_and(|blocked| blocked.call == call)
        })
    }

    /// All descriptors of all its processes that are sockets of TCP or Unix: connections and listeners.
    pub fn sockets(&self) -> Vec<&Descriptor> {
        let all = self.processes.iter().flat_map(|process| &process.descriptors);
        all.filter(|descriptor| matches!(descriptor.target, Target::Socket { .. }))
            .collect()
    }
}
