//! How a program ended.

use crate::check::Status;
use nix::sys::signal::Signal;
use nix::sys::wait::WaitStatus;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Output};

/// How a program ended, or that it has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Has not ended.
    Running,
    /// By itself, with this exit code.
    Exited(i32),
    /// By a signal that was not the grader's: a crash.
    Signaled(Signal),
    /// By recursion without end: its stack was used up.
    StackOverflow,
    /// By the filter, when it aimed a signal or a limit at the grader or at every process there is.
    ForbiddenSignal,
    /// By the grader, after it had written more than this many bytes.
    OutputLimit(u64),
    /// By the grader or the kernel, after this much processor time without progress, in milliseconds.
    ProcessorLimit(u64),
    /// By the grader, after so many recorded system calls without progress.
    CallLimit(usize),
    /// By the grader: it read and wrote without end.
    MoveLimit,
    /// By the grader, at this many bytes of memory.
    MemoryLimit(u64),
    /// By the grader, at this many processes and threads.
    TaskLimit(usize),
    /// By the kernel: a file grew too large.
    FileLimit,
    /// By the grader: it had stopped itself (SIGSTOP).
    StoppedItself,
    /// By the grader, because the check asked for it or was over.
    Ended,
}

impl Ending {
    /// What `wait` says of a program that the grader did not end. `overflowed` is what the runtime wrote on the stack's
    /// end; it chooses words, never a verdict.
    pub(super) fn of(status: WaitStatus, overflowed: bool) -> Ending {
        match status {
            WaitStatus::Exited(_, code) => Ending::Exited(code),
            WaitStatus::Signaled(_, Signal::SIGSYS, _) => Ending::ForbiddenSignal,
            WaitStatus::Signaled(_, Signal::SIGXFSZ, _) => Ending::FileLimit,
            WaitStatus::Signaled(_, Signal::SIGXCPU, _) => {
                Ending::ProcessorLimit(super::spawn::PROCESSOR_SECONDS * 1000)
            }
            WaitStatus::Signaled(_, Signal::SIGABRT | Signal::SIGSEGV, _) if overflowed => {
                Ending::StackOverflow
            }
            WaitStatus::Signaled(_, signal, _) => Ending::Signaled(signal),
            _ => Ending::Running,
        }
    }

    /// The ending in words, to follow the program's name: `ended with exit code 0`.
    pub fn words(&self) -> String {
        match self {
            Ending::Running => "is still running".to_owned(),
            Ending::Exited(code) => format!("ended with exit code {code}"),
            Ending::Signaled(signal) => format!("was ended by {}: {}", signal.as_str(), meaning(*signal)),
            Ending::StackOverflow => "used up its stack: some function calls itself without end".to_owned(),
            Ending::ForbiddenSignal => {
                "was ended when it aimed a signal at the grader, or a limit".to_owned()
            }
            Ending::OutputLimit(bytes) => {
                format!("was ended after it had written more than {} MiB", bytes >> 20)
            }
            Ending::ProcessorLimit(millis) => {
                format!("was ended after {} of processor time without any progress", seconds(*millis))
            }
            Ending::CallLimit(count) => {
                format!("was ended after {count} system calls without any progress")
            }
            Ending::MoveLimit => "was ended because it read and wrote without end".to_owned(),
            Ending::MemoryLimit(bytes) => {
                format!("was ended when it held more than {} MiB of memory", bytes >> 20)
            }
            Ending::TaskLimit(count) => {
                format!("was ended when it had more than {count} processes and threads")
            }
            Ending::FileLimit => {
                format!("was ended when it wrote a file of more than {} MiB", super::spawn::FILE_BYTES >> 20)
            }
            Ending::StoppedItself => "stopped itself and was ended".to_owned(),
            Ending::Ended => "was ended by the grader".to_owned(),
        }
    }

    /// Whether it went on and on until it was stopped.
    pub(crate) fn is_endless(&self) -> bool {
        matches!(self, Ending::ProcessorLimit(_) | Ending::CallLimit(_) | Ending::MoveLimit)
    }

    /// What an ending that nobody expected makes of a check: a limit or a crash is `Limit`, a plain exit `Fail`.
    pub fn status(&self) -> Status {
        match self {
            Ending::Running | Ending::Exited(_) | Ending::Ended => Status::Fail,
            _ => Status::Limit,
        }
    }

    fn exit_status(&self) -> ExitStatus {
        ExitStatus::from_raw(match self {
            Ending::Exited(code) => code << 8,
            Ending::Signaled(signal) => *signal as i32,
            Ending::StackOverflow => Signal::SIGABRT as i32,
            Ending::ForbiddenSignal => Signal::SIGSYS as i32,
            Ending::FileLimit => Signal::SIGXFSZ as i32,
            _ => Signal::SIGKILL as i32,
        })
    }
}

/// `2.0 s`
pub(crate) fn seconds(millis: u64) -> String {
    format!("{}.{} s", millis / 1000, millis % 1000 / 100)
}

fn meaning(signal: Signal) -> &'static str {
    match signal {
        Signal::SIGSEGV => {
            "it touched memory that is not its own; often a stack used up by endless recursion"
        }
        Signal::SIGABRT => "it gave up, often by a panic within a panic",
        Signal::SIGBUS => "it touched memory that is not there",
        Signal::SIGFPE => "it divided by zero",
        Signal::SIGILL => "it ran into what is no instruction",
        Signal::SIGPIPE => "it wrote to a pipe or connection that nobody reads any more",
        Signal::SIGKILL => "it was killed from outside, often for lack of memory",
        _ => "nobody handled that signal",
    }
}

/// An ending and what was written before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How it ended.
    pub ending: Ending,
    /// Standard output; everything, up to the limit.
    pub stdout: Vec<u8>,
    /// Standard error, likewise.
    pub stderr: Vec<u8>,
}

impl Outcome {
    /// The same for `assert_cmd::assert::Assert::new(…)` and `predicates`. A program that was ended by the grader counts
    /// as killed.
    pub fn output(&self) -> Output {
        Output { status: self.ending.exit_status(), stdout: self.stdout.clone(), stderr: self.stderr.clone() }
    }
}
