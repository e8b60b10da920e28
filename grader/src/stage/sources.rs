//! The sources that are compiled in the stage and lie outside it: the course's own packages, and the drivers. Cargo
//! compares their times, and a time says nothing where the clock was ahead once, or a file was copied with the time it
//! had. So the stage notes a digest of what they hold.

use super::Fnv;
use crate::course::Course;
use crate::manifest;
use anyhow::Result;
use std::collections::BTreeSet;
use std::fs;
use std::hash::Hash;
use std::path::{Path, PathBuf};

/// The file that has the digest.
pub(super) const NOTE: &str = "sources";

/// The course's own packages, which every lab is compiled with.
pub(super) struct Sources {
    pub(super) packages: BTreeSet<String>,
    digest: Fnv,
}

impl Sources {
    /// As they are now. Where the course lies is a part of them: the compiler notes paths in what it makes.
    pub(super) fn of(course: &Course) -> Result<Sources> {
        let mut digest = Fnv::new();
        course.root().hash(&mut digest);
        let mut packages = BTreeSet::new();
        for (name, dir) in manifest::local_dependencies(course)? {
            take_package(&dir, &mut digest);
            packages.insert(name);
        }
        Ok(Sources { packages, digest })
    }

    /// Their digest.
    pub(super) fn note(&self) -> Vec<u8> {
        self.digest.to_string().into_bytes()
    }

    /// The digest of all that a driver in this directory is compiled from, but for the student's files.
    pub(super) fn note_with(&self, driver: &Path) -> Vec<u8> {
        let mut digest = self.digest.clone();
        take_package(driver, &mut digest);
        digest.to_string().into_bytes()
    }
}

/// What cargo compiles of a package. A file that cannot be read is for the compiler to complain of.
fn take_package(dir: &Path, digest: &mut Fnv) {
    let mut files = vec![dir.join("Cargo.toml")];
    add_files(&dir.join("src"), &mut files);
    files.sort();
    for path in files {
        path.strip_prefix(dir).ok().hash(digest);
        fs::read(&path).ok().hash(digest);
    }
}

fn add_files(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        match entry.path() {
            path if path.is_dir() => add_files(&path, files),
            path => files.push(path),
        }
    }
}
