//! What a process holds open.

use std::path::PathBuf;

/// An open descriptor of a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// Its number.
    pub fd: i32,
    /// What it is.
    pub target: Target,
    /// Whether it can be written to (a pipe's write end, for instance).
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
    /// Something else the kernel makes: `eventfd`, `eventpoll`, …
    Other(String),
}
