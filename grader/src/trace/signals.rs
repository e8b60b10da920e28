//! What a thread does with a signal, from `/proc/PID/status`.

use crate::observe::proc;
use nix::sys::signal::Signal;
use nix::unistd::Pid;

/// Whether a signal would interrupt the thread: its process has a handler for it, and the thread does not block it.
pub(super) fn interrupts(thread: Pid, signal: Signal) -> bool {
    let status = proc::text(&format!("/proc/{thread}/status")).unwrap_or_default();
    has(&status, "SigCgt:", signal) && !has(&status, "SigBlk:", signal)
}

/// Whether a signal is in one of the sets, which are written in hexadecimal.
fn has(status: &str, set: &str, signal: Signal) -> bool {
    let line = status.lines().find_map(|line| line.strip_prefix(set));
    let set = line.and_then(|set| u64::from_str_radix(set.trim(), 16).ok()).unwrap_or(0);
    set >> (signal as u32 - 1) & 1 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_read_by_the_signals_number() {
        let status = "SigBlk:\t0000000000000001\nSigCgt:\t0000000000000200\n";
        assert!(has(status, "SigCgt:", Signal::SIGUSR1) && !has(status, "SigBlk:", Signal::SIGUSR1));
        assert!(has(status, "SigBlk:", Signal::SIGHUP) && !has(status, "SigCgt:", Signal::SIGHUP));
    }
}
