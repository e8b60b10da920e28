//! What a signal does to a program.

use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};

/// From now on, this signal does to this process what it does to any: `SIGPIPE` and `SIGTERM` end it.
///
/// A Rust program begins with `SIGPIPE` ignored, so that a write which nobody will read fails with `EPIPE` instead of
/// ending the program. A signal that is ignored stays ignored through `fork` *and* `exec` (signal(7)): programs that are
/// started must be given back what they expect, or `yes | head -n 1` ends with a complaint.
///
/// Fails with `EINVAL` for `SIGKILL` and `SIGSTOP`, which nobody can change. Does not block.
pub fn default_action(signal: Signal) -> nix::Result<()> {
    let action = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
    // SAFETY: no code of this program is installed to run at any time.
    unsafe { sigaction(signal, &action) }.map(drop)
}
