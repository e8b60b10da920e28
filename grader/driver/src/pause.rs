//! How a driver waits for the grader, and what may interrupt it.

use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use std::io::Read;

/// Waits until the grader ends standard input.
pub fn gate() {
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}

/// Waits for the grader to end this program.
pub fn hold() -> ! {
    loop {
        nix::unistd::pause();
    }
}

/// Lets SIGUSR1 interrupt a call that has begun its work. With SA_RESTART, one that has not is made again by the kernel.
///
/// # Panics
/// Never, as the signal can be handled.
pub fn tolerate_signals(flags: SaFlags) {
    extern "C" fn nothing(_: libc::c_int) {}
    let action = SigAction::new(SigHandler::Handler(nothing), flags, SigSet::empty());
    // SAFETY: the handler does nothing, which is safe at any time.
    unsafe { sigaction(Signal::SIGUSR1, &action) }.expect("SIGUSR1 can be handled");
}
