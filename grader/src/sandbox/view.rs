//! What of the machine's files a program may see.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The system's programs and what they cannot do without, as far as it is there; nothing of any user.
const SYSTEM: [&str; 13] = [
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/nix/store",
    "/etc/alternatives",
    "/etc/ld.so.cache",
    "/etc/protocols",
    "/etc/services",
    "/dev/urandom",
];

/// What a box has files of its own for, and Landlock has to allow.
const NAMES: [&str; 7] = [
    "/dev/random",
    "/etc/gai.conf",
    "/etc/group",
    "/etc/host.conf",
    "/etc/hosts",
    "/etc/nsswitch.conf",
    "/etc/passwd",
];

/// Devices that anybody may write to.
const SINKS: [&str; 3] = ["/dev/full", "/dev/null", "/dev/zero"];

/// Files and directories, by absolute paths without symbolic links above them. Those that are not there do not matter.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct View {
    /// For reading and executing.
    pub(crate) readable: Vec<PathBuf>,
    /// For everything else, too.
    pub(crate) writable: Vec<PathBuf>,
}

impl View {
    /// The system's programs, and nothing of any user.
    pub(crate) fn of_system() -> View {
        let paths = |list: &[&str]| list.iter().map(PathBuf::from).collect();
        View { readable: paths(&SYSTEM), writable: paths(&SINKS) }
    }

    /// All that is inside a box: nothing came in that must not be read. `/tmp` is the box's own.
    pub(crate) fn of_box() -> View {
        let mut view = View::of_system();
        view.readable = vec!["/".into()];
        view.writing("/tmp")
    }

    /// Of a machine without a box: what look-ups of names need, as well.
    pub(crate) fn of_machine() -> View {
        View::without_proc().reading("/proc")
    }

    /// The same without what processes are seen by, from the outside and from the inside.
    pub(crate) fn without_proc() -> View {
        let mut view = View::of_system();
        view.readable.extend(NAMES.map(PathBuf::from));
        view
    }

    /// With this for reading as well.
    pub(crate) fn reading(mut self, path: impl Into<PathBuf>) -> View {
        self.readable.push(path.into());
        self
    }

    /// With this for writing as well.
    pub(crate) fn writing(mut self, path: impl Into<PathBuf>) -> View {
        self.writable.push(path.into());
        self
    }
}
