//! What a program's processes use of the machine.

use super::family::Member;
use super::proc::Stat;
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
}

impl Usage {
    pub(crate) fn of(processes: &[Member]) -> Usage {
        let mut usage = Usage::default();
        for stat in processes.iter().filter_map(|member| Stat::of(member.pid)) {
            let bytes = stat.pages * PAGE;
            usage.time += Duration::from_millis(stat.ticks * TICK);
            usage.largest = usage.largest.max(bytes);
            usage.memory += bytes;
        }
        usage
    }
}
