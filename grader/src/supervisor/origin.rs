//! The process that forks the supervisors: small, single-threaded, and with nothing of its own to lose.

use super::{handing, life};
use crate::check::Finding;
use crate::process::{leave, pidfd};
use crate::scene::Scene;
use crate::signals;
use crate::supervisor::Job;
use nix::fcntl::{FcntlArg, fcntl};
use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{self, ForkResult, Pid};
use std::io;
use std::os::fd::{AsFd, FromRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::ExitCode;

/// The first argument that makes the grader the origin of supervisors.
pub const ARGUMENT: &str = "__supervise";

/// The origin's whole life: forks a supervisor for every socket that comes, until the grader has gone. A supervisor receives
/// its job, plays `body`, ends whatever is left, and sends the finding. To be called first thing in `main`, before any
/// thread is started.
pub fn supervise(body: fn(&Job, &mut Scene) -> Finding) -> ExitCode {
    match serve(body) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn serve(body: fn(&Job, &mut Scene) -> Finding) -> io::Result<()> {
    signals::restore();
    unistd::setsid()?;
    let origin = unistd::getpid();
    let requests = UnixStream::from(set_apart(io::stdin())?);
    unistd::dup2_stdin(std::fs::File::open("/dev/null")?)?;
    while let Some(socket) = handing::take(&requests)? {
        let socket = socket.ok_or(io::ErrorKind::InvalidData)?;
        // SAFETY: this process has no other thread.
        match unsafe { unistd::fork() } {
            Ok(ForkResult::Child) => {
                drop(requests);
                leave(begin(origin, socket, body).is_err().into())
            }
            Ok(ForkResult::Parent { child }) => {
                handing::give(&requests, Some(pidfd(child.as_raw())?.as_fd()))?;
            }
            Err(_) => handing::give(&requests, None)?,
        }
        reap();
    }
    Ok(())
}

fn begin(origin: Pid, socket: OwnedFd, body: fn(&Job, &mut Scene) -> Finding) -> io::Result<()> {
    unistd::setsid()?;
    prctl::set_pdeathsig(Signal::SIGKILL)?;
    if unistd::getppid() != origin {
        return Err(io::Error::other("the grader has gone"));
    }
    life::live(&set_apart(socket)?.into(), body)
}

/// A copy where no program inherits it and none is in the way of others.
fn set_apart(descriptor: impl AsFd) -> io::Result<OwnedFd> {
    let high = fcntl(descriptor, FcntlArg::F_DUPFD_CLOEXEC(100))?;
    // SAFETY: fcntl has just made this descriptor, and nobody else knows of it.
    Ok(unsafe { OwnedFd::from_raw_fd(high) })
}

/// Those that have ended by now; the others are taken the next time, or by whoever takes the orphans of this process.
fn reap() {
    while waitpid(None, Some(WaitPidFlag::WNOHANG)).is_ok_and(|status| status != WaitStatus::StillAlive) {}
}
