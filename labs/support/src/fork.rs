//! Processes: `fork(2)` and `_exit(2)`.

use nix::unistd::ForkResult;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, Instant};

/// A joined thread has ended for its program. The system needs another moment to remove it.
const LEAVING: Duration = Duration::from_secs(2);

/// Makes a copy of this process. Both processes continue after this call; the result says which one this is.
///
/// - Returns [`ForkResult::Parent`] in the process that called, with the number of its child. Returns
///   [`ForkResult::Child`] in the new process.
/// - The child has a copy of the memory as it is at this moment. Later writes to memory in one process are not
///   visible in the other.
/// - The child also has a copy of every open descriptor. The pipe or the connection itself is *not* copied: each
///   process holds it, and it is closed when both have closed it.
/// - A child that has ended is a zombie until the parent has asked for its status (`waitpid`).
/// - Printed text without an end of line may still be in a buffer. Then both processes print it.
/// - Does not block. Fails with the error of `fork(2)`: `EAGAIN` if there are too many processes, or `ENOMEM`.
///
/// # Panics
/// In a program with several threads. (`cargo test` runs each test in a separate thread: test a function that forks
/// through a program.) Only the calling thread continues in the child. A lock that another thread held at that
/// moment, for example in the allocator, stays locked there forever. In a program with one thread, no other thread
/// can hold a lock. So this function is safe, and the system's own is not (fork(2), signal-safety(7)).
#[track_caller]
pub fn fork() -> nix::Result<ForkResult> {
    let until = Instant::now() + LEAVING;
    let mut threads = count_threads();
    while threads > 1 && Instant::now() < until {
        std::thread::yield_now();
        threads = count_threads();
    }
    assert!(threads == 1, "fork in a program with {threads} threads: only one would go on in the child");
    // SAFETY: this is the only thread, so no other thread can have started one since, and no other thread holds a
    // lock.
    unsafe { nix::unistd::fork() }
}

/// The directory of a process's threads has two links, and one more for each thread; no descriptor is needed to ask.
/// Where they cannot be counted (there is no `/proc`), the caller has to be believed.
fn count_threads() -> u64 {
    std::fs::metadata("/proc/self/task").map_or(1, |directory| directory.nlink().saturating_sub(2).max(1))
}

/// Ends this process at once, with this exit status.
///
/// Use this in a child that has not become another program. `std::process::exit` would first write out the buffers of
/// standard output. They are a copy of the parent's buffers, which the parent writes out itself.
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
