//! Every package takes some megabytes, with what is compiled of it. Those that were not staged for longest go once they
//! are too many.

use super::compiled::{self, names, unless_missing};
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
    compiled::remove(&target, gone)?;
    for name in gone {
        for program in [format!("driver-{name}"), format!("driver-{name}.d")] {
            unless_missing(fs::remove_file(target.join(program)))?;
        }
        unless_missing(fs::remove_dir_all(stage.join("drivers").join(name)))?;
        unless_missing(fs::remove_dir_all(stage.join("labs").join(name)))?;
    }
    Ok(())
}
