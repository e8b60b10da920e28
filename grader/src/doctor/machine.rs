//! One question to the machine each: none, or what stands against it.

use crate::observe;
use nix::sys::ptrace::{self, Options};
use nix::sys::statvfs::statvfs;
use nix::unistd::Pid;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Whether a program can be traced.
pub(super) fn tracing() -> Option<String> {
    with_program(|child| {
        ptrace::seize(child, Options::PTRACE_O_EXITKILL).err().map(|error| error.to_string())
    })
}

/// Whether the kernel tells which call a program is blocked in.
pub(super) fn calls() -> Option<String> {
    with_program(|child| {
        let shown = observe::shows_calls(child.as_raw());
        (!shown).then(|| "/proc/PID/syscall cannot be read".to_owned())
    })
}

/// Asks about a program that waits for its input.
fn with_program(ask: impl FnOnce(Pid) -> Option<String>) -> Option<String> {
    let started = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn();
    let Ok(mut child) = started else { return Some("`cat` cannot be started".to_owned()) };
    let answer = ask(Pid::from_raw(child.id() as i32));
    end(&mut child);
    answer
}

fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

/// Whether the end of a process can be waited for together with other events.
pub(super) fn pidfd() -> Option<String> {
    // SAFETY: takes two numbers; a result that is not negative is a new descriptor, left to the end of this process.
    let made = unsafe { libc::syscall(libc::SYS_pidfd_open, std::process::id(), 0) };
    (made < 0).then(|| std::io::Error::last_os_error().to_string())
}

/// Whether the kernel tells which sockets listen.
pub(super) fn sock_diag() -> Option<String> {
    observe::tcp::listeners().err().map(|error| error.to_string())
}

/// Whether programs can reach each other by IPv6.
pub(super) fn ipv6() -> Option<String> {
    TcpListener::bind(("::1", 0)).err().map(|error| error.to_string())
}

/// How much memory programs could have, in bytes.
pub(super) fn memory() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? << 10)
}

/// How much room there is for files below a directory, in bytes.
pub(super) fn disk(path: &Path) -> Option<u64> {
    let room = statvfs(path).ok()?;
    Some(room.blocks_available() * room.fragment_size())
}

pub(super) fn in_words(bytes: u64) -> String {
    format!("{}.{} GiB", bytes >> 30, (bytes >> 20) % 1024 * 10 / 1024)
}
