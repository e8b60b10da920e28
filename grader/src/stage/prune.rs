//! Every package takes some megabytes, with what is compiled of it. Those that were not staged for longest go once they
//! are too many.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::time::SystemTime;

/// Notes that these packages are staged now. Where there are more than `most` with all the others, removes so many of those
/// that it is a while until the next time. What cannot be removed stays until then.
pub(super) fn prune(stage: &Path, staged: &BTreeSet<String>, most: usize) -> io::Result<()> {
    let now = SystemTime::now();
    let labs = stage.join("labs");
    staged.iter().try_for_each(|name| File::open(labs.join(name))?.set_modified(now))?;
    let mut others = names(&labs)?;
    others.retain(|name| !staged.contains(name));
    if staged.len() + others.len() > most {
        others.sort_by_cached_key(|name| (last_staged(&labs.join(name)), name.clone()));
        let room = (most - most / 4).saturating_sub(staged.len());
        others.truncate(others.len().saturating_sub(room));
        let _ = remove(stage, &others.into_iter().collect());
    }
    Ok(())
}

fn last_staged(package: &Path) -> Option<SystemTime> {
    package.metadata().and_then(|metadata| metadata.modified()).ok()
}

/// The packages' own directories go last: whatever is interrupted is begun again.
fn remove(stage: &Path, gone: &BTreeSet<String>) -> io::Result<()> {
    let target = stage.join("target/debug");
    remove_compiled(&target, gone)?;
    for name in gone {
        for program in [format!("driver-{name}"), format!("driver-{name}.d")] {
            unless_missing(fs::remove_file(target.join(program)))?;
        }
        unless_missing(fs::remove_dir_all(stage.join("drivers").join(name)))?;
        unless_missing(fs::remove_dir_all(stage.join("labs").join(name)))?;
    }
    Ok(())
}

/// Cargo knows what it has compiled by a hash, which is part of every file's name: `NAME-HASH`, `libpipes-HASH.rlib`.
fn remove_compiled(target: &Path, gone: &BTreeSet<String>) -> io::Result<()> {
    let (fingerprints, deps) = (target.join(".fingerprint"), target.join("deps"));
    let mut known = names(&fingerprints)?;
    known.retain(|known| {
        let name = known.rsplit_once('-').map_or("", |(name, _)| name);
        gone.contains(name.strip_prefix("driver-").unwrap_or(name))
    });
    let hashes: BTreeSet<&str> = known.iter().map(|known| hash_of(known)).collect();
    for file in names(&deps)?.iter().filter(|file| hashes.contains(hash_of(file))) {
        unless_missing(fs::remove_file(deps.join(file)))?;
    }
    // What the compiler keeps in order to be faster has other names. Without any of it, it is slower once.
    unless_missing(fs::remove_dir_all(target.join("incremental")))?;
    known.iter().try_for_each(|known| unless_missing(fs::remove_dir_all(fingerprints.join(known))))
}

fn hash_of(file: &str) -> &str {
    let end = file.rsplit_once('-').map_or("", |(_, end)| end);
    end.split('.').next().unwrap_or_default()
}

/// What lies in a directory; nothing where there is none.
fn names(directory: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
}

fn unless_missing(removed: io::Result<()>) -> io::Result<()> {
    removed.or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}
