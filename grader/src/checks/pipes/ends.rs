//! Who holds which end of a pipe.

use super::Play;
use crate::check::Location;
use crate::observe::{Descriptor, Process, Snapshot, Target};

/// An end of a pipe that keeps somebody waiting: were it closed, the one who waits would go on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct KeptOpen {
    holder: String,
    pid: i32,
    fd: i32,
    write_end: bool,
}

impl KeptOpen {
    pub(super) fn headline(&self) -> String {
        let principle = match self.write_end {
            true => "A pipe ends only when every copy of its write end is closed",
            false => "A writer learns that its reader has gone only when every read end is closed",
        };
        format!("{principle}: `{}` still holds one, fd {}.", self.holder, self.fd)
    }

    /// The line from which the holder has it.
    pub(super) fn origin(&self, play: &Play<'_>) -> Option<Location> {
        play.origin(self.pid, self.fd)
    }

    /// Whether somebody waits for the end of what is written, and not for the end of what reads.
    pub(super) fn is_write_end(&self) -> bool {
        self.write_end
    }

    pub(super) fn expected(&self) -> &'static str {
        match self.write_end {
            true => "a reader sees end of file once everybody has ended who writes to its pipe",
            false => "a writer gets SIGPIPE once everybody has ended who reads from its pipe",
        }
    }

    pub(super) fn misconception(&self) -> &'static str {
        if self.write_end { "write-end-kept" } else { "read-end-kept" }
    }
}

/// An end of a pipe that a process has no use for.
pub(super) struct Surplus {
    pid: i32,
    fd: i32,
    pub(super) words: String,
}

impl Surplus {
    /// The line from which the process has it.
    pub(super) fn origin(&self, play: &Play<'_>) -> Option<Location> {
        play.origin(self.pid, self.fd)
    }
}

/// Looks among blocked processes for one that waits for the other end of its pipe to be closed, while that is open where
/// nobody needs it: in the parent, in the waiting process itself, or beside what a stage reads from and writes to.
pub(super) fn kept_open(found: &Snapshot) -> Option<KeptOpen> {
    let parent = found.processes.first()?;
    let waiting = found.processes.iter().flat_map(|process| {
        let blocked = process.threads.iter().filter_map(|thread| thread.blocked.as_ref()?.fd);
        let own = blocked.filter_map(|fd| process.descriptors.iter().find(|descriptor| descriptor.fd == fd));
        own.map(move |descriptor| (process, descriptor))
    });
    for (process, waits_on) in waiting {
        let needless = |(holder, held): &(&Process, &Descriptor)| {
            other_end(held, waits_on)
                && (holder.pid == parent.pid || holder.pid == process.pid || held.fd > 1)
        };
        if let Some((holder, held)) = everything(found).find(needless) {
            let (pid, holder) = (holder.pid, holder.name.clone());
            return Some(KeptOpen { holder, pid, fd: held.fd, write_end: held.writable });
        }
    }
    None
}

/// A descriptor above 2 of a child that is an end of a pipe which it shares with others, or reads or writes already.
pub(super) fn surplus(found: &Snapshot) -> Option<Surplus> {
    let children = found.processes.iter().skip(1);
    let mut held = children.flat_map(|child| child.descriptors.iter().map(move |held| (child, held)));
    let (child, held) = held.find(|(child, held)| held.fd > 2 && is_shared(found, child, held))?;
    let words = format!("`{}` also holds fd {}, {}", child.name, held.fd, description(found, held));
    Some(Surplus { pid: child.pid, fd: held.fd, words })
}

/// A pipe that a process holds both ends of: its end will never come.
pub(super) fn both_ends(found: &Snapshot) -> Option<Surplus> {
    let pairs = found.processes.iter().flat_map(|process| {
        let ends = process.descriptors.iter();
        let read = ends.filter(|held| !held.writable);
        read.filter_map(move |read| {
            Some((process, read, process.descriptors.iter().find(|held| other_end(held, read))?))
        })
    });
    let (process, read, write) = { pairs }.next()?;
    let words = format!(
        "`{}` holds both ends of one pipe, fd {} to read and fd {} to write",
        process.name, read.fd, write.fd
    );
    Some(Surplus { pid: process.pid, fd: write.fd, words })
}

/// Descriptors from 3 on that a program holds.
pub(super) fn left_open(program: &Process) -> Vec<i32> {
    program.descriptors.iter().map(|held| held.fd).filter(|fd| *fd > 2).collect()
}

/// The ends of pipes that a program holds besides its standard streams.
pub(super) fn pipe_ends(program: &Process) -> Vec<i32> {
    let pipes = program.descriptors.iter().filter(|held| matches!(held.target, Target::Pipe { .. }));
    pipes.map(|held| held.fd).filter(|fd| *fd > 2).collect()
}

fn everything(found: &Snapshot) -> impl Iterator<Item = (&Process, &Descriptor)> {
    found.processes.iter().flat_map(|process| process.descriptors.iter().map(move |held| (process, held)))
}

fn other_end(one: &Descriptor, other: &Descriptor) -> bool {
    matches!(one.target, Target::Pipe { .. }) && one.target == other.target && one.writable != other.writable
}

fn is_shared(found: &Snapshot, child: &Process, held: &Descriptor) -> bool {
    let pipe = matches!(held.target, Target::Pipe { .. });
    let elsewhere = |(process, other): (&Process, &Descriptor)| {
        other.target == held.target && (process.pid != child.pid || other.fd <= 2)
    };
    pipe && everything(found).any(elsewhere)
}

/// `the write end of the pipe from `cat` to `wc``, as far as both are known by what they write to and read from.
fn description(found: &Snapshot, held: &Descriptor) -> String {
    let stages = found.processes.iter().skip(1);
    let by = |fd: i32| {
        let mut stages = stages.clone();
        stages.find(|stage| stage.descriptors.iter().any(|own| own.fd == fd && own.target == held.target))
    };
    let end = if held.writable { "write" } else { "read" };
    match (by(1), by(0)) {
        (Some(from), Some(to)) => format!("the {end} end of the pipe from `{}` to `{}`", from.name, to.name),
        (Some(from), None) => format!("the {end} end of the pipe that `{}` writes to", from.name),
        (None, Some(to)) => format!("the {end} end of the pipe that `{}` reads from", to.name),
        (None, None) => format!("the {end} end of a pipe"),
    }
}
