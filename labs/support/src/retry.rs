//! System calls that a signal may interrupt.

use nix::errno::Errno;

/// Makes a system call again for as long as a signal interrupts it, and returns its first other result.
///
/// A call that blocks (`read`, `write`, `accept`, `poll`, ...) fails with `EINTR` when a signal arrives before it has
/// done anything. Nothing is wrong then, and nothing is lost: the call is to be made once more (signal(7)).
///
/// Not for `connect(2)`: an interrupted connect goes on in the background, and a second call finds it under way.
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
