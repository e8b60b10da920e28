//! What holds one program at its level.

use super::{Level, Rules, View, power};
use anyhow::Result;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// So many more than the watched limit allows are counted by the kernel: the watch, which has words, comes first.
const SLACK: u64 = 1024;

/// What the programs of one check are held to, beyond the limits that hold at every level.
#[derive(Debug, Default)]
pub(crate) struct Confinement {
    rules: Option<Rules>,
    /// What the student's code may see where it runs behind a fence.
    fenced: Option<View>,
    user: Option<u32>,
    /// Where the kernel counts the processes of this box alone.
    counts_tasks: bool,
    /// Whether they can make no socket but connected pairs.
    pub(crate) offline: bool,
}

impl Confinement {
    /// For programs that read `driver` and write to `directory`. At `Full` the caller is inside the box, and `user` is whom
    /// it was told of.
    pub(crate) fn new(
        level: Level,
        driver: &Path,
        directory: &Path,
        user: Option<u32>,
    ) -> Result<Confinement> {
        let view = match level {
            Level::Plain => return Ok(Confinement::default()),
            Level::Landlock => View::of_machine().reading(driver).writing(directory),
            Level::Full => View::of_box(),
        };
        let fenced = View::without_proc().reading(driver).writing(directory).writing("/tmp");
        let rules = Some(Rules::of(&view)?);
        Ok(Confinement {
            rules,
            fenced: Some(fenced),
            user,
            counts_tasks: level == Level::Full,
            ..Confinement::default()
        })
    }

    /// The same for programs that have no use for sockets.
    pub(crate) fn offline(self, offline: bool) -> Confinement {
        Confinement { offline, ..self }
    }

    /// The rules for a driver's student code; none at the level that has none.
    pub(crate) fn fence(&self) -> Result<Option<Rules>> {
        self.fenced.as_ref().map(Rules::of_files).transpose()
    }

    /// Makes a command start as the box's user.
    pub(crate) fn dress(&self, command: &mut Command) {
        if let Some(user) = self.user {
            command.uid(user).gid(user);
        }
    }

    /// The last step before a program runs: between fork and exec, after `no_new_privs`. Allocates nothing.
    pub(crate) fn impose(&self, tasks: u64) -> io::Result<()> {
        if self.counts_tasks {
            let (_, hard) = getrlimit(Resource::RLIMIT_NPROC)?;
            let most = hard.min(tasks + SLACK);
            setrlimit(Resource::RLIMIT_NPROC, most, most)?;
        }
        self.rules.as_ref().map_or(Ok(()), |rules| {
            power::keep_over_files_alone();
            rules.impose()
        })
    }
}
