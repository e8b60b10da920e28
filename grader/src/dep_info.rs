//! What the compiler has read for a package, as it notes it down itself: whatever way a file was included, it is here.

use crate::stage::Package;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// The files that the compiler has read for a lab's library and that are no part of the package. `library` is what it has
/// written, in the directory `stage`.
///
/// # Errors
/// Where the compiler's notes cannot be read: nobody could say then what it has read.
pub(crate) fn strangers(library: &Path, stage: &Path, package: &Package) -> Result<Vec<PathBuf>> {
    let path = beside(library);
    let noted = std::fs::read(&path).with_context(|| {
        let (lab, dir) = (&package.lab.name, stage.display());
        format!(
            "cannot tell what {lab} was compiled from; remove {dir}, and grade again ({})",
            path.display()
        )
    })?;
    let noted = String::from_utf8_lossy(&noted);
    let (dir, manifest) = (stage.join(package.prefix()), stage.join("Cargo.toml"));
    // What clippy reads counts as well.
    let given = |file: &Path| package.files.contains_key(file) || file == Path::new("clippy.toml");
    let known = |path: &PathBuf| *path == manifest || path.strip_prefix(&dir).is_ok_and(given);
    Ok(sources(&noted).map(|path| stage.join(path)).filter(|path| !known(path)).collect())
}

/// `libpipes-1f2e.rlib` has `pipes-1f2e.d` beside it.
fn beside(library: &Path) -> PathBuf {
    let name = library.file_stem().unwrap_or_default().to_string_lossy();
    library.with_file_name(format!("{}.d", name.strip_prefix("lib").unwrap_or(&name)))
}

/// The first line is `target: source source …`; a space within a name has a backslash before it.
fn sources(noted: &str) -> impl Iterator<Item = String> {
    let (_, sources) = noted.lines().next().and_then(|line| line.split_once(": ")).unwrap_or_default();
    let whole = sources.replace("\\ ", "\0");
    let sources: Vec<String> = whole.split(' ').map(|source| source.replace('\0', " ")).collect();
    sources.into_iter().filter(|source| !source.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_contain_spaces() {
        let noted = "/t/pipes-1.d: labs/a/src/lib.rs /home/my\\ own/x.rs Cargo.toml\n\nlabs/a/src/lib.rs:\n";
        let found: Vec<String> = sources(noted).collect();
        assert_eq!(found, ["labs/a/src/lib.rs", "/home/my own/x.rs", "Cargo.toml"]);
    }

    #[test]
    fn the_notes_lie_beside_the_library() {
        assert_eq!(beside(Path::new("/t/libpipes-1f.rmeta")), Path::new("/t/pipes-1f.d"));
    }
}
