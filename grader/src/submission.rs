//! What a student hands in: the listed files of a lab, read with care, and nothing else.

use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, open, openat};
use nix::sys::stat::{Mode, SFlag, fstat, fstatat};
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

/// The largest file that is read. The labs' solutions are a few KiB.
const LARGEST_FILE: u64 = 256 * 1024;

/// Why a file cannot be graded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no directory for the lab.
    NoLab,
    /// There is no such file.
    Missing,
    /// There is no such directory on the way to the file.
    NoDirectory(String),
    /// Something that is not what it has to be: "a symbolic link", "a named pipe".
    NotRegular {
        /// The part of the path that is meant.
        path: String,
        /// What it is.
        is: &'static str,
    },
    /// There is nothing in it.
    Empty,
    /// More than [`LARGEST_FILE`] bytes.
    TooLarge(u64),
    /// Not UTF-8; the line on which the text ends.
    NotText(usize),
    /// The system did not let the grader read it.
    Unreadable(Errno),
    /// It goes beyond what a listed file may do: the line, what stands there, and the reason.
    OffLimits {
        /// Counted from 1.
        line: usize,
        /// `include_str!`
        what: String,
        /// A clause: "the grader copies the listed files and nothing else".
        reason: String,
    },
}

/// Reads one listed file of a lab below the directory `dir`.
///
/// No symbolic link is followed, whichever part of the path it is, and no read waits: a submission must not lead the
/// grader out of itself, nor hold it up.
pub(crate) fn read_file(dir: &Path, file: &str) -> Result<String, Refusal> {
    let opened = open_beneath(dir, file)?;
    let stat = fstat(&opened).map_err(Refusal::Unreadable)?;
    let kind = kind(stat.st_mode);
    if kind != REGULAR {
        return Err(Refusal::NotRegular { path: file.to_owned(), is: kind });
    }
    text(read_at_most(opened, stat.st_size as u64)?)
}

const REGULAR: &str = "a regular file";

fn open_beneath(dir: &Path, file: &str) -> Result<OwnedFd, Refusal> {
    let through = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    let mut at = open(dir, through, Mode::empty()).map_err(Refusal::Unreadable)?;
    let (parents, name) = file.rsplit_once('/').unwrap_or(("", file));
    let mut walked = String::new();
    for part in parents.split('/').filter(|part| !part.is_empty()) {
        walked = if walked.is_empty() { part.to_owned() } else { format!("{walked}/{part}") };
        at = openat(&at, part, through | OFlag::O_NOFOLLOW, Mode::empty())
            .map_err(|errno| why_not(&at, part, &walked, errno))?;
    }
    let flags = OFlag::O_RDONLY | OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
    openat(&at, name, flags, Mode::empty()).map_err(|errno| match why_not(&at, name, file, errno) {
        Refusal::NoDirectory(_) => Refusal::Missing,
        other => other,
    })
}

/// Looks at what could not be opened.
fn why_not(at: &impl AsFd, name: &str, path: &str, errno: Errno) -> Refusal {
    let stat = match fstatat(at, name, AtFlags::AT_SYMLINK_NOFOLLOW) {
        Err(Errno::ENOENT | Errno::ENOTDIR) => return Refusal::NoDirectory(path.to_owned()),
        Err(errno) => return Refusal::Unreadable(errno),
        Ok(stat) => stat,
    };
    match kind(stat.st_mode) {
        REGULAR | "a directory" if errno != Errno::ENOTDIR => Refusal::Unreadable(errno),
        is => Refusal::NotRegular { path: path.to_owned(), is },
    }
}

fn kind(mode: u32) -> &'static str {
    match SFlag::from_bits_truncate(mode) & SFlag::S_IFMT {
        SFlag::S_IFREG => REGULAR,
        SFlag::S_IFDIR => "a directory",
        SFlag::S_IFLNK => "a symbolic link",
        SFlag::S_IFIFO => "a named pipe",
        SFlag::S_IFSOCK => "a socket",
        _ => "a device",
    }
}

/// Reads one byte more than is allowed, so that a file that grows meanwhile is found out too.
fn read_at_most(file: OwnedFd, size: u64) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    let read = File::from(file).take(LARGEST_FILE + 1).read_to_end(&mut bytes);
    read.map_err(|error| Refusal::Unreadable(Errno::from_raw(error.raw_os_error().unwrap_or_default())))?;
    match bytes.len() as u64 > LARGEST_FILE {
        true => Err(Refusal::TooLarge(size.max(bytes.len() as u64))),
        false => Ok(bytes),
    }
}

fn text(bytes: Vec<u8>) -> Result<String, Refusal> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        Refusal::NotText(1 + valid.iter().filter(|byte| **byte == b'\n').count())
    })?;
    if text.trim().is_empty() { Err(Refusal::Empty) } else { Ok(text) }
}

/// The refusal as what follows the file's name: "src/buffer.rs " + "is a symbolic link. …"
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Missing => write!(f, "is not there. Put the file back under this name."),
            Refusal::NoLab => {
                write!(f, "is not there. Put the lab's directory beside the others, under the lab's name.")
            }
            Refusal::NoDirectory(dir) => {
                write!(
                    f,
                    "is not there: there is no directory {dir}. Put the lab's files where the starter has them."
                )
            }
            Refusal::NotRegular { path, is } => {
                write!(
                    f,
                    "cannot be read: {path} is {is}. Only regular files are graded; put a copy of the file there."
                )
            }
            Refusal::Empty => write!(f, "is empty. Save the file again."),
            Refusal::TooLarge(size) => write!(
                f,
                "has {size} bytes; at most {LARGEST_FILE} are read. Leave only the lab's own code in it."
            ),
            Refusal::NotText(line) => {
                write!(f, "is not UTF-8 text: line {line} holds other bytes. Save it as UTF-8.")
            }
            Refusal::Unreadable(errno) => {
                write!(
                    f,
                    "cannot be read: {}. Look at the permissions of the file and of the directories above it.",
                    errno.desc()
                )
            }
            Refusal::OffLimits { line, what, reason } => {
                write!(f, "uses `{what}` in line {line}, which is off limits here: {reason}.")
            }
        }
    }
}
