//! A process tree per check: a supervisor plays one check and says what it found.
//!
//! The grader starts itself once more as the `origin`, which forks a supervisor for each check: to fork costs a fraction
//! of what the start of a program does. A supervisor is single-threaded, leads a session of its own, dies with the origin,
//! as the origin does with the grader, and is where orphans of the programs under test end up. It gets its job and sends
//! its finding over a socket that only it has. At the level `full` it is process 1 of a box. The process that the origin
//! has forked is its keeper, and waits.

mod handing;
mod life;
mod origin;

pub use origin::{ARGUMENT, supervise};

use crate::check::{Finding, Status};
use crate::process::Limits;
use crate::sandbox::{Directory, Level};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::Signal;
use serde::{Deserialize, Serialize};
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// One check of one submission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// `sockets-v1`.
    pub lab: String,
    /// `echoes-any-bytes`.
    pub check: String,
    /// The driver, linked with the submission.
    pub driver: PathBuf,
    /// The directory of the staged lab package, to which locations are relative.
    pub source: PathBuf,
    /// For every program of the check, and for the check.
    pub limits: Limits,
    /// Whether its programs have no use for a network: they can make no socket but connected pairs.
    pub offline: bool,
}

/// What a supervisor is given.
#[derive(Serialize, Deserialize)]
struct Order {
    job: Job,
    directory: PathBuf,
}

/// The check's directory inside a box.
const BOXED_DIRECTORY: &str = "/tmp/check";

/// The supervisor keeps the check's time itself; the grader waits so many times longer before it calls it dead.
const MARGIN: u32 = 2;

/// How long a supervisor may take until it is ready.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where supervisors come from. With it, or with the grader, all of them end.
pub struct Supervisors {
    origin: Child,
    requests: Mutex<UnixStream>,
    ready: Mutex<Vec<(Level, Supervisor)>>,
}

/// One that waits for its order.
struct Supervisor {
    socket: UnixStream,
    /// The process of its keeper.
    keeper: OwnedFd,
    /// Whether it has made its box, if it needs one. Where not, it answers why.
    stands: bool,
}

impl Supervisors {
    /// Starts their origin. `program` is the grader itself (`std::env::current_exe()`): a program that calls [`supervise`]
    /// when its first argument is [`ARGUMENT`].
    ///
    /// # Errors
    /// Where the program cannot be started.
    pub fn start(program: &Path) -> io::Result<Supervisors> {
        let (requests, far) = UnixStream::pair()?;
        let mut command = Command::new(std::path::absolute(program)?);
        command.arg(ARGUMENT).stdin(OwnedFd::from(far)).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(Supervisors { origin: command.spawn()?, requests: Mutex::new(requests), ready: Mutex::default() })
    }

    /// Makes so many ready for their checks at this level, one after the other, as far as the machine has room for them.
    /// Checks that come meanwhile do not wait for that.
    pub fn make_ready(&self, level: Level, count: usize) {
        let make = |_| self.fork(level).ok().filter(|supervisor| supervisor.stands);
        for supervisor in (0..count).map_while(make) {
            self.ready.lock().expect("no one panics with them").push((level, supervisor));
        }
    }

    /// Runs a check in a supervisor of its own and waits for its finding. Any number may run at once.
    ///
    /// A supervisor that dies, or says nothing in time, makes the finding `unchecked`, in plain words: the programs under
    /// test cannot send it a signal, so its end is never their doing.
    pub fn run(&self, level: Level, job: &Job) -> Finding {
        self.attempt(level, job).unwrap_or_else(|error| {
            Finding::new(Status::Unchecked, format!("The check could not be run: {error}."))
        })
    }

    fn attempt(&self, level: Level, job: &Job) -> io::Result<Finding> {
        let shared = match level {
            Level::Full => None,
            Level::Landlock | Level::Plain => Some(Directory::make()?),
        };
        let directory = shared.as_ref().map_or(Path::new(BOXED_DIRECTORY), |directory| directory.path());
        let order = Order {
            job: Job {
                driver: job.driver.canonicalize()?,
                source: job.source.canonicalize().unwrap_or_default(),
                ..job.clone()
            },
            directory: directory.to_owned(),
        };
        let Supervisor { socket, keeper, .. } =
            self.take_ready(level).map_or_else(|| self.fork(level), Ok)?;
        let answer = converse(socket, &order, job.limits.check * MARGIN);
        if answer.is_err() {
            end(&keeper)?;
        }
        wait(&keeper)?;
        answer.map_err(|error| match error.kind() {
            io::ErrorKind::TimedOut => io::Error::other("its supervisor did not answer in time"),
            _ => io::Error::other("its supervisor ended early"),
        })
    }

    fn take_ready(&self, level: Level) -> Option<Supervisor> {
        let mut ready = self.ready.lock().expect("no one panics with them");
        let place = ready.iter().position(|(made_for, _)| *made_for == level)?;
        Some(ready.swap_remove(place).1)
    }

    fn fork(&self, level: Level) -> io::Result<Supervisor> {
        let (mut socket, far) = UnixStream::pair()?;
        socket.write_all(&[level as u8])?;
        let keeper = self.ask(&far)?.ok_or_else(|| io::Error::other("there is no room for its process"))?;
        drop(far);
        socket.set_read_timeout(Some(PATIENCE))?;
        let mut stands = [0];
        socket.read_exact(&mut stands)?;
        Ok(Supervisor { socket, keeper, stands: stands == [1] })
    }

    /// Hands a socket to the origin and gets the process that has it; none where there is none.
    fn ask(&self, socket: &UnixStream) -> io::Result<Option<OwnedFd>> {
        let requests = self.requests.lock().expect("no one panics while asking");
        handing::give(&requests, Some(socket.as_fd()))?;
        Ok(handing::take(&requests)?.ok_or(io::ErrorKind::UnexpectedEof)?)
    }
}

impl Drop for Supervisors {
    fn drop(&mut self) {
        let requests = self.requests.get_mut().expect("no one panics while asking");
        // The origin ends when there is nobody to ask it.
        let _ = requests.shutdown(Shutdown::Both);
        let _ = self.origin.wait();
    }
}

/// Sends the order, and reads the finding up to the end of the line that makes it whole.
fn converse(mut stream: UnixStream, order: &Order, most: Duration) -> io::Result<Finding> {
    stream.write_all(&serde_json::to_vec(order)?)?;
    stream.shutdown(Shutdown::Write)?;
    let until = Instant::now() + most;
    let mut answer = Vec::new();
    let mut buffer = [0; 64 << 10];
    while answer.last() != Some(&b'\n') {
        let left = until.saturating_duration_since(Instant::now()).as_millis();
        let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
        match poll(&mut [PollFd::new(stream.as_fd(), PollFlags::POLLIN)], timeout) {
            Ok(0) => return Err(io::ErrorKind::TimedOut.into()),
            Err(Errno::EINTR) => continue,
            ready => ready?,
        };
        match stream.read(&mut buffer)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => answer.extend_from_slice(&buffer[..count]),
        }
    }
    Ok(serde_json::from_slice(&answer)?)
}

/// Asks a keeper to end everything below it, and then itself.
fn end(keeper: &OwnedFd) -> io::Result<()> {
    let none = std::ptr::null::<libc::siginfo_t>();
    // SAFETY: the call takes numbers and no pointer that is not null.
    let sent = unsafe {
        libc::syscall(
            libc::SYS_pidfd_send_signal,
            keeper.as_raw_fd(),
            Signal::SIGTERM as libc::c_int,
            none,
            0,
        )
    };
    match Errno::result(sent) {
        Ok(_) | Err(Errno::ESRCH) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Waits for the end of a process.
fn wait(process: &OwnedFd) -> io::Result<()> {
    loop {
        match poll(&mut [PollFd::new(process.as_fd(), PollFlags::POLLIN)], PollTimeout::NONE) {
            Err(Errno::EINTR) => {}
            ended => return Ok(ended.map(drop)?),
        }
    }
}
