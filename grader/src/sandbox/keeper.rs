//! A process that waits for another one: with the end of either, or of whoever started the keeper, the keeper ends
//! everything that has come of the other.

use crate::process::{leave, sweep};
use anyhow::Result;
use nix::sys::prctl;
use nix::sys::signal::{SigSet, SigmaskHow, Signal};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{self, ForkResult, Pid};

/// What the calling process becomes before it makes the other one.
pub(super) struct Keeper {
    before: SigSet,
}

impl Keeper {
    /// From here on, a request to end and the end of whoever started this process are signals that can be waited for.
    pub(super) fn new() -> Result<Keeper> {
        prctl::set_child_subreaper(true)?;
        let before = news().thread_swap_mask(SigmaskHow::SIG_BLOCK)?;
        prctl::set_pdeathsig(Signal::SIGTERM)?;
        Ok(Keeper { before })
    }

    /// In the other process: it keeps nobody.
    pub(super) fn free(&self) -> Result<()> {
        Ok(self.before.thread_set_mask()?)
    }

    /// Returns the number that the other process ends with.
    pub(super) fn keep(&self, child: Pid) -> u8 {
        let ended = loop {
            match news().wait() {
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
}

fn news() -> SigSet {
    [Signal::SIGCHLD, Signal::SIGTERM].into_iter().collect()
}

/// Runs `life` in a child and returns the number it ends with. The caller must be single-threaded.
pub(crate) fn run(life: impl FnOnce() -> Result<u8>) -> Result<u8> {
    let keeper = Keeper::new()?;
    let parent = unistd::getpid();
    // SAFETY: this process has no other thread.
    match unsafe { unistd::fork() }? {
        ForkResult::Child => {
            keeper.free()?;
            prctl::set_pdeathsig(Signal::SIGKILL)?;
            let kept = unistd::getppid() == parent;
            leave(if kept { life().unwrap_or(1) } else { 1 })
        }
        ForkResult::Parent { child } => Ok(keeper.keep(child)),
    }
}
