//! What a process holds open, from `/proc/PID/fd`.

use super::proc::numbers_in;
use std::fs;
use std::path::PathBuf;

/// An open descriptor of a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// Its number.
    pub fd: i32,
    /// What it is.
    pub target: Target,
    /// Whether it can be written to: tells a pipe's write end from its read end.
    pub writable: bool,
}

/// What a descriptor stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A pipe, by its inode.
    Pipe {
        /// Both ends of a pipe share it.
        inode: u64,
    },
    /// A socket, by its inode.
    Socket {
        /// The socket's own; the other end has another.
        inode: u64,
    },
    /// A file or a device.
    File(PathBuf),
    /// Something else the kernel makes: `[eventfd]`, `[eventpoll]`, …
    Other(String),
}

/// All descriptors of a process, by number; not those by which a driver speaks to the grader.
pub(crate) fn descriptors(pid: i32) -> Vec<Descriptor> {
    numbers_in(&format!("/proc/{pid}/fd"))
        .into_iter()
        .filter(|fd| *fd < protocol::DRIVER_FDS)
        .filter_map(|fd| descriptor(pid, fd))
        .collect()
}

fn descriptor(pid: i32, fd: i32) -> Option<Descriptor> {
    let link = fs::read_link(format!("/proc/{pid}/fd/{fd}")).ok()?;
    let info = fs::read_to_string(format!("/proc/{pid}/fdinfo/{fd}")).ok()?;
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:"))?;
    let flags = i32::from_str_radix(flags.trim(), 8).ok()?;
    Some(Descriptor { fd, target: Target::of(link), writable: flags & libc::O_ACCMODE != libc::O_RDONLY })
}

impl Target {
    fn of(link: PathBuf) -> Target {
        let text = link.to_string_lossy();
        let inode = |kind: &str| text.strip_prefix(kind)?.strip_prefix(":[")?.strip_suffix(']')?.parse().ok();
        match (inode("pipe"), inode("socket"), text.strip_prefix("anon_inode:")) {
            (Some(inode), ..) => Target::Pipe { inode },
            (_, Some(inode), _) => Target::Socket { inode },
            (.., Some(kind)) => Target::Other(kind.to_owned()),
            _ => Target::File(link),
        }
    }
}
