//! What a signal does to a program, for the few choices that need no handler of one's own.

use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};

/// What becomes of a signal that arrives: its disposition, signal(7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// What the system has for this signal: for most, the end of the program; `SIGCHLD` passes unnoticed.
    Default,
    /// Nothing. Of `SIGCHLD`, this also says that nobody will ask how a child ended: it leaves no zombie, and `waitpid(2)`
    /// returns when no child is left, with `ECHILD`.
    Ignore,
    /// A call that blocks (`accept`, `poll`, `read`, ...) fails with `EINTR`. A call that begins afterwards knows nothing
    /// of it: whoever looks first and then blocks can miss a signal in between (`ppoll(2)` is there for that).
    Interrupt,
}

/// Says what a signal does to this program from now on.
///
/// - Children inherit it. A program started by exec inherits `Ignore` and `Default`. A Rust program begins with `SIGPIPE`
///   ignored, so that a write which nobody will read fails with `EPIPE` instead of ending it: programs that it starts must
///   be given back what they expect, or `yes | head -n 1` ends with a complaint.
/// - Does not block. Fails with `EINVAL` for `SIGKILL` and `SIGSTOP`, about which a program is not asked.
///
/// Source: sigaction(2).
pub fn on_signal(signal: Signal, disposition: Disposition) -> nix::Result<()> {
    extern "C" fn nothing(_: libc::c_int) {}
    let handler = match disposition {
        Disposition::Default => SigHandler::SigDfl,
        Disposition::Ignore => SigHandler::SigIgn,
        Disposition::Interrupt => SigHandler::Handler(nothing),
    };
    // Without SA_RESTART: the interrupted call is not made again behind the program's back.
    let action = SigAction::new(handler, SaFlags::empty(), SigSet::empty());
    // SAFETY: the handler does nothing, which is safe at any time.
    unsafe { sigaction(signal, &action) }.map(drop)
}
