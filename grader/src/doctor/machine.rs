//! What a machine has.

use nix::sys::statvfs::statvfs;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// Whether a program can be started by its name.
pub(super) fn has(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
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
