//! What the calls of the traced processes were, and what they mean for descriptors.

use super::call::{Call, Entry};
use super::counts::Counts;
use super::descriptors::{Descriptors, Kind, Object};
use super::effects::changes;
use super::lines::{self, Lines};
use super::record::{Moment, Outcome, Record};
use super::rule::Fault;
use super::stack::Stack;
use crate::check::Location;
use nix::unistd::Pid;
use std::collections::BTreeMap;
use std::path::Path;

/// All that was seen of the traced processes.
#[derive(Debug, Default)]
pub struct Log {
    /// In the order in which they came to be.
    pub processes: Vec<Process>,
    /// What descriptors stand for, in the order in which it was made.
    pub objects: Vec<Object>,
    /// In the order in which the calls began.
    pub records: Vec<Record>,
    pub(super) descriptors: Vec<Descriptors>,
    /// By process; read at the first call of those that the grader has started.
    lines: Vec<Option<Lines>>,
    now: Moment,
}

/// Calls whose stacks are kept: a program that makes more has said enough.
const STACKS: usize = 5_000;

/// A traced process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its number; never shown.
    pub pid: i32,
    /// Who forked it; none for a program that the grader has started.
    pub parent: Option<usize>,
    /// What it runs since its last exec, by the name that the kernel knows.
    pub command: Option<String>,
    /// How many threads it has had.
    pub threads: usize,
    /// Whether its reads and writes are among the records.
    pub(crate) shows_bytes: bool,
    /// How many calls were recorded of it and its descendants; of a program that the grader has started.
    pub(crate) counts: Counts,
    /// Whose code it runs: that of the program it descends from; none once it runs another.
    program: Option<usize>,
}

impl Log {
    pub(super) fn program(&mut self, pid: Pid, shows_bytes: bool) -> usize {
        let process = self.process(pid, None, Descriptors::default());
        self.processes[process].shows_bytes = shows_bytes;
        process
    }

    /// Another thread of a process: its number there.
    pub(super) fn thread(&mut self, process: usize, maker: Option<usize>) -> usize {
        let thread = self.processes[process].threads;
        self.processes[process].threads += 1;
        maker.into_iter().for_each(|record| self.records[record].started = Some(thread));
        thread
    }

    /// A child begins with its maker's descriptors.
    pub(super) fn child(&mut self, pid: Pid, parent: usize, maker: Option<usize>) -> usize {
        let process = self.process(pid, Some(parent), self.descriptors[parent].clone());
        if let Some(record) = maker {
            let fork = &mut self.records[record];
            fork.other = Some(process);
            fork.cells.extend(changes(process, &BTreeMap::new(), &self.descriptors[process].by_object()));
            // From here on the child runs, whenever its parent learns of it.
            fork.returned.get_or_insert(self.now);
            self.now.calls += 1;
        }
        process
    }

    fn process(&mut self, pid: Pid, parent: Option<usize>, descriptors: Descriptors) -> usize {
        let program = match parent {
            Some(parent) => self.processes[parent].program,
            None => Some(self.processes.len()),
        };
        let shows_bytes = parent.is_some_and(|parent| self.processes[parent].shows_bytes);
        let pid = pid.as_raw();
        let counts = Counts::default();
        self.processes.push(Process { pid, parent, command: None, threads: 1, shows_bytes, counts, program });
        self.lines.push(None);
        self.descriptors.push(descriptors);
        self.processes.len() - 1
    }

    /// The grader has taken so many steps.
    pub(super) fn steps(&mut self, count: usize) {
        self.now.steps = count;
    }

    pub(super) fn kind(&self, process: usize, fd: i32) -> Option<Kind> {
        self.descriptors[process].object(fd).map(|object| self.objects[object].kind)
    }

    pub(super) fn begins(
        &mut self,
        thread: Pid,
        (process, number): (usize, usize),
        entry: &Entry,
        fault: Option<Fault>,
    ) -> usize {
        let fd = entry.descriptor();
        // The one call that never returns, and is done when it is made.
        let returned = (entry.call == Call::Exit).then_some(self.now);
        let stack = self.stack(thread, process);
        self.records.push(Record {
            process,
            thread: number,
            call: entry.call,
            fd,
            object: fd.and_then(|fd| self.descriptors[process].object(fd)),
            outcome: Outcome::Pending,
            returned,
            made: Vec::new(),
            other: None,
            started: None,
            fault,
            foreign: self.processes[process].program.is_none(),
            stack,
            cells: Vec::new(),
        });
        let root = self.root(process);
        self.processes[root].counts.begins();
        self.records.len() - 1
    }

    /// The program that a process descends from: its number among the processes.
    pub(crate) fn root(&self, mut process: usize) -> usize {
        while let Some(parent) = self.processes[process].parent {
            process = parent;
        }
        process
    }

    /// The calls of the program that was started last and of its descendants: whoever came before has got over its faults.
    pub(crate) fn of_last_program(&self) -> impl Iterator<Item = &Record> + Clone {
        let last = self.processes.iter().rposition(|process| process.parent.is_none());
        self.records.iter().filter(move |record| Some(self.root(record.process)) == last)
    }

    /// What a descendant of a program is called: by its command where it has become another program, `cat`, or `cat 2` for
    /// the second of several; else by its number, `child 3`. None for a program itself.
    pub(crate) fn name(&self, process: usize) -> Option<String> {
        self.processes[process].parent?;
        let family =
            |other: usize| self.processes[other].parent.is_some() && self.root(other) == self.root(process);
        let number = |alike: &dyn Fn(usize) -> bool| (0..=process).filter(|other| alike(*other)).count();
        let Some(command) = &self.processes[process].command else {
            return Some(format!("child {}", number(&family)));
        };
        let alike = |other: usize| family(other) && self.processes[other].command.as_ref() == Some(command);
        match (0..self.processes.len()).filter(|other| alike(*other)).count() {
            1 => Some(command.clone()),
            _ => Some(format!("{command} {}", number(&alike))),
        }
    }

    /// The same by its number.
    pub(crate) fn name_of(&self, pid: i32) -> Option<String> {
        self.name(self.process_of(pid)?)
    }

    /// The process of this number that came last.
    pub(crate) fn process_of(&self, pid: i32) -> Option<usize> {
        self.processes.iter().rposition(|process| process.pid == pid)
    }

    /// What a descriptor stands for now.
    pub(crate) fn object(&self, process: usize, fd: i32) -> Option<usize> {
        self.descriptors[process].object(fd)
    }

    /// The processes that have an object open now, each with its descriptors for it.
    pub(crate) fn holders(&self, object: usize) -> Vec<(usize, Vec<i32>)> {
        let open =
            |(process, held): (usize, &Descriptors)| Some((process, held.by_object().remove(&object)?));
        self.descriptors.iter().enumerate().filter_map(open).collect()
    }

    /// The stack at a call, in a process that still runs the program it was started as.
    fn stack(&mut self, thread: Pid, process: usize) -> Option<Stack> {
        let program = self.processes[process].program.filter(|_| self.records.len() < STACKS)?;
        if self.lines[program].is_none() {
            self.lines[program] = Some(Lines::new(lines::maps(thread.as_raw())));
        }
        Stack::of(thread)
    }

    /// The line of the lab in which a call was made.
    pub(crate) fn line(&self, record: &Record, source: &Path) -> Option<Location> {
        let lines = self.lines[self.processes[record.process].program?].as_ref()?;
        lines.of(record.stack.as_ref()?, source)
    }

    pub(super) fn ends(&mut self, record: usize, outcome: Outcome) {
        let ended = &mut self.records[record];
        ended.outcome = outcome;
        ended.fault = ended.fault.filter(|fault| fault.has_struck(outcome));
        ended.returned.get_or_insert(self.now);
        self.now.calls += 1;
        let (process, moved) = (ended.process, ended.moved());
        let root = self.root(process);
        moved.into_iter().for_each(|bytes| self.processes[root].counts.moved(bytes));
    }

    pub(super) fn executed(&mut self, process: usize, record: Option<usize>) {
        let before = self.descriptors[process].by_object();
        let command = std::fs::read_to_string(format!("/proc/{}/comm", self.processes[process].pid));
        self.processes[process].command = command.ok().map(|command| command.trim_end().to_owned());
        self.processes[process].program = None;
        self.descriptors[process].exec();
        let after = self.descriptors[process].by_object();
        if let Some(record) = record {
            self.records[record].cells.extend(changes(process, &before, &after));
        }
    }

    /// A process has ended: nothing is open in it any more.
    pub(super) fn ended(&mut self, pid: Pid) {
        let Some(process) = self.process_of(pid.as_raw()) else { return };
        let before = std::mem::take(&mut self.descriptors[process]).by_object();
        let last = self.records.iter_mut().rfind(|record| record.process == process);
        last.into_iter().for_each(|last| last.cells.extend(changes(process, &before, &BTreeMap::new())));
    }
}
