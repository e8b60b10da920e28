//! Processes: `fork(2)` and `_exit(2)`.

use nix::unistd::ForkResult;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, Instant};

/// A thread that has been joined is gone for its program, and takes another moment to be gone for the system.
const LEAVING: Duration = Duration::from_secs(2);

/// Makes a copy of this process. Both go on from here; the result says which one this is.
///
/// - [`ForkResult::Parent`] in the process that called, with the number of its child; [`ForkResult::Child`] in the new one.
/// - The child has a copy of everything: memory as it is at this moment, and every open descriptor. What one of them
///   writes to memory afterwards the other does not see. What a descriptor stands for (a pipe, a connection) is *not*
///   copied: each process holds it, and it is closed only when both have closed it.
/// - The child stays the parent's until the parent has asked how it ended (`waitpid`); until then it is a zombie.
/// - What was printed without an end of line may still be in a buffer, and is then printed by both.
/// - Does not block. Fails with the error of `fork(2)`: `EAGAIN` where there are too many processes, `ENOMEM`.
///
/// # Panics
/// In a program with several threads. (`cargo test` runs each test in a thread of its own: try a function that forks
/// through a program.) Only the calling thread goes on in the child: a lock that another one held at that
/// moment, the allocator's for example, stays locked there for ever. In a program with one thread nobody else can hold a
/// lock, and that is why this function is safe where the system's own is not (fork(2), signal-safety(7)).
#[track_caller]
pub fn fork() -> nix::Result<ForkResult> {
    let until = Instant::now() + LEAVING;
    let mut threads = count_threads();
    while threads > 1 && Instant::now() < until {
        std::thread::yield_now();
        threads = count_threads();
    }
    assert!(threads == 1, "fork in a program with {threads} threads: only one would go on in the child");
    // SAFETY: this is the only thread, so nobody can have started another since, and nobody holds a lock.
    unsafe { nix::unistd::fork() }
}

/// The directory of a process's threads has two links of its own and one for each thread; no descriptor is needed to ask.
/// Where they cannot be counted (there is no `/proc`), the caller has to be believed.
fn count_threads() -> u64 {
    std::fs::metadata("/proc/self/task").map_or(1, |directory| directory.nlink().saturating_sub(2).max(1))
}

/// Ends this process at once, with this exit status.
///
/// The way out for a child that has not become another program. `std::process::exit` would first write out what is left
/// in the buffers of standard output: a copy of what the parent had not written yet, and will write itself.
pub fn _exit(status: i32) -> ! {
    // SAFETY: it takes a number, and never returns.
    unsafe { libc::_exit(status) }
}

#[cfg(test)]
mod tests {
    #[test]
    #[should_panic(expected = "fork in a program with")]
    fn a_program_with_several_threads_is_refused() {
        // The test harness waits in the main thread.
        let _ = super::fork();
    }
}
