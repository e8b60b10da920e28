//! The staging workspace: the student's files among the grader's own manifests, lock file, drivers and lints.
//!
//! Every package has a name and a path of its own per submission. Cargo tells packages apart by these, and a stale
//! artifact by times; a package that two submissions share would serve one student the other's program.

mod compiled;
mod lock;
mod prune;
mod run;
mod sources;
mod unusable;

use self::lock::Lock;
pub(crate) use self::lock::{Held, Holder};
pub(crate) use self::run::Kept;
use self::run::Run;
use self::sources::Sources;
use crate::course::Course;
use crate::lab::Lab;
use crate::manifest;
use crate::policy;
use crate::starter::{Files, files_below};
use anyhow::{Context, Result, ensure};
use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
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
    digest(origin.as_bytes())
}

/// A short name for what a file holds.
pub(crate) fn digest(content: &[u8]) -> String {
    let mut hash = Fnv::new();
    hash.write(content);
    hash.to_string()
}

/// The hash of Fowler, Noll and Vo: std promises no hash that stays the same.
#[derive(Clone)]
struct Fnv(u64);

impl Fnv {
    fn new() -> Fnv {
        Fnv(0xcbf2_9ce4_8422_2325)
    }
}

impl fmt::Display for Fnv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

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

/// The workspace. One grader at a time compiles in it; what the checks of a grading use is its own.
pub struct Stage<'a> {
    course: &'a Course,
    dir: PathBuf,
    most: usize,
    lock: Lock,
    run: Run,
}

impl Stage<'_> {
    /// Takes hold of the course's staging workspace. Where another grader compiles in it, calls `waiting` and waits.
    pub fn open(course: &Course, waiting: impl FnOnce()) -> Result<Stage<'_>> {
        let dir = course.stage_dir();
        let lock = Lock::take(&dir, waiting).map_err(|error| unusable(&dir, error))?;
        ensure_programs_start(&dir)?;
        let run = Run::begin(&dir).context("cannot make a directory for this grading");
        let run = run.map_err(|error| unusable(&dir, error))?;
        Ok(Stage { course, dir, most: MOST, lock, run })
    }

    /// Keeps other graders from compiling here. They may go on once what is returned goes.
    pub(crate) fn hold(&self) -> Result<Held<'_>> {
        self.lock.hold()
    }

    /// Keeps a program that was compiled of a package, and its sources, until this grading ends.
    pub(crate) fn keep(&self, package: &Package, driver: &Path) -> Result<Kept> {
        let kept = self.run.keep(package, driver);
        kept.with_context(|| format!("cannot keep {}", driver.display()))
            .map_err(|error| self.unusable(error))
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
        let sources = Sources::of(self.course)?;
        let mut members = Vec::new();
        for package in packages {
            members.push(self.lab(package)?);
            members.push(self.driver(package, &sources)?);
        }
        self.write_members(&sources, members, packages).map_err(|error| self.unusable(error))
    }

    fn write_members(&self, sources: &Sources, mut members: Vec<Member>, packages: &[Package]) -> Result<()> {
        members.retain(|member| !member.is_written());
        self.write_changed(sources, &members)?;
        let staged: BTreeSet<String> = packages.iter().map(Package::name).collect();
        prune::prune(&self.dir, &staged, self.most)
            .context("the staged packages cannot be looked through")?;
        let changed = self.write_workspace(packages)?;
        self.write_lock_file(changed)
    }

    /// What was compiled of a package goes before its sources change: to cargo it might be newer than these. Whatever is
    /// interrupted is begun again.
    fn write_changed(&self, sources: &Sources, members: &[Member]) -> Result<()> {
        let note = self.dir.join(sources::NOTE);
        let mut stale: BTreeSet<String> = members.iter().map(|member| member.package.clone()).collect();
        if std::fs::read(&note).ok() != Some(sources.note()) {
            stale.extend(sources.packages.iter().cloned());
        }
        let target = self.dir.join("target/debug");
        compiled::forget(&target, &stale)
            .with_context(|| format!("cannot remove what was compiled in {}", target.display()))?;
        update(&note, &sources.note())?;
        members.iter().try_for_each(Member::write)
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

    fn lab(&self, package: &Package) -> Result<Member> {
        let mut files = package.files.clone();
        files.insert("clippy.toml".into(), policy::clippy_toml(package.lab).into_bytes());
        files.insert("Cargo.toml".into(), manifest::lab(self.course, package)?.into_bytes());
        Ok(Member { package: package.name(), dir: self.dir.join(package.prefix()), files })
    }

    fn driver(&self, package: &Package, sources: &Sources) -> Result<Member> {
        let driver = self.course.driver_dir(&package.lab.name);
        let main = driver.join("src/main.rs");
        ensure!(main.is_file(), "the lab's driver {} is missing", main.display());
        let files = Files::from([
            ("Cargo.toml".into(), manifest::driver(self.course, package, &main)?.into_bytes()),
            (sources::NOTE.into(), sources.note_with(&driver)),
        ]);
        Ok(Member { package: package.name(), dir: self.dir.join("drivers").join(package.name()), files })
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

/// A package of the workspace, or its driver: a directory, and all that it has to hold.
struct Member {
    package: String,
    dir: PathBuf,
    files: Files,
}

impl Member {
    fn is_written(&self) -> bool {
        files_below(&self.dir).is_ok_and(|found| found == self.files)
    }

    fn write(&self) -> Result<()> {
        let extra = files_below(&self.dir).unwrap_or_default().into_keys();
        for path in extra.filter(|path| !self.files.contains_key(path)) {
            let path = self.dir.join(path);
            std::fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
        self.files.iter().try_for_each(|(path, content)| update(&self.dir.join(path), content).map(drop))
    }
}

/// Writes a file if its content differs, and says whether it did.
fn update(path: &Path, content: &[u8]) -> Result<bool> {
    if std::fs::read(path).is_ok_and(|old| old == content) {
        return Ok(false);
    }
    let parent = path.parent().expect("a staged file lies in a directory");
    std::fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
    std::fs::write(path, content).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(true)
}
