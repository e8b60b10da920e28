//! What calls mean for the descriptors of their processes.

use super::call::{Call, Entry};
use super::descriptors::{Kind, Object};
use super::ends;
use super::log::Log;
use super::memory;
use super::record::Cell;
use crate::observe::Ends;
use nix::unistd::Pid;
use std::collections::BTreeMap;

impl Log {
    /// What a call that went well means for its process's descriptors.
    pub(super) fn went_well(&mut self, thread: Pid, entry: &Entry, record: usize, result: i64) {
        if entry.call.comes_often() {
            return;
        }
        let process = self.records[record].process;
        let before = self.descriptors[process].by_object();
        self.records[record].made = self.take_effect(thread, process, entry, result as i32);
        if entry.call == Call::Wait {
            self.records[record].other = self.process_of(result as i32);
        }
        let after = self.descriptors[process].by_object();
        self.records[record].cells.extend(changes(process, &before, &after));
    }

    /// Returns the descriptors that the call has made.
    fn take_effect(&mut self, thread: Pid, process: usize, entry: &Entry, result: i32) -> Vec<i32> {
        let (fd, on_exec) = (entry.arguments[0] as i32, entry.closes_on_exec());
        match entry.call {
            Call::Pipe => {
                self.open_pair(Kind::Pipe, process, memory::pair(thread, entry.arguments[0]), on_exec)
            }
            Call::SocketPair => {
                self.open_pair(Kind::Socket, process, memory::pair(thread, entry.arguments[3]), on_exec)
            }
            Call::Socket => self.open(Kind::Socket, None, process, result, on_exec),
            Call::Accept => self.open(Kind::Accepted, ends::of(thread, result), process, result, on_exec),
            Call::Dup => {
                self.descriptors[process].duplicate(fd, result, on_exec);
                vec![result]
            }
            Call::Close => self.changed(|log| log.descriptors[process].close(fd)),
            Call::Listen => self.changed(|log| log.becomes(process, fd, Kind::Listener)),
            Call::Connect => self.changed(|log| {
                log.becomes(process, fd, Kind::Connected);
                log.connected(process, fd, ends::of(thread, fd));
            }),
            _ => Vec::new(),
        }
    }

    fn changed(&mut self, change: impl FnOnce(&mut Log)) -> Vec<i32> {
        change(self);
        Vec::new()
    }

    fn open(&mut self, kind: Kind, ends: Option<Ends>, process: usize, fd: i32, on_exec: bool) -> Vec<i32> {
        self.objects.push(Object { kind, ends, other_end: None });
        self.descriptors[process].open(fd, self.objects.len() - 1, on_exec);
        vec![fd]
    }

    fn open_pair(&mut self, kind: Kind, process: usize, fds: Option<[i32; 2]>, on_exec: bool) -> Vec<i32> {
        let Some(fds) = fds else { return Vec::new() };
        let first = self.objects.len();
        for (object, fd) in (first..).zip(fds) {
            let other_end = Some(if object == first { first + 1 } else { first });
            self.objects.push(Object { kind, ends: None, other_end });
            self.descriptors[process].open(fd, object, on_exec);
        }
        fds.into()
    }

    fn becomes(&mut self, process: usize, fd: i32, kind: Kind) {
        if let Some(object) = self.descriptors[process].object(fd) {
            self.objects[object].kind = kind;
        }
    }

    fn connected(&mut self, process: usize, fd: i32, ends: Option<Ends>) {
        if let Some(object) = self.descriptors[process].object(fd) {
            self.objects[object].ends = ends;
        }
    }
}

/// The objects whose descriptors have changed.
pub(super) fn changes(
    process: usize,
    before: &BTreeMap<usize, Vec<i32>>,
    after: &BTreeMap<usize, Vec<i32>>,
) -> Vec<Cell> {
    let cell = |object: usize| {
        let (old, new) = (before.get(&object), after.get(&object));
        (old != new).then(|| Cell { object, process, fds: new.cloned().unwrap_or_default() })
    };
    let only_before = before.keys().filter(|object| !after.contains_key(object));
    after.keys().chain(only_before).filter_map(|object| cell(*object)).collect()
}
