//! `fork(2)` for programs with one thread, where it is safe.

use nix::unistd::ForkResult;

/// Makes a second process out of this one: a copy that goes on from the same line.
///
/// - Returns twice: [`ForkResult::Parent`] with the child's number in the process that called, [`ForkResult::Child`] in the
///   new one. From here on nothing that one of them does to its memory is seen by the other.
/// - The child has every descriptor that was open, under the same number. What a descriptor stands for (a connection, a
///   listener, an end of a pipe) is closed only when the last copy is: each of the two closes what is not its own to use.
/// - Does not block. Fails with the error of `fork(2)`: `EAGAIN` when there are too many processes, `ENOMEM`.
/// - A child that has ended stays behind as a zombie until its parent has asked how: `waitpid(2)`.
/// - What was printed without an end of line may still be in a buffer, and is then printed by both.
///
/// # Panics
/// In a program with several threads. The child gets only the thread that called; a lock that any of the others held at
/// that moment stays locked in it for ever. (`cargo test` runs each test in a thread of its own: try a function that
/// forks through a program.)
#[track_caller]
pub fn fork() -> nix::Result<ForkResult> {
    let threads = std::fs::read_dir("/proc/self/task").map_or(1, Iterator::count);
    assert!(threads == 1, "fork in a program with {threads} threads: the child would have only one of them");
    // SAFETY: there is no other thread, so no lock is held and nothing is half done in the child.
    unsafe { nix::unistd::fork() }
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
