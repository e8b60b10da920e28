//! What a program's processes use of the machine.

use super::family::Member;
use super::proc::{self, Stat};
use std::time::Duration;

/// Milliseconds per clock tick of `/proc`.
const TICK: u64 = 10;
/// Bytes per page.
const PAGE: u64 = 4096;

/// What some processes use, at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// Processor time, in all.
    pub(crate) time: Duration,
    /// Resident bytes of the largest.
    pub(crate) largest: u64,
    /// Resident bytes of all.
    pub(crate) memory: u64,
    /// Bytes that reads have brought and writes have taken, wherever the other end is.
    pub(crate) moved: u64,
}

impl Usage {
    pub(crate) fn of(processes: &[Member]) -> Usage {
        let mut usage = Usage::default();
        for member in processes {
            let Some(stat) = Stat::of(member.pid) else { continue };
            let bytes = stat.pages * PAGE;
            usage.time += Duration::from_millis(stat.ticks * TICK);
            usage.largest = usage.largest.max(bytes);
            usage.memory += bytes;
            usage.moved += proc::moved(member.pid).unwrap_or(0);
        }
        usage
    }
}
