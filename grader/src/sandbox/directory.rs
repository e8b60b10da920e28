//! A check's directory where there is no box. It is locked for as long as the grader has it, and so the next grader knows
//! those that a killed one has left.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const PREFIX: &str = "oslab-check-";

/// What the name of a socket in such a directory leaves for the place where the directory lies.
const LONGEST: usize = 64;

/// An empty directory, gone when this value is.
pub(crate) struct Directory {
    directory: TempDir,
    _lock: File,
}

impl Directory {
    /// Makes one among the machine's temporary files.
    pub(crate) fn make() -> io::Result<Directory> {
        let place = std::env::temp_dir();
        if place.as_os_str().len() > LONGEST {
            let told = format!("the path {} is too long for sockets", place.display());
            return Err(io::Error::new(io::ErrorKind::InvalidFilename, told));
        }
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

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = remove(self.path());
    }
}

/// Removes what killed graders of this user have left. What cannot be removed stays.
pub(crate) fn sweep() {
    let user = nix::unistd::geteuid().as_raw();
    for entry in fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten() {
        let is_one = entry.file_name().to_string_lossy().starts_with(PREFIX);
        let own = |data: fs::Metadata| data.is_dir() && data.uid() == user;
        if is_one && entry.metadata().is_ok_and(own) && is_abandoned(&entry.path()) {
            let _ = remove(&entry.path());
        }
    }
}

fn is_abandoned(path: &Path) -> bool {
    let _ = unlock(path);
    File::open(path).is_ok_and(|directory| directory.try_lock().is_ok())
}

/// Removes a directory whatever its programs have made of it, permissions and depth included. None of them runs any more.
fn remove(top: &Path) -> io::Result<()> {
    unlock(top)?;
    // What lies deeper comes up here and is found by the next round: no path grows long, and no directory stays open.
    while let Some(entry) = fs::read_dir(top)?.next().transpose()? {
        match entry.file_type()?.is_dir() {
            true => take_apart(&entry.path(), top)?,
            false => fs::remove_file(entry.path())?,
        }
    }
    fs::remove_dir(top)
}

/// Removes a directory of `top`, to which those that are in it are moved.
fn take_apart(dir: &Path, top: &Path) -> io::Result<()> {
    unlock(dir)?;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            unlock(&entry.path())?;
            fs::rename(entry.path(), unused(top))?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    fs::remove_dir(dir)
}

fn unlock(dir: &Path) -> io::Result<()> {
    fs::set_permissions(dir, Permissions::from_mode(0o700))
}

fn unused(top: &Path) -> PathBuf {
    let mut names = (0_u64..).map(|number| top.join(number.to_string()));
    names.find(|name| name.symlink_metadata().is_err()).expect("there are more names than files")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_locked_and_what_is_deep_goes_and_what_a_link_leads_to_stays() {
        let others = tempfile::tempdir().expect("a directory");
        fs::write(others.path().join("file"), "theirs").expect("a file");
        let directory = Directory::make().expect("a directory");
        let top = directory.path().to_owned();
        (0..100).for_each(|number| {
            fs::create_dir_all(top.join(format!("a/{number}/{number}"))).expect("a directory")
        });
        fs::create_dir_all(top.join("d/".repeat(1000))).expect("a deep directory");
        std::os::unix::fs::symlink(others.path(), top.join("a/link")).expect("a link");
        fs::set_permissions(top.join("a"), Permissions::from_mode(0o000)).expect("the owner may");
        fs::set_permissions(&top, Permissions::from_mode(0o000)).expect("the owner may");
        drop(directory);
        assert!(!top.exists() && others.path().join("file").exists());
    }
}
