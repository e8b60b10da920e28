//! Why a traced thread has stopped, and how it goes on.

use nix::errno::Errno;
use nix::sys::ptrace;
use nix::unistd::Pid;

/// What `waitpid` says of somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// It has ended: the status, as `waitpid` gives it.
    Ended(i32),
    /// It is about to make a call that the filter stops.
    Call { number: u64, arguments: [u64; 6] },
    /// A call has returned this.
    Returned(i64),
    /// It has made a process or thread with this number.
    Made(Pid),
    /// It runs another program now.
    Executed,
    /// It has just been made, and has not run yet.
    Newborn,
    /// All threads of its process have been stopped, as by SIGSTOP.
    Group,
    /// A signal has come for it.
    Signal(i32),
    /// Nothing that matters here.
    Other,
}

/// Looks whether anybody has stopped or ended; none where all run.
pub(super) fn next() -> Option<(Pid, Stop)> {
    let mut status = 0;
    // SAFETY: the kernel writes one int, to a place that lives through the call.
    let pid = unsafe { libc::waitpid(-1, &raw mut status, libc::WNOHANG | libc::__WALL) };
    let thread = Pid::from_raw(pid);
    (pid > 0).then(|| (thread, understand(thread, status)))
}

fn understand(thread: Pid, status: i32) -> Stop {
    if !libc::WIFSTOPPED(status) {
        return Stop::Ended(status);
    }
    let (signal, event) = (libc::WSTOPSIG(status), status >> 16);
    match event {
        libc::PTRACE_EVENT_SECCOMP => call(thread),
        libc::PTRACE_EVENT_FORK | libc::PTRACE_EVENT_VFORK | libc::PTRACE_EVENT_CLONE => {
            ptrace::getevent(thread).map_or(Stop::Other, |made| Stop::Made(Pid::from_raw(made as i32)))
        }
        libc::PTRACE_EVENT_EXEC => Stop::Executed,
        libc::PTRACE_EVENT_STOP if signal == libc::SIGTRAP => Stop::Newborn,
        libc::PTRACE_EVENT_STOP => Stop::Group,
        0 if signal == libc::SIGTRAP | 0x80 => returned(thread),
        0 => Stop::Signal(signal),
        _ => Stop::Other,
    }
}

/// The numbers that `ptrace_syscall_info` gives to its kinds.
const INFO_EXIT: u8 = 2;
const INFO_SECCOMP: u8 = 3;

fn call(thread: Pid) -> Stop {
    match ptrace::syscall_info(thread) {
        Ok(info) if info.op == INFO_SECCOMP => {
            // SAFETY: `op` says that this is the member that the kernel filled in.
            let call = unsafe { info.u.seccomp };
            Stop::Call { number: call.nr, arguments: call.args }
        }
        _ => Stop::Other,
    }
}

fn returned(thread: Pid) -> Stop {
    match ptrace::syscall_info(thread) {
        // SAFETY: `op` says that this is the member that the kernel filled in.
        Ok(info) if info.op == INFO_EXIT => Stop::Returned(unsafe { info.u.exit.sval }),
        _ => Stop::Other,
    }
}

/// How a stopped thread goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resume {
    /// To its next stop.
    Freely,
    /// To the end of the call it is in.
    ToReturn,
    /// Stays stopped, as its whole process, until a signal lets it go on.
    Stopped,
}

/// Lets a thread go on, with a signal delivered unless it is 0. One that was killed meanwhile is no concern.
pub(super) fn resume(thread: Pid, how: Resume, signal: i32) {
    let request = match how {
        Resume::Freely => libc::PTRACE_CONT,
        Resume::ToReturn => libc::PTRACE_SYSCALL,
        Resume::Stopped => libc::PTRACE_LISTEN,
    };
    let signal = signal as libc::c_long;
    // SAFETY: none of these requests touches the memory of this process; the address is ignored.
    let done = unsafe { libc::ptrace(request, thread.as_raw(), 0, signal) };
    assert!(done == 0 || Errno::last() == Errno::ESRCH, "ptrace: {}", Errno::last());
}
