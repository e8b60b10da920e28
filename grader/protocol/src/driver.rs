//! The driver's end of the channel.

use crate::seal::Sealer;
use crate::trace::Instruction;
use crate::{Body, CHANNEL_FD, FENCE_FD, Guard, Job, Key, REPORTING_FD, TWIN_FD, fence, trace};
use nix::sys::signal::Signal;
use nix::unistd::{ForkResult, fork, getpid, getppid};
use serde::de::DeserializeOwned;
use std::io::{self, Read, Write};
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;

/// A driver's own kind of task and of result. Implemented in this crate, next to the types, so that reading and writing
/// them is compiled once here, and not again with every submission that is linked with a driver.
pub trait Lab {
    /// What the driver is told to do.
    type Task;
    /// What it reports.
    type Said;
    /// Reads the job.
    fn read(line: &str) -> serde_json::Result<Job<Self::Task>>;
    /// Writes the body of a record.
    fn write(body: &Body<Self::Said>) -> serde_json::Result<Vec<u8>>;
}

/// Implements [`Lab`] with the types' own ways of being read and written.
macro_rules! lab {
    ($lab:ty: $task:ty => $said:ty) => {
        impl $crate::driver::Lab for $lab {
            type Task = $task;
            type Said = $said;

            fn read(line: &str) -> serde_json::Result<$crate::Job<$task>> {
                serde_json::from_str(line)
            }

            fn write(body: &$crate::Body<$said>) -> serde_json::Result<Vec<u8>> {
                serde_json::to_vec(body)
            }
        }
    };
}
pub(crate) use lab;

/// Sends a driver's results.
pub struct Reporter<L> {
    /// Never closed, but by the end of the process: to everything else in it, it is not open.
    stream: ManuallyDrop<UnixStream>,
    sealer: Sealer,
    fence: Option<Fence>,
    lab: PhantomData<L>,
}

/// What is put up round the thread that runs the student's code, see [`Reporter::fence`].
pub struct Fence {
    filter: Vec<Instruction>,
    rules: Option<OwnedFd>,
}

impl Fence {
    /// Puts it up round the calling thread and all that will come of it. From now on nothing below `/proc` can be opened
    /// there, where the grader has passed rules, and the driver's descriptors cannot be used. Threads that are there already
    /// go on as before.
    ///
    /// # Panics
    /// Where it cannot be put up: then nothing of the student's may run.
    pub fn put_up(self) {
        if let Some(rules) = self.rules {
            fence::impose(&rules).expect("a program without new privileges may restrict itself");
        }
        trace::install(&self.filter).expect("a program without new privileges may filter its calls");
    }
}

/// Takes the channel from [`CHANNEL_FD`], moves it to a high descriptor that no exec inherits (so that the student's
/// first descriptor is 3, as everywhere), and reads the job. Blocks until the grader has sent it. Where a channel was passed
/// at [`TWIN_FD`] as well, this returns in two processes, each with a job of its own.
///
/// # Panics
/// Where the program was not started by the grader: there is no channel, or no job in it.
pub fn start<L: Lab>() -> (L::Task, Reporter<L>) {
    let stream = ManuallyDrop::new(UnixStream::from(channel()));
    assert_eq!(stream.as_raw_fd(), REPORTING_FD, "nothing else is open there");
    let sealer = Key::read(&*stream).map(|key| Sealer::new(&key)).expect("the grader sends a key");
    let line = read_line(&stream).expect("the grader sends a job");
    let Job { trace, guard, task } = L::read(&line).expect("the job is of this driver's kind");
    let install = |filter: &[Instruction]| {
        trace::install(filter).expect("a program without new privileges may filter its calls");
    };
    if !trace.is_empty() {
        install(&trace);
    }
    let fence = match guard {
        Guard::Whole(filter) => {
            install(&filter);
            None
        }
        Guard::Fence { filter, rules } => {
            let rules = rules.then(|| aside(passed(FENCE_FD).expect("the grader passes the rules")));
            Some(Fence { filter, rules })
        }
    };
    (task, Reporter { stream, sealer, fence, lab: PhantomData })
}

/// This process's channel. It and its twin part before either has read anything: each knows its own key alone.
fn channel() -> OwnedFd {
    let own = passed(CHANNEL_FD).expect("the grader passes a channel");
    let Some(twins) = passed(TWIN_FD) else { return aside(own) };
    let driver = getpid();
    // SAFETY: the process has one thread, so that its copy may do anything.
    match unsafe { fork() }.expect("a driver may have a twin") {
        ForkResult::Parent { .. } => aside(own),
        ForkResult::Child => {
            nix::sys::prctl::set_pdeathsig(Signal::SIGKILL).expect("a process may ask for a signal");
            if getppid() != driver {
                std::process::exit(0);
            }
            aside(twins)
        }
    }
}

/// The next line from the grader, which sends nothing more until it is answered.
fn read_line(mut stream: &UnixStream) -> io::Result<String> {
    let mut line = Vec::new();
    while line.last() != Some(&b'\n') {
        let mut part = [0; 4096];
        match stream.read(&mut part)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => line.extend_from_slice(&part[..count]),
        }
    }
    String::from_utf8(line).map_err(io::Error::other)
}

/// What the grader has passed as this descriptor, if it has.
fn passed(number: RawFd) -> Option<OwnedFd> {
    // SAFETY: asks for the flags of a number, whether it is a descriptor or not.
    let open = unsafe { libc::fcntl(number, libc::F_GETFD) } >= 0;
    // SAFETY: the grader passes these descriptors to the driver alone; nothing else in this process owns them.
    open.then(|| unsafe { OwnedFd::from_raw_fd(number) })
}

/// Moves a descriptor out of the way of the student's.
fn aside(low: OwnedFd) -> OwnedFd {
    nix::fcntl::fcntl(low.as_fd(), nix::fcntl::FcntlArg::F_DUPFD_CLOEXEC(REPORTING_FD))
        // SAFETY: fcntl has just made this descriptor, and nobody else knows of it.
        .map(|high| unsafe { OwnedFd::from_raw_fd(high) })
        .expect("a process may have so many descriptors")
}

impl<L: Lab> Reporter<L> {
    /// The same channel, for results of another kind: for a driver whose tasks are of several kinds.
    pub fn of<Other: Lab>(self) -> Reporter<Other> {
        let Reporter { stream, sealer, fence, .. } = self;
        Reporter { stream, sealer, fence, lab: PhantomData }
    }

    /// The fence for the thread that is to run the student's code. The thread that reports has to be another one.
    pub fn fence(&mut self) -> Option<Fence> {
        self.fence.take()
    }

    /// Sends one result. A grader that has gone away is not the driver's concern.
    pub fn send(&mut self, result: L::Said) {
        self.write(Body::Result(result));
    }

    /// Says that the job was carried out to its end. That is the last word.
    pub fn done(&mut self) {
        self.write(Body::Done);
    }

    /// Waits for what the grader asks beyond the job; none where it asks nothing more.
    pub fn hear<Q: DeserializeOwned>(&mut self) -> Option<Q> {
        serde_json::from_str(&read_line(&self.stream).ok()?).ok()
    }

    fn write(&mut self, body: Body<L::Said>) {
        let body = L::write(&body).expect("records are plain data");
        let _ = self.stream.write_all(&self.sealer.seal(&body));
    }
}
