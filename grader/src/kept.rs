//! Old files that a restart has kept, each beside the new one.

use anyhow::{Context, Result};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// What follows the old file's name; a second copy has a number behind it. No compiler takes such a file for a source.
const ENDING: &str = ".before-restart";

/// Moves a file out of the way, to a name that is still free. Returns that name.
pub(crate) fn keep(path: &Path) -> Result<PathBuf> {
    let mut kept = beside(path, ENDING);
    for number in 2.. {
        if kept.symlink_metadata().is_err() {
            break;
        }
        kept = beside(path, &format!("{ENDING}-{number}"));
    }
    fs::rename(path, &kept)
        .with_context(|| format!("cannot move {} to {}", path.display(), kept.display()))?;
    Ok(kept)
}

/// Whether a file is one of these.
pub(crate) fn is_kept(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let number = name.rsplit_once(ENDING).map(|(_, number)| number.trim_start_matches('-'));
    number.is_some_and(|number| number.chars().all(|digit| digit.is_ascii_digit()))
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_copy_is_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("io.rs");
        for number in 1..=3 {
            fs::write(&path, number.to_string()).unwrap();
            let kept = keep(&path).unwrap();
            assert!(is_kept(&kept) && !path.exists());
        }
        for (name, content) in [("", "1"), ("-2", "2"), ("-3", "3")] {
            let kept = dir.path().join(format!("io.rs.before-restart{name}"));
            assert_eq!(fs::read_to_string(kept).unwrap(), content);
        }
    }

    #[test]
    fn other_files_are_none_of_these() {
        for name in ["io.rs", "io.rs.before-restart.rs", "before-restart", "io.rs.old"] {
            assert!(!is_kept(Path::new(name)), "{name}");
        }
    }
}
