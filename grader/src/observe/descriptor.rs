//! What a process holds open, from `/proc/PID/fd`.

use super::proc::numbers_in;
use std::fs;
use std::os::unix::fs::MetadataExt;
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
        .filter(|fd| *fd != protocol::REPORTING_FD)
        .filter_map(|fd| descriptor(pid, fd))
        .collect()
}

/// The permissions of the link are those that the descriptor was opened with.
fn descriptor(pid: i32, fd: i32) -> Option<Descriptor> {
    let path = PathBuf::from(format!("/proc/{pid}/fd/{fd}"));
    let mode = fs::symlink_metadata(&path).ok()?.mode();
    let target = Target::of(fs::read_link(path).ok()?);
    Some(Descriptor { fd, target, writable: mode & libc::S_IWUSR != 0 })
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsRawFd;

    #[test]
    fn the_ends_of_a_pipe_and_a_socket_are_told_apart() {
        let (source, sink) = std::io::pipe().expect("a pipe");
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").expect("a port");
        let own = descriptors(std::process::id() as i32);
        let of = |fd| own.iter().find(|held| held.fd == fd).expect("it is open");
        let (source, sink, socket) = (of(source.as_raw_fd()), of(sink.as_raw_fd()), of(socket.as_raw_fd()));
        assert!(matches!(source.target, Target::Pipe { .. }) && source.target == sink.target);
        assert!(matches!(socket.target, Target::Socket { .. }));
        assert_eq!((source.writable, sink.writable, socket.writable), (false, true, true));
    }
}
