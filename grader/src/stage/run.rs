//! What the checks of one grading use, as it was compiled for them. Another grader may compile anew in the meantime.

use super::Package;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A directory that goes with its grading.
pub(super) struct Run(TempDir);

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
        let prefix = format!("{}-", std::process::id());
        tempfile::Builder::new().prefix(&prefix).permissions(readable).tempdir_in(&runs).map(Run)
    }

    /// Keeps a program and its sources. A linker makes a new file for a new program, so that a link keeps the old one.
    pub(super) fn keep(&self, package: &Package, driver: &Path) -> io::Result<Kept> {
        let kept = self.0.path().join(package.driver());
        if fs::hard_link(driver, &kept).is_err() {
            fs::copy(driver, &kept)?;
        }
        let source = self.0.path().join(package.name());
        for (path, content) in &package.files {
            let path = source.join(path);
            fs::create_dir_all(path.parent().unwrap_or(&source))?;
            fs::write(path, content)?;
        }
        Ok(Kept { driver: kept, source })
    }
}

fn sweep(runs: &Path) -> io::Result<()> {
    for entry in fs::read_dir(runs)? {
        let name = entry?.file_name();
        let grader = name.to_string_lossy().split('-').next().map(|number| Path::new("/proc").join(number));
        if grader.is_some_and(|grader| !grader.exists()) {
            let _ = fs::remove_dir_all(runs.join(name));
        }
    }
    Ok(())
}
