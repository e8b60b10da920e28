//! Whom the grader traces, and what it does at each of their stops.

use super::call::{Call, Entry};
use super::change;
use super::descriptors::{Descriptors, Kind};
use super::memory;
use super::record::{Outcome, Record};
use super::rule::{Fault, Rule};
use super::signals;
use super::stop::{Resume, Stop, next, resume};
use nix::errno::Errno;
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::Signal;
use nix::unistd::Pid;
use std::collections::{BTreeMap, BTreeSet};

/// The tracer of some programs and their descendants. All of it has to be used from the thread that made it.
#[derive(Debug, Default)]
pub(crate) struct Tracer {
    threads: BTreeMap<Pid, Thread>,
    processes: Vec<Process>,
    /// Those whose maker has not been heard of yet: they wait until it has.
    newborn: BTreeSet<Pid>,
    rules: Vec<(Rule, u32)>,
    records: Vec<Record>,
    /// Processes that a signal has stopped.
    stopped: Vec<Pid>,
}

#[derive(Debug)]
struct Thread {
    process: usize,
    at: At,
}

/// Where a thread is.
#[derive(Debug)]
enum At {
    /// In no call that anybody asked for.
    Large,
    /// In a call.
    Call(Pending),
    /// In a call that a signal has interrupted: the kernel makes it again, or the program sees EINTR.
    Interrupted(Pending),
}

#[derive(Clone, Copy, Debug)]
struct Pending {
    entry: Entry,
    /// Its record.
    record: usize,
    /// Whether its third argument was changed. The program counts on finding it as it was.
    restore: bool,
}

#[derive(Clone, Debug)]
struct Process {
    pid: Pid,
    parent: Option<usize>,
    descriptors: Descriptors,
}

/// Somebody has ended; the status is as `waitpid` gives it.
pub(crate) type Ended = (Pid, i32);

impl Tracer {
    /// Takes hold of a running process, which is not stopped by it.
    ///
    /// # Errors
    /// Where this machine does not allow it.
    pub(crate) fn seize(&mut self, pid: Pid, rules: &[Rule]) -> nix::Result<()> {
        let options = Options::PTRACE_O_TRACESYSGOOD
            | Options::PTRACE_O_TRACEFORK
            | Options::PTRACE_O_TRACEVFORK
            | Options::PTRACE_O_TRACECLONE
            | Options::PTRACE_O_TRACEEXEC
            | Options::PTRACE_O_TRACESECCOMP
            | Options::PTRACE_O_EXITKILL;
        ptrace::seize(pid, options)?;
        self.threads.insert(pid, Thread { process: self.processes.len(), at: At::Large });
        self.processes.push(Process { pid, parent: None, descriptors: Descriptors::default() });
        self.rules.extend(rules.iter().map(|rule| (*rule, 0)));
        Ok(())
    }

    /// Deals with everybody who has stopped, until nobody has. Returns those who have ended, untraced children included.
    pub(crate) fn pump(&mut self) -> Vec<Ended> {
        let mut ended = Vec::new();
        while let Some((thread, stop)) = next() {
            match stop {
                Stop::Ended(status) => {
                    self.threads.remove(&thread);
                    ended.push((thread, status));
                }
                stop => self.stopped(thread, stop),
            }
        }
        ended
    }

    /// What was seen so far.
    pub(crate) fn records(&self) -> &[Record] {
        &self.records
    }

    /// The processes that a signal has stopped since this was last asked.
    pub(crate) fn take_stopped(&mut self) -> Vec<Pid> {
        std::mem::take(&mut self.stopped)
    }

    fn stopped(&mut self, thread: Pid, stop: Stop) {
        if !self.threads.contains_key(&thread) {
            self.newborn.insert(thread);
            return;
        }
        let signal = if let Stop::Signal(signal) = stop { signal } else { 0 };
        let how = match stop {
            Stop::Call { number, arguments } => self.enters(thread, number, arguments),
            Stop::Returned(result) => {
                self.leaves(thread, result);
                Resume::Freely
            }
            Stop::Made(made) => {
                self.made(thread, made);
                self.onward(thread)
            }
            Stop::Executed => {
                self.executed(thread);
                self.onward(thread)
            }
            Stop::Group => {
                self.stopped.push(self.processes[self.threads[&thread].process].pid);
                Resume::Stopped
            }
            Stop::Newborn | Stop::Signal(_) | Stop::Other | Stop::Ended(_) => self.onward(thread),
        };
        resume(thread, how, signal);
    }

    /// A thread in the middle of a call is to stop at its end.
    fn onward(&self, thread: Pid) -> Resume {
        if let At::Call(_) = self.threads[&thread].at { Resume::ToReturn } else { Resume::Freely }
    }

    fn enters(&mut self, thread: Pid, number: u64, arguments: [u64; 6]) -> Resume {
        let Some(entry) = Entry::of(thread, number, arguments) else { return Resume::Freely };
        let fd = entry.descriptor();
        if entry.is_other_fcntl() || fd.is_some_and(|fd| fd >= protocol::DRIVER_FDS) {
            return Resume::Freely;
        }
        let process = self.threads[&thread].process;
        let kind = fd.and_then(|fd| self.processes[process].descriptors.kind(fd));
        let fault = self.fault(thread, &entry, kind);
        let record = self.record(thread, process, &entry, fault);
        if let Some(errno) = fault.and_then(Fault::errno) {
            let _ = change::skip(thread, errno as i32);
            self.records[record].outcome = Outcome::Failed(errno);
            self.threads.insert(thread, Thread { process, at: At::Large });
            return Resume::Freely;
        }
        let restore = match fault {
            Some(Fault::Short(most)) => {
                change::set_third_argument(thread, entry.arguments[2].min(most)).is_ok()
            }
            _ => false,
        };
        self.threads.insert(thread, Thread { process, at: At::Call(Pending { entry, record, restore }) });
        Resume::ToReturn
    }

    /// The fault of the first rule that strikes this call; every rule that is about it counts it.
    fn fault(&mut self, thread: Pid, entry: &Entry, kind: Option<Kind>) -> Option<Fault> {
        let is_child = self.processes[self.threads[&thread].process].parent.is_some();
        let mut struck = None;
        for (rule, count) in &mut self.rules {
            let applies = entry.is_counted() || !matches!(rule.fault, Fault::Short(_));
            if applies && rule.is_about(entry.call, kind, is_child) {
                *count += 1;
                struck = struck.or(rule.strikes(*count).then_some(rule.fault));
            }
        }
        struck.filter(|fault| *fault != Fault::Interrupted || signals::interrupts(thread, Signal::SIGUSR1))
    }

    /// A call that the kernel makes again is still the same call.
    fn record(&mut self, thread: Pid, process: usize, entry: &Entry, fault: Option<Fault>) -> usize {
        if let At::Interrupted(before) = self.threads[&thread].at {
            if before.entry == *entry && fault.is_none() {
                return before.record;
            }
            self.records[before.record].outcome = Outcome::Failed(Errno::EINTR);
        }
        let (call, fd) = (entry.call, entry.descriptor());
        let outcome = Outcome::Pending;
        self.records.push(Record { process, call, fd, outcome, made: Vec::new(), other: None, fault });
        self.records.len() - 1
    }

    fn leaves(&mut self, thread: Pid, result: i64) {
        let Thread { process, at: At::Call(pending) } = self.threads[&thread] else { return };
        let Pending { entry, record, restore } = pending;
        if restore {
            let _ = change::set_third_argument(thread, entry.arguments[2]);
        }
        self.records[record].outcome = Outcome::of(result);
        let at = match self.records[record].outcome {
            Outcome::Pending => At::Interrupted(pending),
            Outcome::Failed(_) => At::Large,
            Outcome::Returned(result) => {
                self.done(thread, process, &entry, record, result);
                At::Large
            }
        };
        self.threads.insert(thread, Thread { process, at });
    }

    /// What a call that went well means for the process's descriptors.
    fn done(&mut self, thread: Pid, process: usize, entry: &Entry, record: usize, result: i64) {
        let (call, arguments) = (entry.call, entry.arguments);
        let (fd, result_fd) = (arguments[0] as i32, result as i32);
        let made = match call {
            Call::Pipe => memory::pair(thread, arguments[0]).map_or(Vec::new(), Vec::from),
            Call::SocketPair => memory::pair(thread, arguments[3]).map_or(Vec::new(), Vec::from),
            Call::Socket | Call::Accept | Call::Dup => vec![result_fd],
            _ => Vec::new(),
        };
        let descriptors = &mut self.processes[process].descriptors;
        match call {
            Call::Dup => descriptors.duplicate(fd, result_fd, entry.closes_on_exec()),
            Call::Close => descriptors.close(fd),
            Call::Listen => descriptors.becomes(fd, Kind::Listener),
            Call::Connect => descriptors.becomes(fd, Kind::Connected),
            Call::Pipe | Call::Socket | Call::SocketPair | Call::Accept => {
                let kind = match call {
                    Call::Pipe => Kind::Pipe,
                    Call::Accept => Kind::Accepted,
                    _ => Kind::Socket,
                };
                made.iter().for_each(|fd| descriptors.open(*fd, kind, entry.closes_on_exec()));
            }
            Call::Wait => self.records[record].other = self.process(Pid::from_raw(result_fd)),
            _ => {}
        }
        self.records[record].made = made;
    }

    fn process(&self, pid: Pid) -> Option<usize> {
        self.processes.iter().rposition(|process| process.pid == pid)
    }

    /// A child begins with its maker's descriptors. It is let go only now, whichever of the two was heard of first.
    fn made(&mut self, maker: Pid, made: Pid) {
        let Thread { process: parent, at } = &self.threads[&maker];
        let parent = *parent;
        let record = if let At::Call(pending) = at { Some(pending.record) } else { None };
        let is_thread = record.is_some_and(|record| self.records[record].call == Call::Thread);
        let process = if is_thread { parent } else { self.processes.len() };
        if !is_thread {
            let descriptors = self.processes[parent].descriptors.clone();
            self.processes.push(Process { pid: made, parent: Some(parent), descriptors });
            record.into_iter().for_each(|record| self.records[record].other = Some(process));
        }
        self.threads.insert(made, Thread { process, at: At::Large });
        if self.newborn.remove(&made) {
            resume(made, Resume::Freely, 0);
        }
    }

    /// The other threads of the process are gone, and this one has the process's number.
    fn executed(&mut self, thread: Pid) {
        let process = self.threads[&thread].process;
        self.threads.retain(|other, state| *other == thread || state.process != process);
        self.processes[process].descriptors.exec();
    }
}
