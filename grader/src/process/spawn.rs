//! Starting a program: contained, with its own session, and nothing inherited but what it is meant to have.

use super::channel::Channel;
use super::io::Io;
use super::running::Running;
use super::stream::{Drain, Feed};
use super::{Input, Launch, Limits, filter, guard, offline, refusal};
use crate::observe::proc::Stat;
use crate::sandbox::Confinement;
use crate::seccomp::Filter;
use crate::signals;
use crate::umask;
use nix::fcntl::OFlag;
use nix::sys::resource::{Resource, setrlimit};
use nix::unistd::{self, Pid};
use protocol::Guard;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, LazyLock};

/// Processor time that no program reaches while the grader watches: the net below the watched limit.
pub(crate) const PROCESSOR_SECONDS: u64 = 120;

/// What one file may hold. A box has room for a little more.
pub(super) const FILE_BYTES: u64 = 64 << 20;

/// Descriptors of one process. The channel moves to 900 and above.
pub(crate) const DESCRIPTORS: u64 = 1024;

/// The stack of a program's first thread: what most machines give.
pub(crate) const STACK_BYTES: u64 = 8 << 20;

/// The kernel's own limits. [`rlimits`](crate::rlimits) sees to it that the machine has so much.
const LIMITS: [(Resource, u64); 5] = [
    (Resource::RLIMIT_CORE, 0),
    (Resource::RLIMIT_FSIZE, FILE_BYTES),
    (Resource::RLIMIT_NOFILE, DESCRIPTORS),
    (Resource::RLIMIT_STACK, STACK_BYTES),
    (Resource::RLIMIT_CPU, PROCESSOR_SECONDS),
];

/// What a driver finds its channel, its fence and its twin's channel at.
const PASSED: [RawFd; 3] = [protocol::CHANNEL_FD, protocol::FENCE_FD, protocol::TWIN_FD];

/// Starts a program. The caller must be single-threaded, or at least hold no lock that the child may want.
///
/// # Errors
/// Where the program cannot be started, or not be contained: without the filter of signals nothing is run.
pub(crate) fn spawn(
    launch: &Launch,
    driver: &Path,
    limits: Limits,
    confinement: &Arc<Confinement>,
) -> io::Result<Running> {
    PASSED.into_iter().try_for_each(occupy)?;
    let mut command = Command::new(launch.program.as_deref().unwrap_or(driver));
    command
        .args(&launch.arguments)
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("LC_ALL", "C.UTF-8");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let input = give_input(&mut command, &launch.input)?;
    let fence = if launch.fenced { confinement.fence().map_err(io::Error::other)? } else { None };
    let guard = match launch.fenced {
        true => Guard::Fence { filter: guard::of_search(), rules: fence.is_some() },
        false => Guard::Whole(guard::of_driver()),
    };
    let channel = |wanted: bool| wanted.then(|| Channel::open(guard.clone())).transpose();
    let (driver, drivers_end) = channel(launch.task.is_some())?.unzip();
    let (twin, twins_end) = channel(launch.twin)?.unzip();
    confinement.dress(&mut command);
    let number = |end: &Option<OwnedFd>| end.as_ref().map(AsRawFd::as_raw_fd);
    let passed = [number(&drivers_end), fence.as_ref().map(AsRawFd::as_raw_fd), number(&twins_end)];
    let open = (!kernel_marks_ranges()).then(open_descriptors).transpose()?;
    contain(&mut command, passed, open, limits.tasks as u64, confinement.clone());
    let mut child = command.spawn()?;
    let pid = child.id() as i32;
    let (stdout, stderr) = (child.stdout.take().expect("piped"), child.stderr.take().expect("piped"));
    let (stdout, stderr) = (Drain::new(stdout.into())?, Drain::new(stderr.into())?);
    let io = Io { input, stdout, stderr, channel: driver, twin };
    Ok(Running::new(&launch.name, Pid::from_raw(pid), pidfd(pid)?, io, limits))
}

fn give_input(command: &mut Command, input: &Input) -> io::Result<Option<Feed>> {
    if *input == Input::Nothing {
        command.stdin(Stdio::null());
        return Ok(None);
    }
    let (source, sink) = unistd::pipe2(OFlag::O_CLOEXEC)?;
    command.stdin(source);
    let mut feed = Feed::new(sink)?;
    if let Input::Bytes(bytes) = input {
        feed.push(bytes);
        feed.end();
    }
    Ok(Some(feed))
}

/// Takes a descriptor number, where it is free, so that no pipe of ours comes to lie where the child gets its channel.
fn occupy(number: RawFd) -> io::Result<()> {
    // SAFETY: asks for the flags of a number, whether it is a descriptor or not.
    if unsafe { libc::fcntl(number, libc::F_GETFD) } >= 0 {
        return Ok(());
    }
    let null = std::fs::File::open("/dev/null")?;
    // SAFETY: duplicates a descriptor that is open; the copy stays open for the life of the process.
    if unsafe { libc::fcntl(null.as_raw_fd(), libc::F_DUPFD_CLOEXEC, number) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

fn contain(
    command: &mut Command,
    passed: [Option<RawFd>; 3],
    open: Option<Vec<RawFd>>,
    tasks: u64,
    confinement: Arc<Confinement>,
) {
    let parent = unistd::getpid();
    let mut filters = vec![filter::protecting(&protected()), refusal::filter()];
    filters.extend(confinement.offline.then(offline::filter));
    let enter = move || {
        unistd::setsid()?;
        signals::restore();
        nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGKILL)?;
        if unistd::getppid() != parent {
            return Err(io::Error::from_raw_os_error(libc::ESRCH));
        }
        umask::set();
        nix::sys::prctl::set_no_new_privs()?;
        LIMITS.into_iter().try_for_each(|(resource, most)| setrlimit(resource, most, most))?;
        pass_nothing_but(passed, open.as_deref())?;
        confinement.impose(tasks)?;
        filters.iter().try_for_each(Filter::install)
    };
    // SAFETY: `enter` makes system calls and neither allocates nor takes a lock.
    unsafe { command.pre_exec(enter) };
}

/// Who must not be hit by a signal: the supervisor, its keeper, their origin, the grader, their groups, and everybody at
/// once.
fn protected() -> Vec<i32> {
    let parent = |pid: &i32| Stat::of(*pid).map(|stat| stat.parent).filter(|parent| *parent > 0);
    let four = std::iter::successors(Some(unistd::getpid().as_raw()), parent).take(4);
    let group = |pid| unistd::getpgid(Some(Pid::from_raw(pid))).ok().map(|group| -group.as_raw());
    // A group of another namespace is 0 here, and so is whoever calls: that is no target.
    let group = |pid| group(pid).filter(|group| *group != 0);
    four.flat_map(|pid| [Some(pid), group(pid)]).flatten().chain([-1]).collect()
}

/// Of all descriptors from 3 on, only these survive the exec. `open` are those that were there before the fork,
/// where the kernel cannot mark them all at once.
fn pass_nothing_but(passed: [Option<RawFd>; 3], open: Option<&[RawFd]>) -> io::Result<()> {
    match open {
        Some(open) => mark(open),
        None => mark_from(3)?,
    }
    // SAFETY: all are descriptors of this process alone: the low ones are occupied by nothing that anyone uses.
    let pass = |fd: RawFd, number: RawFd| unsafe { libc::dup2(fd, number) } >= 0;
    let all = passed.into_iter().zip(PASSED).all(|(fd, number)| fd.is_none_or(|fd| pass(fd, number)));
    if all { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Whether the kernel marks a range of descriptors at once: from Linux 5.11 on. Asked once, of a range in which nothing can be.
fn kernel_marks_ranges() -> bool {
    static ANSWER: LazyLock<bool> = LazyLock::new(|| mark_from(u32::MAX).is_ok());
    *ANSWER
}

/// None from this number on survives an exec. Allocates nothing.
fn mark_from(first: u32) -> io::Result<()> {
    // SAFETY: marks descriptors; none is closed before the exec.
    let marked = unsafe { libc::syscall(libc::SYS_close_range, first, u32::MAX, libc::CLOSE_RANGE_CLOEXEC) };
    if marked == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// None of these survives an exec. Allocates nothing.
fn mark(open: &[RawFd]) {
    for fd in open {
        // SAFETY: changes a flag; a number that is no descriptor any more is refused.
        unsafe { libc::fcntl(*fd, libc::F_SETFD, libc::FD_CLOEXEC) };
    }
}

/// The descriptors of this process from 3 on. What is opened later is marked from its beginning.
fn open_descriptors() -> io::Result<Vec<RawFd>> {
    let entries = std::fs::read_dir("/proc/self/fd")?;
    let numbers = entries.map(|entry| Ok(entry?.file_name().to_str().and_then(|name| name.parse().ok())));
    let numbers = numbers.collect::<io::Result<Vec<Option<RawFd>>>>()?;
    Ok(numbers.into_iter().flatten().filter(|fd| *fd >= 3).collect())
}

/// Ends a process that was forked, without what `exit` does for a program: nothing is left to be written.
pub(crate) fn leave(code: u8) -> ! {
    // SAFETY: this ends the process, whatever state it is in.
    unsafe { libc::_exit(code.into()) }
}

/// A descriptor that becomes readable when the process ends.
pub(crate) fn pidfd(pid: i32) -> io::Result<OwnedFd> {
    // SAFETY: takes two numbers; a result that is not negative is a new descriptor.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel has just made it, and nobody else knows of it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as RawFd) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_is_marked_one_by_one_where_the_kernel_does_not_do_it_at_once() {
        let (source, _sink) = unistd::pipe().expect("a pipe");
        // SAFETY: asks for the flags of a descriptor that is open.
        let flags = || unsafe { libc::fcntl(source.as_raw_fd(), libc::F_GETFD) };
        assert_eq!(flags(), 0, "a pipe that an exec would inherit");
        mark(&open_descriptors().expect("/proc"));
        assert_eq!(flags(), libc::FD_CLOEXEC);
    }
}
