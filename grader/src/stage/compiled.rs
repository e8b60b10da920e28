//! What cargo has compiled: it knows it by a hash, which is part of every file's name, as `NAME-HASH` and
//! `libpipes-HASH.rlib`.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

/// Makes cargo compile these packages and their drivers anew, whatever the times of their files.
pub(super) fn forget(target: &Path, packages: &BTreeSet<String>) -> io::Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    let fingerprints = target.join(".fingerprint");
    let mut known = known(&fingerprints, packages)?.into_iter();
    known.try_for_each(|known| unless_missing(fs::remove_dir_all(fingerprints.join(known))))
}

/// Removes all that was compiled of these packages and their drivers.
pub(super) fn remove(target: &Path, packages: &BTreeSet<String>) -> io::Result<()> {
    let deps = target.join("deps");
    let known = known(&target.join(".fingerprint"), packages)?;
    let hashes: BTreeSet<&str> = known.iter().map(|known| hash_of(known)).collect();
    for file in names(&deps)?.iter().filter(|file| hashes.contains(hash_of(file))) {
        unless_missing(fs::remove_file(deps.join(file)))?;
    }
    // What the compiler keeps in order to be faster has other names. Without any of it, it is slower once.
    unless_missing(fs::remove_dir_all(target.join("incremental")))?;
    forget(target, packages)
}

/// Cargo's directories on these packages and their drivers.
fn known(fingerprints: &Path, packages: &BTreeSet<String>) -> io::Result<Vec<String>> {
    let mut known = names(fingerprints)?;
    known.retain(|known| {
        let name = known.rsplit_once('-').map_or("", |(name, _)| name);
        packages.contains(name.strip_prefix("driver-").unwrap_or(name))
    });
    Ok(known)
}

fn hash_of(file: &str) -> &str {
    let end = file.rsplit_once('-').map_or("", |(_, end)| end);
    end.split('.').next().unwrap_or_default()
}

/// What lies in a directory; nothing where there is none.
pub(super) fn names(directory: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
}

pub(super) fn unless_missing(removed: io::Result<()>) -> io::Result<()> {
    removed.or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}
