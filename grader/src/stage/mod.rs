//! The staging workspace: the student's files among the grader's own manifests, lock file, drivers and lints.
//!
//! Every package has a name and a path of its own per submission. Cargo tells packages apart by these, and a stale
//! artifact by times; a package that two submissions share would serve one student the other's program.

mod prune;
mod unusable;

use crate::course::Course;
use crate::lab::Lab;
use crate::manifest;
use crate::policy;
use crate::starter::Files;
use anyhow::{Context, Result, ensure};
use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::hash::Hasher;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use unusable::{ensure_programs_start, unusable};

/// One version of one lab, about to be compiled with its driver.
pub struct Package<'a> {
    /// The lab.
    pub lab: &'a Lab,
    /// Tells it from every other version of the lab.
    pub key: String,
    /// The whole crate: what is given, and what the student wrote. Its manifest is only read for its dependencies.
    pub files: Files,
}

impl Package<'_> {
    /// `condvar-buffer-1f2e3d4c`
    pub fn name(&self) -> String {
        format!("{}-{}", self.lab.name, self.key)
    }

    /// The name of the program that its driver becomes.
    pub fn driver(&self) -> String {
        format!("driver-{}", self.name())
    }

    /// How the compiler names its directory.
    pub fn prefix(&self) -> String {
        format!("labs/{}/", self.name())
    }
}

/// A short name for what `origin` says: the same on every machine and in every run.
pub fn key(origin: &str) -> String {
    let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
    hash.write(origin.as_bytes());
    format!("{:016x}", hash.finish())
}

/// The hash of Fowler, Noll and Vo: std promises no hash that stays the same.
struct Fnv(u64);

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// How many packages are kept: some six gigabytes. A student has no more than twenty; the whole corpus is not a thousand.
const MOST: usize = 1024;

/// The workspace, for as long as this grader holds it.
pub struct Stage<'a> {
    course: &'a Course,
    dir: PathBuf,
    most: usize,
    _lock: File,
}

impl Stage<'_> {
    /// Takes hold of the course's staging workspace. Where another grader is at work in it, calls `waiting` and waits.
    pub fn open(course: &Course, waiting: impl FnOnce()) -> Result<Stage<'_>> {
        let dir = course.stage_dir();
        let lock = lock(&dir, waiting).map_err(|error| unusable(&dir, error))?;
        ensure_programs_start(&dir)?;
        Ok(Stage { course, dir, most: MOST, _lock: lock })
    }

    /// One that keeps at most so many packages, or as many as are staged at once.
    pub fn keeping(self, most: usize) -> Self {
        Stage { most, ..self }
    }

    /// Whose it is.
    pub(crate) fn course(&self) -> &Course {
        self.course
    }

    /// Its directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What it means that something of the stage's own could not be done.
    pub(crate) fn unusable(&self, error: anyhow::Error) -> anyhow::Error {
        unusable(&self.dir, error)
    }

    /// For temporary files of the compiler's.
    pub(crate) fn room(&self) -> PathBuf {
        self.dir.join("tmp")
    }

    /// Those of a compiler that was killed go now.
    pub(crate) fn clear_room(&self) -> Result<()> {
        let room = self.room();
        let _ = std::fs::remove_dir_all(&room);
        std::fs::create_dir_all(&room).with_context(|| format!("cannot create {}", room.display()))
    }

    /// Makes these packages, and no others, the members of the workspace.
    pub fn write(&self, packages: &[Package]) -> Result<()> {
        for package in packages {
            let main = self.course.driver_dir(&package.lab.name).join("src/main.rs");
            ensure!(main.is_file(), "the lab's driver {} is missing", main.display());
        }
        self.write_all(packages).map_err(|error| self.unusable(error))
    }

    fn write_all(&self, packages: &[Package]) -> Result<()> {
        for package in packages {
            self.write_lab(package)?;
            self.write_driver(package)?;
        }
        let staged: BTreeSet<String> = packages.iter().map(Package::name).collect();
        prune::prune(&self.dir, &staged, self.most)
            .context("the staged packages cannot be looked through")?;
        let changed = self.write_workspace(packages)?;
        self.write_lock_file(changed)
    }

    /// The manifest at the top changes with the members. Clippy's driver takes it for a source of every package; its time
    /// stays the same, or all that is compiled would be compiled again for every other choice of labs.
    fn write_workspace(&self, packages: &[Package]) -> Result<bool> {
        let members: Vec<String> = packages.iter().map(Package::name).collect();
        let path = self.dir.join("Cargo.toml");
        let changed = update(&path, manifest::workspace(self.course, &members)?.as_bytes())?;
        let file = File::options().write(true).open(&path).context("cannot open the staged manifest")?;
        file.set_modified(SystemTime::UNIX_EPOCH).context("cannot set the staged manifest's time")?;
        Ok(changed)
    }

    fn write_lab(&self, package: &Package) -> Result<()> {
        let dir = self.dir.join(package.prefix());
        for (path, content) in package.files.iter().filter(|(path, _)| *path != Path::new("Cargo.toml")) {
            update(&dir.join(path), content)?;
        }
        update(&dir.join("clippy.toml"), policy::clippy_toml(package.lab).as_bytes())?;
        update(&dir.join("Cargo.toml"), manifest::lab(self.course, package)?.as_bytes()).map(drop)
    }

    fn write_driver(&self, package: &Package) -> Result<()> {
        let main = self.course.driver_dir(&package.lab.name).join("src/main.rs");
        let path = self.dir.join("drivers").join(package.name()).join("Cargo.toml");
        update(&path, manifest::driver(self.course, package, &main)?.as_bytes()).map(drop)
    }

    /// Begins anew from the course's lock file whenever that or the members have changed, so that a submission is
    /// compiled with the versions that the course was tested with.
    fn write_lock_file(&self, members_changed: bool) -> Result<()> {
        let origin = self.course.root().join("Cargo.lock");
        let content = std::fs::read(&origin).with_context(|| format!("cannot read {}", origin.display()))?;
        if update(&self.dir.join("Cargo.lock.origin"), &content)? || members_changed {
            update(&self.dir.join("Cargo.lock"), &content)?;
        }
        Ok(())
    }
}

/// The lock of the directory, which is there from now on.
fn lock(dir: &Path, waiting: impl FnOnce()) -> Result<File> {
    std::fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
    let path = dir.join("lock");
    let lock = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    if let Err(TryLockError::WouldBlock) = lock.try_lock() {
        waiting();
    }
    lock.lock().with_context(|| format!("cannot lock {}", path.display()))?;
    Ok(lock)
}

/// Writes a file if its content differs, and says whether it did. What is written gets the present time, which is how
/// cargo learns of it.
fn update(path: &Path, content: &[u8]) -> Result<bool> {
    if std::fs::read(path).is_ok_and(|old| old == content) {
        return Ok(false);
    }
    let parent = path.parent().expect("a staged file lies in a directory");
    std::fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
    std::fs::write(path, content).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(true)
}
