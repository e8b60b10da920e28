//! The action of a signal, for the few choices that need no signal handler in your code.

use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};

/// The action of a signal that arrives, its disposition: signal(7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// The default action of the system. For most signals it ends the program; for `SIGCHLD` it does nothing.
    Default,
    /// The signal is ignored. For `SIGCHLD` this also says that the parent will never ask how a child ended. The
    /// child leaves no zombie, and `waitpid(2)` returns when no child is left, with `ECHILD`.
    Ignore,
    /// A call that blocks (`accept`, `poll`, `read`, ...) fails with `EINTR`. The signal does not affect a later
    /// call. So a program that first checks and then blocks can miss a signal in between (`ppoll(2)` solves this).
    Interrupt,
}

/// Sets the action of a signal in this program from now on.
///
/// - Children inherit it. A program started by exec inherits `Ignore` and `Default`.
/// - A Rust program begins with `SIGPIPE` ignored. So a write without a reader fails with `EPIPE` and does not end
///   the program. Give a program that you start the default action, otherwise `yes | head -n 1` ends with an error
///   message.
/// - Does not block. Fails with `EINVAL` for `SIGKILL` and `SIGSTOP`, whose action cannot be changed.
///
/// Source: sigaction(2).
pub fn on_signal(signal: Signal, disposition: Disposition) -> nix::Result<()> {
    extern "C" fn nothing(_: libc::c_int) {}
    let handler = match disposition {
        Disposition::Default => SigHandler::SigDfl,
        Disposition::Ignore => SigHandler::SigIgn,
        Disposition::Interrupt => SigHandler::Handler(nothing),
    };
    // Without SA_RESTART: the system does not repeat the interrupted call.
    let action = SigAction::new(handler, SaFlags::empty(), SigSet::empty());
    // SAFETY: the handler does nothing, which is safe at any time.
    unsafe { sigaction(signal, &action) }.map(drop)
}
