//! A stage that the grader cannot work in, and what to do about it.

use crate::exit_code::ExitCode;
use anyhow::{Context, Error, Result, bail};
use nix::sys::statvfs::{FsFlags, statvfs};
use std::io;
use std::path::Path;

/// The failure as a sentence, and what helps, where it is the system's.
pub(super) fn unusable(stage: &Path, error: Error) -> Error {
    let Some(cause) = error.root_cause().downcast_ref::<io::Error>() else { return error };
    let shown = stage.display();
    let advice = match cause.kind() {
        io::ErrorKind::ReadOnlyFilesystem => {
            "The course's tree lies on a file system that can only be read. Copy the tree to another one."
                .to_owned()
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            format!(
                "The disk is full, or what you may have of it. `rm -r {shown}` removes what was compiled."
            )
        }
        _ => format!(
            "{shown} is the grader's own, perhaps left by another user. Remove it (`sudo rm -r {shown}`), and grade again: \
             the grader makes it anew."
        ),
    };
    ExitCode::Failed.because(format!("{error:#}. {advice}")).into()
}

/// Whether programs may be started there.
pub(super) fn ensure_programs_start(stage: &Path) -> Result<()> {
    let system = statvfs(stage).with_context(|| format!("cannot look at {}", stage.display()))?;
    if system.flags().contains(FsFlags::ST_NOEXEC) {
        bail!(ExitCode::Failed.because(format!(
            "{} lies on a file system where no program may be started (it is mounted with `noexec`). Copy the course's \
             tree to another one, such as your home, and grade there.",
            stage.display()
        )));
    }
    Ok(())
}
