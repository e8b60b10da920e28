//! The grader's end of a driver's channel.

use super::stream::{self, unblock};
use nix::errno::Errno;
use nix::unistd;
use protocol::trace::Instruction;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead, Read};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

/// A conversation with one driver.
#[derive(Debug)]
pub(crate) struct Channel {
    /// None once the driver's end is closed.
    pub(crate) stream: Option<OwnedFd>,
    nonce: String,
    /// Whether the driver was passed a fence.
    pub(super) fenced: bool,
    outgoing: Vec<u8>,
    incoming: Vec<u8>,
    /// How many bytes came in records.
    pub(super) received: u64,
    /// How many came in lines that are none: no driver writes those.
    refused: u64,
    /// Whole lines that carry the nonce.
    pub(crate) records: VecDeque<Vec<u8>>,
}

/// The part of a record that decides whether it is one.
#[derive(Deserialize)]
struct Signed {
    nonce: String,
}

impl Channel {
    /// A channel, and the driver's end of it. The driver waits for its job.
    pub(super) fn open() -> io::Result<(Channel, OwnedFd)> {
        let (near, far) = UnixStream::pair()?;
        let nonce = nonce()?;
        let outgoing = Vec::new();
        let stream = OwnedFd::from(near);
        unblock(&stream)?;
        let records = VecDeque::new();
        Ok((
            Channel {
                stream: Some(stream),
                nonce,
                fenced: false,
                outgoing,
                incoming: Vec::new(),
                received: 0,
                refused: 0,
                records,
            },
            far.into(),
        ))
    }

    /// Sends the job: `trace` is the filter that makes the driver's calls stop, empty where nobody traces it.
    pub(crate) fn order(&mut self, task: &impl Serialize, trace: Vec<Instruction>) {
        let job = protocol::Job { nonce: self.nonce.clone(), trace, fenced: self.fenced, task };
        self.outgoing = serde_json::to_vec(&job).expect("tasks are plain data");
        self.outgoing.push(b'\n');
    }

    pub(super) fn sends(&self) -> bool {
        !self.outgoing.is_empty()
    }

    pub(super) fn give(&mut self) {
        while let (Some(stream), false) = (&self.stream, self.outgoing.is_empty()) {
            match unistd::write(stream, &self.outgoing) {
                Ok(count) => drop(self.outgoing.drain(..count)),
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => return,
                Err(_) => self.outgoing.clear(),
            }
        }
    }

    /// Takes what is there, see [`stream::take`].
    pub(super) fn take(&mut self) -> bool {
        let mut stream = self.stream.take();
        let more = stream::take(&mut stream, |part| self.extend(part));
        self.stream = stream;
        more
    }

    /// How many bytes came that are no record: in lines without the nonce, and in one that does not end.
    pub(super) fn rubbish(&self) -> u64 {
        self.refused + self.incoming.len() as u64
    }

    fn extend(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            rest.read_until(b'\n', &mut self.incoming).expect("memory can be read");
            if self.incoming.last() == Some(&b'\n') {
                let line = std::mem::take(&mut self.incoming);
                if serde_json::from_slice(&line).is_ok_and(|signed: Signed| signed.nonce == self.nonce) {
                    self.received += line.len() as u64;
                    self.records.push_back(line);
                } else {
                    self.refused += line.len() as u64;
                }
            }
        }
    }
}

fn nonce() -> io::Result<String> {
    let mut random = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut random)?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_lines_with_the_nonce_are_records() {
        let (mut channel, _driver) = Channel::open().expect("a channel");
        let signed = format!("{{\"nonce\":\"{}\",\"body\":\"done\"}}", channel.nonce);
        let forged = b"{\"nonce\":\"guessed\",\"body\":\"done\"}\nno json at all\n";
        channel.extend(forged);
        assert!(channel.records.is_empty());
        assert_eq!((channel.received, channel.rubbish()), (0, forged.len() as u64));
        let (front, back) = signed.as_bytes().split_at(9);
        channel.extend(front);
        channel.extend(back);
        assert!(channel.records.is_empty(), "the line has not ended");
        channel.extend(b"\n");
        assert_eq!(channel.records, [format!("{signed}\n").into_bytes()]);
    }
}
