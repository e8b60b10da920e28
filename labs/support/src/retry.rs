//! System calls that a signal may interrupt.

use nix::errno::Errno;

/// Makes a system call again while a signal interrupts it, and returns its first other result.
///
/// A call that blocks (`read`, `write`, `accept`, `poll`, ...) fails with `EINTR` when a signal arrives before it has
/// done anything. This is not an error, and nothing is lost: make the same call again (signal(7)).
///
/// Not for `connect(2)`: an interrupted connect continues in the background, and a second call fails because the
/// first is still in progress.
///
/// ```
/// let (reader, writer) = nix::unistd::pipe()?;
/// oslab::retry(|| nix::unistd::write(&writer, b"hello"))?;
/// let mut buffer = [0; 16];
/// assert_eq!(oslab::retry(|| nix::unistd::read(&reader, &mut buffer))?, 5);
/// # Ok::<(), nix::Error>(())
/// ```
pub fn retry<T>(mut call: impl FnMut() -> nix::Result<T>) -> nix::Result<T> {
    loop {
        match call() {
            Err(Errno::EINTR) => continue,
            result => return result,
        }
    }
}
