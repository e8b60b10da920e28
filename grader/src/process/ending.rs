//! How a program ended.

use crate::check::Status;
use nix::sys::signal::Signal;

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
    /// By the filter, when it aimed a signal at the grader or at every process there is.
    ForbiddenSignal,
    /// By the grader, after it had written this many bytes.
    OutputLimit(u64),
    /// By the grader or the kernel, after this much processor time without progress, in milliseconds.
    ProcessorLimit(u64),
    /// By the grader, at this many bytes of memory.
    MemoryLimit(u64),
    /// By the kernel: a file grew too large.
    FileLimit,
    /// By the grader: it had stopped itself (SIGSTOP).
    StoppedItself,
    /// By the grader, because the check was over with it.
    Ended,
}

impl Ending {
    /// The ending in words, to follow the program's name: `ended with exit code 0`, `was ended after 64 MiB of output`.
    pub fn words(&self) -> String {
        todo!()
    }

    /// What an ending nobody expected makes of a check: `Limit` for limits and crashes, `Fail` for an exit.
    pub fn status(&self) -> Status {
        todo!()
    }
}

/// An ending and what was written before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How it ended.
    pub ending: Ending,
    /// Standard output, capped in the middle.
    pub stdout: Vec<u8>,
    /// Standard error, capped in the middle.
    pub stderr: Vec<u8>,
    /// How many bytes both had in all.
    pub written: u64,
}

impl Outcome {
    /// The same for `assert_cmd::assert::Assert::new(…)` and `predicates`. The status of a program that was ended by the
    /// grader is a death by SIGKILL.
    pub fn output(&self) -> std::process::Output {
        todo!()
    }
}
