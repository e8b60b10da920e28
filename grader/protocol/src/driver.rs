//! The driver's end of the channel.

use crate::{Body, CHANNEL_FD, DRIVER_FDS, FENCE_FD, Job, Record, fence};
use std::io::{BufRead, BufReader, Write};
use std::marker::PhantomData;
use std::os::fd::{AsFd, FromRawFd, OwnedFd, RawFd};
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
    /// Writes a record.
    fn write(record: &Record<Self::Said>) -> serde_json::Result<Vec<u8>>;
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

            fn write(record: &$crate::Record<$said>) -> serde_json::Result<Vec<u8>> {
                serde_json::to_vec(record)
            }
        }
    };
}
pub(crate) use lab;

/// Sends a driver's results.
pub struct Reporter<L> {
    stream: UnixStream,
    nonce: String,
    fence: Option<OwnedFd>,
    lab: PhantomData<L>,
}

/// Takes the channel from [`CHANNEL_FD`], moves it to a high descriptor that no exec inherits (so that the student's
/// first descriptor is 3, as everywhere), and reads the job. Blocks until the grader has sent it.
///
/// # Panics
/// Where the program was not started by the grader: there is no channel, or no job in it.
pub fn start<L: Lab>() -> (L::Task, Reporter<L>) {
    let (stream, line) = open();
    let Job { nonce, trace, fenced, task } = L::read(&line).expect("the job is of this driver's kind");
    if !trace.is_empty() {
        crate::trace::install(&trace).expect("a program without new privileges may filter its calls");
    }
    let fence = fenced.then(|| take(FENCE_FD));
    (task, Reporter { stream, nonce, fence, lab: PhantomData })
}

fn open() -> (UnixStream, String) {
    let stream = UnixStream::from(take(CHANNEL_FD));
    let mut line = String::new();
    BufReader::new(&stream).read_line(&mut line).expect("the grader sends a job");
    (stream, line)
}

/// Moves what the grader has passed as this descriptor.
fn take(passed: RawFd) -> OwnedFd {
    // SAFETY: the grader passes this descriptor to the driver alone; nothing else in this process owns it.
    let low = unsafe { OwnedFd::from_raw_fd(passed) };
    nix::fcntl::fcntl(low.as_fd(), nix::fcntl::FcntlArg::F_DUPFD_CLOEXEC(DRIVER_FDS))
        // SAFETY: fcntl has just made this descriptor, and nobody else knows of it.
        .map(|high| unsafe { OwnedFd::from_raw_fd(high) })
        .expect("the grader has passed this descriptor")
}

impl<L: Lab> Reporter<L> {
    /// The same channel, for results of another kind: for a driver whose tasks are of several kinds.
    pub fn of<Other: Lab>(self) -> Reporter<Other> {
        let Reporter { stream, nonce, fence, .. } = self;
        Reporter { stream, nonce, fence, lab: PhantomData }
    }

    /// Puts up the fence, where the grader has passed one, round the calling thread and all that will come of it: from now
    /// on nothing below `/proc` can be opened there. Threads that are there already go on as before.
    ///
    /// # Panics
    /// Where the rules cannot be imposed: then nothing of the student's may run.
    pub fn put_up_fence(&mut self) {
        if let Some(rules) = self.fence.take() {
            fence::impose(&rules).expect("a program without new privileges may restrict itself");
        }
    }

    /// Sends one result. A grader that has gone away is not the driver's concern.
    pub fn send(&mut self, result: L::Said) {
        self.write(Body::Result(result));
    }

    /// Says that the job was carried out to its end, and ends the channel.
    pub fn done(mut self) {
        self.write(Body::Done);
    }

    fn write(&mut self, body: Body<L::Said>) {
        let record = Record { nonce: self.nonce.clone(), body };
        let mut line = L::write(&record).expect("records are plain data");
        line.push(b'\n');
        let _ = self.stream.write_all(&line);
    }
}
