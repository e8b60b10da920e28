//! Landlock: files outside a view cannot be opened, whatever their permissions; signals and abstract sockets do not reach
//! beyond the programs that are held to the same rules, where the kernel knows that much.

use super::View;
use anyhow::{Context, Result, ensure};
use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetCreatedAttr,
    Scope, path_beneath_rules,
};
use nix::fcntl::{FcntlArg, fcntl};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

/// What every kernel with Landlock holds programs to, and what this grader knows of beyond it.
const LEAST: ABI = ABI::V1;
const MOST: ABI = ABI::V9;
const MISSING: &str = "this kernel has no Landlock, or it is switched off";

/// From this version on, signals too are held to the rules.
pub(crate) const WITH_SIGNALS: i64 = ABI::V6 as i64;

/// The kernel's version of Landlock; 0 where it has none.
pub(crate) fn version() -> i64 {
    let null = std::ptr::null::<libc::c_void>();
    // SAFETY: asks for a number; without rules there is nothing to read.
    let version = unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, null, 0, 1) };
    version.max(0)
}

/// A ruleset, ready to be imposed between fork and exec.
#[derive(Debug)]
pub(crate) struct Rules(OwnedFd);

impl Rules {
    /// Whoever is held to these sees the files of the view alone.
    ///
    /// # Errors
    /// Where the kernel has no Landlock.
    pub(crate) fn of(view: &View) -> Result<Rules> {
        Rules::made(Rules::begun()?, view)
    }

    /// The same, and neither listens nor connects, where the kernel knows that much.
    pub(crate) fn offline(view: &View) -> Result<Rules> {
        Rules::made(Rules::begun()?.handle_access(AccessNet::from_all(MOST))?, view)
    }

    /// Whoever is held to these, beside others, sees no other files than those of the view. Nothing else is theirs.
    pub(crate) fn of_files(view: &View) -> Result<Rules> {
        Rules::made(Rules::over_files()?, view)
    }

    fn begun() -> Result<Ruleset> {
        Ok(Rules::over_files()?.scope(Scope::from_all(MOST))?)
    }

    fn over_files() -> Result<Ruleset> {
        ensure!(version() > 0, MISSING);
        Ok(Ruleset::default()
            .set_compatibility(CompatLevel::HardRequirement)
            .handle_access(AccessFs::from_all(LEAST))
            .context(MISSING)?
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(MOST))?)
    }

    fn made(begun: Ruleset, view: &View) -> Result<Rules> {
        let ruleset = begun
            .create()
            .context(MISSING)?
            .add_rules(path_beneath_rules(&view.readable, AccessFs::from_read(MOST)))?
            .add_rules(path_beneath_rules(&view.writable, AccessFs::from_all(MOST)))?;
        let ruleset: Option<OwnedFd> = ruleset.into();
        // Programs get descriptors of their own at low numbers before the rules are imposed.
        let high = fcntl(ruleset.context(MISSING)?, FcntlArg::F_DUPFD_CLOEXEC(100))?;
        // SAFETY: fcntl has just made this descriptor, and nobody else knows of it.
        Ok(Rules(unsafe { OwnedFd::from_raw_fd(high) }))
    }

    /// Holds the calling process and all its descendants to the rules, for good. Needs `no_new_privs`. Allocates nothing.
    pub(crate) fn impose(&self) -> io::Result<()> {
        // SAFETY: takes a descriptor and a number.
        let done = unsafe { libc::syscall(libc::SYS_landlock_restrict_self, self.0.as_raw_fd(), 0) };
        if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }
}

impl AsRawFd for Rules {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}
