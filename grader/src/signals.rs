//! Signals as every program may expect them. What is ignored or held back outlives an exec: what a shell, `nohup` or a
//! scheduler has left would reach the students' programs.

/// The kernel's last signal; the real-time ones have no names.
const LAST: libc::c_int = 64;

/// No signal is ignored any more, and none is held back. SIGPIPE stays as it is: Rust's runtime ignores it in the grader's
/// own processes, and every command that is started gets it back. Allocates nothing.
pub(crate) fn restore() {
    (1..=LAST).filter(|signal| *signal != libc::SIGPIPE).for_each(heed);
    let _ = nix::sys::signal::SigSet::empty().thread_set_mask();
}

/// The grader hears of the end of what it starts. Other signals that it was told to ignore, it goes on to ignore.
pub fn hear_of_children() {
    heed(libc::SIGCHLD);
}

/// Handlers stay: the runtime's own say that a stack is used up. The kernel is asked itself: the C library denies that there
/// are signals 32 and 33, which can be ignored like any other.
fn heed(signal: libc::c_int) {
    // As the kernel has an action: the handler, flags, a restorer where there is one, the mask. Zeros are the default.
    let (default, mut action) = ([0_usize; 4], [0_usize; 4]);
    let none = std::ptr::null_mut::<usize>();
    // SAFETY: asks for an action, and changes none.
    let asked =
        unsafe { libc::syscall(libc::SYS_rt_sigaction, signal, none, action.as_mut_ptr(), size_of::<u64>()) };
    if asked == 0 && action[0] == libc::SIG_IGN {
        // SAFETY: the default action runs no code of this process.
        unsafe { libc::syscall(libc::SYS_rt_sigaction, signal, default.as_ptr(), none, size_of::<u64>()) };
    }
}
