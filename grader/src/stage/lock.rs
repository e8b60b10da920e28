//! The lock of the stage: it is held by the grader that compiles there.

use crate::observe::proc::Stat;
use anyhow::{Context, Result};
use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The file, locked or not. It holds the process number of the grader that locked it last.
pub(super) struct Lock {
    file: File,
    path: PathBuf,
    locked: AtomicBool,
}

/// The right to compile in the stage, for as long as this lives.
pub(crate) struct Held<'a>(&'a Lock);

impl Lock {
    /// The lock of this directory, which is there from now on. Where another grader holds it, calls `waiting` and waits.
    pub(super) fn take(dir: &Path, waiting: impl FnOnce()) -> Result<Lock> {
        std::fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
        let path = path(dir);
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
        let file = file.with_context(|| format!("cannot write {}", path.display()))?;
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            waiting();
        }
        let lock = Lock { file, path, locked: AtomicBool::new(false) };
        lock.lock()?;
        Ok(lock)
    }

    /// Keeps the lock until what is returned goes. Waits where the lock was let go of and another grader holds it now.
    pub(super) fn hold(&self) -> Result<Held<'_>> {
        if !self.locked.load(Ordering::Relaxed) {
            self.lock()?;
        }
        Ok(Held(self))
    }

    fn lock(&self) -> Result<()> {
        let action = || format!("cannot lock {}", self.path.display());
        self.file.lock().with_context(action)?;
        self.locked.store(true, Ordering::Relaxed);
        self.sign().with_context(action)
    }

    fn sign(&self) -> std::io::Result<()> {
        let line = format!("{}\n", std::process::id());
        self.file.set_len(0)?;
        self.file.write_all_at(line.as_bytes(), 0)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.locked.store(false, Ordering::Relaxed);
        let _ = self.0.file.unlock();
    }
}

fn path(dir: &Path) -> PathBuf {
    dir.join("lock")
}

/// The grader that holds a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Holder {
    /// Its process.
    pub(crate) pid: i32,
    /// For how long.
    pub(crate) held: Duration,
    /// Whether it is stopped, as by Ctrl-Z: it will not let go by itself.
    pub(crate) stopped: bool,
}

impl Holder {
    /// Who holds the lock of this stage, where that can be told.
    pub(crate) fn of(stage: &Path) -> Option<Holder> {
        let path = path(stage);
        let pid = std::fs::read_to_string(&path).ok()?.trim().parse().ok()?;
        let held = path.metadata().ok()?.modified().ok()?.elapsed().unwrap_or_default();
        Some(Holder { pid, held, stopped: matches!(Stat::of(pid)?.state, 'T' | 't') })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;
    use std::process::Command;

    #[test]
    fn the_holder_is_known() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Holder::of(dir.path()), None);
        let lock = Lock::take(dir.path(), || panic!("no other grader is there")).unwrap();
        let holder = Holder::of(dir.path()).unwrap();
        assert_eq!((holder.pid, holder.stopped), (std::process::id() as i32, false));
        assert!(holder.held < Duration::from_secs(60));
        drop(lock.hold().unwrap());
        Lock::take(dir.path(), || panic!("the lock was let go of")).unwrap();
    }

    #[test]
    fn a_holder_that_is_stopped_is_known_as_such() {
        let dir = tempfile::tempdir().unwrap();
        let mut holder = Command::new("sleep").arg("1000").spawn().unwrap();
        let pid = Pid::from_raw(holder.id() as i32);
        std::fs::write(path(dir.path()), pid.to_string()).unwrap();
        assert!(!Holder::of(dir.path()).unwrap().stopped);
        kill(pid, Signal::SIGSTOP).unwrap();
        while !Holder::of(dir.path()).unwrap().stopped {
            std::thread::yield_now();
        }
        holder.kill().unwrap();
        holder.wait().unwrap();
        assert_eq!(Holder::of(dir.path()), None, "it has ended");
    }
}
