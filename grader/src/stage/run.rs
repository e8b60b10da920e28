//! What the checks of one grading use, as it was compiled for them. Another grader may compile anew in the meantime.

use super::Package;
use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A directory that goes with its grading.
pub(super) struct Run {
    dir: TempDir,
    /// Locked for as long as the grading goes on.
    _lock: File,
}

/// A program and the sources that it was compiled from.
pub(crate) struct Kept {
    /// The driver.
    pub(crate) driver: PathBuf,
    /// The directory of the lab: it has the name of the one in the stage.
    pub(crate) source: PathBuf,
}

impl Run {
    /// Begins one in the stage, and removes those whose graders have ended without doing so.
    pub(super) fn begin(stage: &Path) -> io::Result<Run> {
        let runs = stage.join("runs");
        fs::create_dir_all(&runs)?;
        sweep(&runs)?;
        // Programs may run as another user than the grader's.
        let readable = Permissions::from_mode(0o755);
        let dir = tempfile::Builder::new().prefix("run-").permissions(readable).tempdir_in(&runs)?;
        let lock = File::open(dir.path())?;
        lock.lock()?;
        Ok(Run { dir, _lock: lock })
    }

    /// Keeps a program and its sources. A linker makes a new file for a new program, so that a link keeps the old one.
    pub(super) fn keep(&self, package: &Package, driver: &Path) -> io::Result<Kept> {
        let kept = self.dir.path().join(package.driver());
        if fs::hard_link(driver, &kept).is_err() {
            fs::copy(driver, &kept)?;
        }
        let source = self.dir.path().join(package.name());
        for (path, content) in &package.files {
            let path = source.join(path);
            fs::create_dir_all(path.parent().unwrap_or(&source))?;
            fs::write(path, content)?;
        }
        Ok(Kept { driver: kept, source })
    }
}

/// Called under the lock of the stage: no other grading begins meanwhile.
fn sweep(runs: &Path) -> io::Result<()> {
    for entry in fs::read_dir(runs)? {
        let path = entry?.path();
        if File::open(&path).is_ok_and(|run| run.try_lock().is_ok()) {
            let _ = fs::remove_dir_all(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Run;
    use std::fs;

    #[test]
    fn only_what_a_grading_has_left_behind_is_removed() {
        let stage = tempfile::tempdir().unwrap();
        let left = stage.path().join("runs/run-left");
        fs::create_dir_all(left.join("pipes")).unwrap();
        let first = Run::begin(stage.path()).unwrap();
        let second = Run::begin(stage.path()).unwrap();
        assert!(!left.exists() && first.dir.path().exists());
        drop((first, second));
        assert_eq!(fs::read_dir(stage.path().join("runs")).unwrap().count(), 0);
    }
}
