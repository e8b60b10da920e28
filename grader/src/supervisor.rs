//! A process tree per check: the grader starts itself again as a supervisor, which plays one check and says what it found.
//!
//! The supervisor is single-threaded, leads a session of its own, dies with the grader, and is where orphans of the
//! programs under test end up. It gets its job and sends its finding over a socket that only it has. At the level `full`
//! it is process 1 of a box. The process that the grader has started is its keeper, and waits.

use crate::check::{Finding, Status};
use crate::process::{Limits, sweep};
use crate::sandbox::{self, Confinement, Directory, Level, View};
use crate::scene::Scene;
use nix::fcntl::{FcntlArg, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::sys::stat::{Mode, umask};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{self, BufReader, Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsFd, FromRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// The first argument that makes the grader a supervisor.
pub const ARGUMENT: &str = "__supervise";

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
}

/// What a supervisor is given: the job, and whose supervisor it is.
#[derive(Serialize, Deserialize)]
struct Order {
    job: Job,
    level: Level,
    grader: u32,
    directory: PathBuf,
}

/// The check's directory inside a box.
const BOXED_DIRECTORY: &str = "/tmp/check";

/// The supervisor keeps the check's time itself; the grader waits so many times longer before it calls it dead.
const MARGIN: u32 = 2;

/// Runs a check in a supervisor of its own and waits for its finding. Any number may run at once, each from a thread
/// that outlives its call (the supervisor dies with the thread that started it).
///
/// `program` is the grader itself (`std::env::current_exe()`): a program that calls [`supervise`] when its first argument
/// is [`ARGUMENT`]. A supervisor that dies, or says nothing in time, makes the finding `unchecked`, in plain words: the
/// programs under test cannot send it a signal, so its end is never their doing.
pub fn run(program: &Path, level: Level, job: &Job) -> Finding {
    attempt(program, level, job).unwrap_or_else(|error| {
        Finding::new(Status::Unchecked, format!("The check could not be run: {error}."))
    })
}

fn attempt(program: &Path, level: Level, job: &Job) -> io::Result<Finding> {
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
        level,
        grader: std::process::id(),
        directory: directory.to_owned(),
    };
    let (near, far) = UnixStream::pair()?;
    let mut command = Command::new(std::path::absolute(program)?);
    command.arg(ARGUMENT).stdin(OwnedFd::from(far)).stdout(Stdio::null()).stderr(Stdio::null());
    let mut supervisor = command.spawn()?;
    // The command holds the supervisor's end, too: as long as it does, no end of file comes.
    drop(command);
    let answer = converse(near, &order, job.limits.check * MARGIN);
    if answer.is_err() {
        sweep::kill_below(supervisor.id());
        supervisor.kill()?;
    }
    finish(supervisor, answer)
}

fn finish(mut supervisor: Child, answer: io::Result<Finding>) -> io::Result<Finding> {
    let status = supervisor.wait()?;
    answer.map_err(|error| match error.kind() {
        io::ErrorKind::TimedOut => io::Error::other("its supervisor did not answer in time"),
        _ => io::Error::other(format!("its supervisor ended early, {status}")),
    })
}

/// Sends the order, and reads the finding up to the end of the line that makes it whole.
fn converse(mut stream: UnixStream, order: &Order, most: Duration) -> io::Result<Finding> {
    serde_json::to_writer(&stream, order)?;
    stream.shutdown(Shutdown::Write)?;
    let until = Instant::now() + most;
    let mut answer = Vec::new();
    let mut buffer = [0; 64 << 10];
    while answer.last() != Some(&b'\n') {
        let left = until.saturating_duration_since(Instant::now()).as_millis();
        let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
        match poll(&mut [PollFd::new(stream.as_fd(), PollFlags::POLLIN)], timeout) {
            Ok(0) => return Err(io::ErrorKind::TimedOut.into()),
            Err(nix::errno::Errno::EINTR) => continue,
            ready => ready?,
        };
        match stream.read(&mut buffer)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => answer.extend_from_slice(&buffer[..count]),
        }
    }
    Ok(serde_json::from_slice(&answer)?)
}

/// The supervisor's whole life: receives the job, plays `body`, ends whatever is left, sends the finding. To be called
/// first thing in `main`, before any thread is started.
pub fn supervise(body: fn(&Job, &mut Scene) -> Finding) -> ExitCode {
    match play(body) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn play(body: fn(&Job, &mut Scene) -> Finding) -> io::Result<()> {
    nix::unistd::setsid()?;
    prctl::set_pdeathsig(Signal::SIGKILL)?;
    let stream = take_channel()?;
    let mut order = String::new();
    BufReader::new(&stream).read_to_string(&mut order)?;
    let order: Order = serde_json::from_str(&order)?;
    if nix::unistd::getppid().as_raw() as u32 != order.grader {
        return Err(io::Error::other("the grader has gone"));
    }
    let life = |user| Ok(u8::from(answer(&stream, &perform(&order, user, body)).is_err()));
    let lived = match order.level {
        Level::Full => sandbox::in_namespaces(life),
        Level::Landlock | Level::Plain => sandbox::kept(|| life(None)),
    };
    match lived {
        Ok(0) => Ok(()),
        Ok(_) => Err(io::Error::other("it ended early")),
        Err(error) => answer(&stream, &no_box(&error)),
    }
}

fn answer(mut stream: &UnixStream, finding: &Finding) -> io::Result<()> {
    let mut line = serde_json::to_vec(finding)?;
    line.push(b'\n');
    stream.write_all(&line)
}

fn no_box(error: &anyhow::Error) -> Finding {
    let what = format!("The programs of this check could not be shut in: {error:#}.");
    Finding::new(Status::Unchecked, what)
}

fn perform(order: &Order, user: Option<u32>, body: fn(&Job, &mut Scene) -> Finding) -> Finding {
    match prepare(order, user) {
        Ok(scene) => play_in(scene, &order.job, body),
        Err(error) => no_box(&error),
    }
}

/// The scene of the check, in its box if it has one.
fn prepare(order: &Order, user: Option<u32>) -> anyhow::Result<Scene> {
    let Order { job, level, directory, .. } = order;
    prctl::set_child_subreaper(true)?;
    if *level == Level::Full {
        sandbox::enter_root(&View::of_system().reading(&job.driver).reading(&job.source))?;
        // The programs may be another user: they write here, and connect to what the check's body listens at.
        umask(Mode::empty());
        fs::create_dir(directory)?;
    }
    std::env::set_current_dir(directory)?;
    let confinement = Confinement::new(*level, &job.driver, directory, user)?;
    Ok(Scene::new(job.driver.clone(), job.source.clone(), directory.clone(), job.limits, confinement))
}

fn play_in(mut scene: Scene, job: &Job, body: fn(&Job, &mut Scene) -> Finding) -> Finding {
    let (sender, message) = mpsc::channel();
    panic::set_hook(Box::new(move |info| drop(sender.send(info.to_string()))));
    let played = panic::catch_unwind(AssertUnwindSafe(|| body(job, &mut scene)));
    let left = scene.clear();
    with_leftovers(played.unwrap_or_else(|_| broken(&message)), &left)
}

/// The socket comes as standard input, and is moved to where no program inherits it.
fn take_channel() -> io::Result<UnixStream> {
    let high = fcntl(io::stdin(), FcntlArg::F_DUPFD_CLOEXEC(100))?;
    // SAFETY: fcntl has just made this descriptor, and nobody else knows of it.
    let stream = unsafe { OwnedFd::from_raw_fd(high) };
    let null = std::fs::File::open("/dev/null")?;
    nix::unistd::dup2_stdin(null)?;
    Ok(stream.into())
}

fn broken(message: &mpsc::Receiver<String>) -> Finding {
    let message = message.try_recv().unwrap_or_default();
    Finding::new(Status::Unchecked, format!("The check itself failed: {}.", message.replace('\n', " ")))
}

/// Says what a program left running behind it.
fn with_leftovers(mut finding: Finding, left: &[String]) -> Finding {
    if let (false, Some(last)) = (left.is_empty(), finding.steps.last_mut()) {
        last.details.push(leftovers(left));
    }
    finding
}

fn leftovers(left: &[String]) -> String {
    let names: Vec<String> = left.iter().map(|name| format!("`{name}`")).collect();
    match left.len() {
        1 => format!("A process was left running and has been ended: {}.", names.join(", ")),
        count => format!("{count} processes were left running and have been ended: {}.", names.join(", ")),
    }
}
