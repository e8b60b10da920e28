//! What a program may use.

use super::Ending;
use crate::observe::{Rest, Usage};
use crate::trace::Counts;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// So many times what one process may hold, all that belong together may hold. What they share counts for each.
const TOGETHER: u64 = 4;

/// What a program may use before it is ended. Only a failing program reaches any of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// How long an expectation waits for a program that is neither running nor blocked for good: one that sleeps.
    pub patience: Duration,
    /// Processor time since the last progress (a record, bytes, a connection) after which a program runs in circles.
    pub processor: Duration,
    /// Recorded calls since the last progress that moved no byte, after which a program runs in circles: one that is
    /// stopped at every call uses little processor time.
    pub calls: usize,
    /// Recorded reads and writes since the last progress that moved bytes, after which a program goes on without end. The
    /// longest of a check's messages, moved byte by byte, takes fewer.
    pub moves: usize,
    /// Bytes that those may move.
    pub bytes: u64,
    /// Bytes on standard output and standard error together.
    pub output: u64,
    /// Resident memory of one process, in bytes. Watched, not set as RLIMIT_AS: reserved addresses harm nobody, and
    /// threads reserve many.
    pub memory: u64,
    /// Processes and threads. Watched, not set as RLIMIT_NPROC: the kernel counts that per user, not per program, and
    /// not at all for root.
    pub tasks: usize,
    /// The whole check, whatever happens in it.
    pub check: Duration,
}

impl Limits {
    /// The limit that the calls since the last progress have passed.
    pub(crate) fn passed(&self, calls: Counts) -> Option<Ending> {
        if calls.idle > self.calls {
            Some(Ending::CallLimit(self.calls))
        } else {
            (calls.moving > self.moves || calls.bytes > self.bytes).then_some(Ending::MoveLimit)
        }
    }

    /// The limit on what processes hold at one time that these have reached, together or one of them.
    pub(crate) fn reached(&self, rest: &Rest, usage: &Usage) -> Option<Ending> {
        let together = self.memory * TOGETHER;
        if usage.largest > self.memory {
            Some(Ending::MemoryLimit(self.memory))
        } else if usage.memory > together {
            Some(Ending::MemoryLimit(together))
        } else {
            (rest.tasks() > self.tasks).then_some(Ending::TaskLimit(self.tasks))
        }
    }
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            patience: Duration::from_secs(5),
            processor: Duration::from_secs(2),
            calls: 10_000,
            moves: 400_000,
            bytes: 256 << 20,
            output: 64 << 20,
            memory: 1 << 30,
            tasks: 1024,
            check: Duration::from_secs(60),
        }
    }
}
