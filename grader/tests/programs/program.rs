//! A program as a user meets it: started, typed to, read from line by line, interrupted.

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigHandler, Signal, killpg, signal};
use nix::unistd::Pid;
use std::ffi::OsStr;
use std::io::{Read, Write};
use std::os::fd::{AsFd, FromRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// What only a failing program makes anybody wait for.
const LIMIT: Duration = Duration::from_secs(20);
/// More output than any of the programs has.
const MOST: usize = 1 << 20;

/// A running program, in a process group of its own, which ends with this value.
pub(crate) struct Program {
    name: String,
    child: Child,
    ended: OwnedFd,
    input: Option<ChildStdin>,
    /// What it has printed and nobody has read.
    printed: Vec<u8>,
}

/// A program that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) printed: String,
    pub(crate) complained: String,
}

impl Program {
    pub(crate) fn start<S: AsRef<OsStr>>(path: &Path, arguments: &[S]) -> Program {
        hear_interrupts();
        let mut command = Command::new(path);
        command.args(arguments).process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let ended = pidfd(&child);
        let input = child.stdin.take();
        Program { name: path.display().to_string(), child, ended, input, printed: Vec::new() }
    }

    pub(crate) fn type_in(&mut self, text: &str) {
        self.input.as_mut().expect("its input is open").write_all(text.as_bytes()).expect("it reads");
    }

    /// The next line it prints, without the end of line.
    pub(crate) fn line(&mut self) -> String {
        self.next_line().unwrap_or_else(|| panic!("{} has ended its output", self.name))
    }

    /// The next line, if there is one before its output ends.
    pub(crate) fn next_line(&mut self) -> Option<String> {
        let until = Instant::now() + LIMIT;
        loop {
            if let Some(end) = self.printed.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.printed.drain(..=end).collect();
                return Some(String::from_utf8_lossy(&line[..end]).into_owned());
            }
            let stdout = self.child.stdout.as_mut().expect("piped");
            if !more(stdout, &mut self.printed, until) {
                return None;
            }
        }
    }

    /// What Ctrl-C does: a signal to the whole process group.
    pub(crate) fn interrupt(&self) {
        killpg(self.group(), Signal::SIGINT).expect("it is there");
    }

    /// Ends its input and waits until it has ended.
    pub(crate) fn end(mut self) -> Ended {
        self.input = None;
        let until = Instant::now() + LIMIT;
        while more(self.child.stdout.as_mut().expect("piped"), &mut self.printed, until) {}
        let mut complained = Vec::new();
        while more(self.child.stderr.as_mut().expect("piped"), &mut complained, until) {}
        assert!(ready(&self.ended, until), "{} does not end", self.name);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ended {
            status: self.child.wait().expect("it has ended"),
            printed: text(&self.printed),
            complained: text(&complained),
        }
    }

    fn group(&self) -> Pid {
        Pid::from_raw(self.child.id() as i32)
    }
}

impl Drop for Program {
    /// The process is not reaped before, so the group is still its own.
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = killpg(self.group(), Signal::SIGKILL);
            let _ = self.child.wait();
        }
    }
}

/// Started in the background, the tests may themselves be deaf to Ctrl-C, and with them all they start.
fn hear_interrupts() {
    // SAFETY: the default action runs no code of ours.
    unsafe { signal(Signal::SIGINT, SigHandler::SigDfl) }.expect("a signal that may be set");
}

/// Reads what is there, once there is something. False at the end.
fn more(source: &mut (impl Read + AsFd), bytes: &mut Vec<u8>, until: Instant) -> bool {
    let mut buffer = [0; 4096];
    assert!(ready(source, until), "nothing more comes; so far: {:?}", String::from_utf8_lossy(bytes));
    let count = source.read(&mut buffer).expect("a pipe can be read");
    bytes.extend_from_slice(&buffer[..count]);
    assert!(bytes.len() < MOST, "it prints without end");
    count > 0
}

/// Waits for something to read, or the end of a process. False where it does not come in time.
fn ready(source: &impl AsFd, until: Instant) -> bool {
    let left = until.saturating_duration_since(Instant::now()).as_millis();
    let timeout = PollTimeout::try_from(left).expect("the limit is short");
    poll(&mut [PollFd::new(source.as_fd(), PollFlags::POLLIN)], timeout).expect("it can be waited for") > 0
}

/// A descriptor that becomes readable when the process ends.
fn pidfd(child: &Child) -> OwnedFd {
    // SAFETY: the call takes two numbers and no pointer.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, child.id(), 0) };
    assert!(fd >= 0, "{}", std::io::Error::last_os_error());
    // SAFETY: the call has just returned this descriptor, and nobody else has it.
    unsafe { OwnedFd::from_raw_fd(fd as i32) }
}
