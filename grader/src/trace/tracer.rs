//! Whom the grader traces, and what it does at each of their stops.

use super::call::{Call, Entry};
use super::change;
use super::log::Log;
use super::record::Outcome;
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
    /// Those whose maker has not been heard of yet: they wait until it has.
    newborn: BTreeSet<Pid>,
    rules: Vec<(Rule, u32)>,
    log: Log,
    /// Processes that a signal has stopped.
    stopped: Vec<Pid>,
}

#[derive(Debug)]
struct Thread {
    process: usize,
    /// Its number there.
    number: usize,
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

/// Somebody has ended; the status is as `waitpid` gives it.
pub(crate) type Ended = (Pid, i32);

impl Tracer {
    /// Takes hold of a running process, which is not stopped by it. `shows_bytes` says whether its filter stops reads and
    /// writes.
    ///
    /// # Errors
    /// Where this machine does not allow it.
    pub(crate) fn seize(&mut self, pid: Pid, rules: &[Rule], shows_bytes: bool) -> nix::Result<()> {
        let options = Options::PTRACE_O_TRACESYSGOOD
            | Options::PTRACE_O_TRACEFORK
            | Options::PTRACE_O_TRACEVFORK
            | Options::PTRACE_O_TRACECLONE
            | Options::PTRACE_O_TRACEEXEC
            | Options::PTRACE_O_TRACESECCOMP
            | Options::PTRACE_O_EXITKILL;
        ptrace::seize(pid, options)?;
        let process = self.log.program(pid, shows_bytes);
        self.threads.insert(pid, Thread { process, number: 0, at: At::Large });
        self.rules.extend(rules.iter().map(|rule| (*rule, 0)));
        Ok(())
    }

    /// Deals with those who have stopped or ended, so many at the most. Returns how many they were, and who has ended,
    /// untraced children included. `steps` is how many the grader has taken so far.
    pub(crate) fn pump(&mut self, steps: usize, most: usize) -> (usize, Vec<Ended>) {
        self.log.steps(steps);
        let mut ended = Vec::new();
        for dealt_with in 0..most {
            match next() {
                None => return (dealt_with, ended),
                Some((thread, Stop::Ended(status))) => {
                    self.threads.remove(&thread);
                    self.log.ended(thread);
                    ended.push((thread, status));
                }
                Some((thread, stop)) => self.stopped(thread, stop),
            }
        }
        (most, ended)
    }

    /// What was seen so far.
    pub(crate) fn log(&self) -> &Log {
        &self.log
    }

    /// How many processes and threads are traced and have not ended.
    pub(crate) fn tasks(&self) -> usize {
        self.threads.len()
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
                let process = self.threads[&thread].process;
                self.stopped.push(Pid::from_raw(self.log.processes[process].pid));
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
        if entry.is_other_fcntl() || fd == Some(protocol::REPORTING_FD) {
            return Resume::Freely;
        }
        let process = self.threads[&thread].process;
        let fault = self.fault(thread, &entry);
        let record = self.record(thread, &entry, fault);
        if let Some(errno) = fault.and_then(Fault::errno) {
            let _ = change::skip(thread, errno as i32);
            self.log.ends(record, Outcome::Failed(errno));
            self.is(thread, At::Large);
            return Resume::Freely;
        }
        // A close of what is open is done when it is made: its end need not be waited for.
        if entry.call == Call::Close && fd.is_some_and(|fd| self.log.kind(process, fd).is_some()) {
            self.log.went_well(thread, &entry, record, 0);
            self.log.ends(record, Outcome::Returned(0));
            self.is(thread, At::Large);
            return Resume::Freely;
        }
        let restore = match fault {
            Some(Fault::Short(most)) => {
                change::set_third_argument(thread, entry.arguments[2].min(most)).is_ok()
            }
            _ => false,
        };
        self.is(thread, At::Call(Pending { entry, record, restore }));
        Resume::ToReturn
    }

    /// The fault of the first rule that strikes this call; every rule that is about it counts it.
    fn fault(&mut self, thread: Pid, entry: &Entry) -> Option<Fault> {
        let process = self.threads[&thread].process;
        let kind = entry.descriptor().and_then(|fd| self.log.kind(process, fd));
        let is_child = self.log.processes[process].parent.is_some();
        let mut struck = None;
        for (rule, count) in &mut self.rules {
            let possible = match rule.fault {
                Fault::Short(most) => entry.may_be_cut(kind, most),
                _ => true,
            };
            if possible && rule.is_about(entry.call, kind, is_child) {
                *count += 1;
                struck = struck.or(rule.strikes(*count).then_some(rule.fault));
            }
        }
        struck.filter(|fault| *fault != Fault::Interrupted || signals::interrupts(thread, Signal::SIGUSR1))
    }

    /// A call that the kernel makes again is still the same call.
    fn record(&mut self, thread: Pid, entry: &Entry, fault: Option<Fault>) -> usize {
        let Thread { process, number, at } = &self.threads[&thread];
        let who = (*process, *number);
        if let At::Interrupted(before) = *at {
            if before.entry == *entry && fault.is_none() {
                return before.record;
            }
            self.log.ends(before.record, Outcome::Failed(Errno::EINTR));
        }
        self.log.begins(thread, who, entry, fault)
    }

    fn is(&mut self, thread: Pid, at: At) {
        self.threads.get_mut(&thread).expect("it is traced").at = at;
    }

    fn leaves(&mut self, thread: Pid, result: i64) {
        let At::Call(pending) = self.threads[&thread].at else { return };
        let Pending { entry, record, restore } = pending;
        if restore {
            let _ = change::set_third_argument(thread, entry.arguments[2]);
        }
        let outcome = Outcome::of(result);
        if outcome == Outcome::Pending {
            self.is(thread, At::Interrupted(pending));
            return;
        }
        if let Outcome::Returned(result) = outcome {
            self.log.went_well(thread, &entry, record, result);
        }
        self.log.ends(record, outcome);
        self.is(thread, At::Large);
    }

    /// A child is let go only now, whichever of the two was heard of first.
    fn made(&mut self, maker: Pid, made: Pid) {
        let (parent, record) = (self.threads[&maker].process, self.call_of(maker));
        let is_thread = record.is_some_and(|record| self.log.records[record].call == Call::Thread);
        let (process, number) = match is_thread {
            true => (parent, self.log.thread(parent, record)),
            false => (self.log.child(made, parent, record), 0),
        };
        self.threads.insert(made, Thread { process, number, at: At::Large });
        if self.newborn.remove(&made) {
            resume(made, Resume::Freely, 0);
        }
    }

    /// The record of the call that a thread is in.
    fn call_of(&self, thread: Pid) -> Option<usize> {
        if let At::Call(pending) = self.threads[&thread].at { Some(pending.record) } else { None }
    }

    /// The other threads of the process are gone, and this one has the process's number.
    fn executed(&mut self, thread: Pid) {
        let (process, record) = (self.threads[&thread].process, self.call_of(thread));
        self.threads.retain(|other, state| *other == thread || state.process != process);
        self.log.executed(process, record);
    }
}
