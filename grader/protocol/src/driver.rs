//! The driver's end of the channel.

use crate::{Body, CHANNEL_FD, DRIVER_FDS, Job, Record};
use serde::{Serialize, de::DeserializeOwned};
use std::io::{BufRead, BufReader, Write};
use std::os::fd::{AsFd, FromRawFd, OwnedFd};
use std::os::unix::net::UnixStream;

/// Sends a driver's results.
pub struct Reporter {
    stream: UnixStream,
    nonce: String,
}

/// Takes the channel from [`CHANNEL_FD`], moves it to a high descriptor that no exec inherits (so that the student's
/// first descriptor is 3, as everywhere), and reads the job. Blocks until the grader has sent it.
///
/// # Panics
/// Where the program was not started by the grader: there is no channel, or no job in it.
pub fn start<T: DeserializeOwned>() -> (T, Reporter) {
    // SAFETY: the grader passes this descriptor to the driver alone; nothing else in this process owns it.
    let low = unsafe { OwnedFd::from_raw_fd(CHANNEL_FD) };
    let stream = UnixStream::from(move_high(low));
    let mut line = String::new();
    BufReader::new(&stream)
        .read_line(&mut line)
        .expect("the grader sends a job");
    let job: Job<T> = serde_json::from_str(&line).expect("the job is of this driver's kind");
    (
        job.task,
        Reporter {
            stream,
            nonce: job.nonce,
        },
    )
}

fn move_high(low: OwnedFd) -> OwnedFd {
    nix::fcntl::fcntl(low.as_fd(), nix::fcntl::FcntlArg::F_DUPFD_CLOEXEC(DRIVER_FDS))
        // SAFETY: fcntl has just made this descriptor, and nobody else knows of it.
        .map(|high| unsafe { OwnedFd::from_raw_fd(high) })
        .expect("descriptor 3 is the grader's channel")
}

impl Reporter {
    /// Sends one result. A grader that has gone away is not the driver's concern.
    pub fn send<R: Serialize>(&mut self, result: R) {
        self.line(Body::Result(result));
    }

    /// Says that the job was carried out to its end, and ends the channel.
    pub fn done(mut self) {
        self.line(Body::<()>::Done);
    }

    fn line<R: Serialize>(&mut self, body: Body<R>) {
        let record = Record {
            nonce: self.nonce.clone(),
            body,
        };
        let mut line = serde_json::to_vec(&record).expect("records are plain data");
        line.push(b'\n');
        let _ = self.stream.write_all(&line);
    }
}
