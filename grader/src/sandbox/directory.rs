//! A check's directory where there is no box. It is locked for as long as the grader has it, and so the next grader knows
//! those that a killed one has left.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use tempfile::TempDir;

const PREFIX: &str = "oslab-check-";

/// An empty directory, gone when this value is.
pub(crate) struct Directory {
    directory: TempDir,
    _lock: File,
}

impl Directory {
    /// Makes one among the machine's temporary files.
    pub(crate) fn make() -> io::Result<Directory> {
        loop {
            let directory = tempfile::Builder::new().prefix(PREFIX).tempdir()?;
            let lock = File::open(directory.path())?;
            lock.lock()?;
            // Another grader's sweep may have come between.
            if directory.path().exists() {
                return Ok(Directory { directory, _lock: lock });
            }
        }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }
}

/// Removes what killed graders of this user have left. What cannot be removed stays.
pub(crate) fn sweep() {
    let user = nix::unistd::geteuid().as_raw();
    for entry in fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten() {
        let is_one = entry.file_name().to_string_lossy().starts_with(PREFIX);
        let own = |data: fs::Metadata| data.is_dir() && data.uid() == user;
        if is_one && entry.metadata().is_ok_and(own) && is_abandoned(&entry.path()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn is_abandoned(path: &Path) -> bool {
    File::open(path).is_ok_and(|directory| directory.try_lock().is_ok())
}
