//! A program and its descendants at one moment.

use super::descriptor::{Descriptor, Target, descriptors};
use super::family::tree;
use super::proc::{self, Stat};
use super::syscall::{Blocked, Syscall};

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
    /// What it is called in sentences: `server`, `child 1`; by its command, where it has become another program:
    /// `wc`, or `cat 2` for the second of several.
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
    /// Looks at a program, by its process, and at everything that descends from it; `strays` are what else is its own.
    /// `known` are the names that descendants have already, by their numbers.
    pub(crate) fn take(
        root: i32,
        name: &str,
        strays: &[i32],
        known: impl Fn(i32) -> Option<String>,
    ) -> Snapshot {
        let pids: Vec<i32> = tree(root).into_iter().chain(strays.iter().copied()).collect();
        let stats: Vec<Option<Stat>> = pids.iter().map(|pid| Stat::of(*pid)).collect();
        let commands: Vec<Option<&str>> =
            stats.iter().map(|stat| stat.as_ref().map(|stat| stat.command.as_str())).collect();
        let called = |index: usize, pid| known(pid).unwrap_or_else(|| called(name, &commands, index));
        let named = pids.iter().enumerate().map(|(index, pid)| (*pid, called(index, *pid)));
        Snapshot { processes: named.filter_map(|(pid, name)| Process::look(pid, name)).collect() }
    }

    /// Processes that have ended and were not waited for.
    pub fn zombies(&self) -> usize {
        self.processes.iter().filter(|process| process.zombie).count()
    }

    /// Processes besides the program's own, zombies not counted.
    pub fn children(&self) -> usize {
        self.processes.iter().skip(1).filter(|process| !process.zombie).count()
    }

    /// Whether a thread is blocked in this call.
    pub fn blocked_in(&self, call: Syscall) -> bool {
        let mut threads = self.processes.iter().flat_map(|process| &process.threads);
        threads.any(|thread| thread.is_in(call))
    }

    /// All descriptors of all its processes that are sockets: connections and listeners, of the internet or local.
    pub fn sockets(&self) -> Vec<&Descriptor> {
        let all = self.processes.iter().flat_map(|process| &process.descriptors);
        all.filter(|descriptor| matches!(descriptor.target, Target::Socket { .. })).collect()
    }

    /// Whether any of its processes holds the socket with this inode.
    pub(crate) fn holds_socket(&self, wanted: u64) -> bool {
        self.holders(wanted).next().is_some()
    }

    /// The processes that hold the socket with this inode, each with the descriptor.
    pub(crate) fn holders(&self, wanted: u64) -> impl Iterator<Item = (&Process, i32)> {
        let held = Target::Socket { inode: wanted };
        self.processes.iter().filter_map(move |process| {
            let mut descriptors = process.descriptors.iter();
            Some((process, descriptors.find(|descriptor| descriptor.target == held)?.fd))
        })
    }

    /// Threads of all its processes, zombies not counted.
    pub fn threads(&self) -> usize {
        let living = self.processes.iter().filter(|process| !process.zombie);
        living.map(|process| process.threads.len()).sum()
    }
}

impl Thread {
    /// Whether it is blocked in this call.
    pub fn is_in(&self, call: Syscall) -> bool {
        self.blocked.as_ref().is_some_and(|blocked| blocked.call == call)
    }
}

impl Process {
    pub(super) fn look(pid: i32, name: String) -> Option<Process> {
        let zombie = Stat::of(pid)?.zombie();
        let threads = proc::threads(pid).into_iter();
        // Who is held by the tracer is on the way.
        let held = |tid| proc::turns(pid, tid).is_some_and(|turns| turns.held);
        let blocked = |tid| Blocked::of(pid, tid).filter(|_| !held(tid));
        let threads = threads.map(|tid| Thread { tid, blocked: blocked(tid) }).collect();
        Some(Process { pid, name, zombie, threads, descriptors: descriptors(pid) })
    }
}

/// What a process is called, in a program whose processes run these commands.
fn called(program: &str, commands: &[Option<&str>], index: usize) -> String {
    let same = |other: &&Option<&str>| **other == commands[index];
    match commands[index] {
        _ if index == 0 => program.to_owned(),
        Some(command) if Some(command) != commands[0] => match commands.iter().filter(same).count() {
            1 => command.to_owned(),
            _ => format!("{command} {}", commands[..=index].iter().filter(same).count()),
        },
        _ => format!("child {index}"),
    }
}

#[cfg(test)]
mod tests {
    use super::called;

    #[test]
    fn a_child_is_called_by_its_number_until_it_is_another_program() {
        let commands = [Some("driver"), Some("cat"), Some("driver"), Some("cat"), Some("wc"), None];
        let names: Vec<String> =
            (0..commands.len()).map(|index| called("parent", &commands, index)).collect();
        assert_eq!(names, ["parent", "cat 1", "child 2", "cat 2", "wc", "child 5"]);
    }
}
