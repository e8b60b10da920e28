//! A report's file: there in full, or not at all.

use crate::exit_code::ExitCode;
use anyhow::{Context, Result, bail};
use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::{Builder, NamedTempFile};

/// A file about to be written. What was there under its name stays until the new content is complete.
pub(crate) struct Output {
    path: PathBuf,
    draft: NamedTempFile,
}

impl Output {
    /// Makes sure that the file can be written, before anything is graded for it.
    pub(crate) fn prepare(path: &Path) -> Result<Output> {
        if path.symlink_metadata().is_ok_and(|metadata| !metadata.is_file()) {
            bail!(
                ExitCode::Usage.because(format!(
                    "{} is no regular file; --output replaces nothing else",
                    path.display()
                ))
            );
        }
        let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let draft =
            Builder::new().prefix(".grader-").permissions(Permissions::from_mode(0o666)).tempfile_in(dir);
        match draft {
            Ok(draft) => Ok(Output { path: path.to_owned(), draft }),
            Err(error) => {
                bail!(ExitCode::Usage.because(format!("cannot write to {}: {error}", dir.display())))
            }
        }
    }

    /// Writes the file.
    pub(crate) fn write(mut self, text: &str) -> Result<()> {
        let action = || format!("cannot write {}", self.path.display());
        self.draft.write_all(text.as_bytes()).with_context(action)?;
        self.draft.persist(&self.path).with_context(action)?;
        Ok(())
    }
}
