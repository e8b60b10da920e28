//! A life with a keeper where there are no namespaces: with the end of either, or of the grader, the keeper ends everything
//! that has come of it.

use crate::process::sweep;
use anyhow::Result;
use nix::sys::prctl;
use nix::sys::signal::{SigSet, Signal};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{self, ForkResult, Pid};

/// Runs `life` in a child and returns the number it ends with. The caller must be single-threaded and the grader's child.
pub(crate) fn run(life: impl FnOnce() -> Result<u8>) -> Result<u8> {
    prctl::set_child_subreaper(true)?;
    // From here on the grader's end is a signal that can be waited for.
    let news: SigSet = [Signal::SIGCHLD, Signal::SIGTERM].into_iter().collect();
    let before = news.thread_swap_mask(nix::sys::signal::SigmaskHow::SIG_BLOCK)?;
    prctl::set_pdeathsig(Signal::SIGTERM)?;
    let keeper = unistd::getpid();
    // SAFETY: this process has no other thread.
    match unsafe { unistd::fork() }? {
        ForkResult::Child => {
            before.thread_set_mask()?;
            prctl::set_pdeathsig(Signal::SIGKILL)?;
            let kept = unistd::getppid() == keeper;
            std::process::exit(if kept { life().map_or(1, i32::from) } else { 1 })
        }
        ForkResult::Parent { child } => Ok(keep(child, &news)),
    }
}

fn keep(child: Pid, news: &SigSet) -> u8 {
    let ended = loop {
        match news.wait() {
            Ok(Signal::SIGTERM) => break None,
            _ => match waitpid(child, Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::StillAlive) => {}
                Ok(WaitStatus::Exited(_, code)) => break Some(code as u8),
                _ => break None,
            },
        }
    };
    sweep::kill_descendants();
    ended.unwrap_or(1)
}
