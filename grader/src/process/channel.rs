//! The grader's end of a driver's channel.

use super::random;
use super::stream::{self, unblock};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags};
use nix::unistd;
use protocol::seal::{Opener, Void};
use protocol::trace::Instruction;
use protocol::{Guard, Key};
use serde::Serialize;
use std::collections::VecDeque;
use std::io::{self, BufRead};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;

/// A conversation with one driver.
#[derive(Debug)]
pub(crate) struct Channel {
    /// None once the driver's end is closed.
    stream: Option<OwnedFd>,
    opener: Opener,
    /// What the driver is to keep the student's code away with.
    guard: Guard,
    outgoing: Vec<u8>,
    incoming: Vec<u8>,
    /// How many bytes came in records.
    pub(super) received: u64,
    /// How many came in lines that are none.
    refused: u64,
    /// The bodies of records that came, one after the other.
    records: VecDeque<Vec<u8>>,
    /// Why nothing that came counts.
    void: Option<Void>,
}

impl Channel {
    /// A channel, and the driver's end of it. The driver waits for its job.
    pub(super) fn open(guard: Guard) -> io::Result<(Channel, OwnedFd)> {
        let (near, far) = UnixStream::pair()?;
        let opener = Opener::new(Key::new(random()?));
        let stream = OwnedFd::from(near);
        unblock(&stream)?;
        let channel = Channel {
            stream: Some(stream),
            opener,
            guard,
            outgoing: Vec::new(),
            incoming: Vec::new(),
            received: 0,
            refused: 0,
            records: VecDeque::new(),
            void: None,
        };
        Ok((channel, far.into()))
    }

    /// Sends the job: `trace` is the filter that makes the driver's calls stop, empty where nobody traces it.
    pub(crate) fn order(&mut self, task: &impl Serialize, trace: Vec<Instruction>) {
        self.outgoing.extend_from_slice(self.opener.key().bytes());
        self.ask(&protocol::Job { trace, guard: self.guard.clone(), task });
    }

    /// Sends something more, for which the driver waits.
    pub(crate) fn ask(&mut self, question: &impl Serialize) {
        serde_json::to_writer(&mut self.outgoing, question).expect("what is asked is plain data");
        self.outgoing.push(b'\n');
    }

    /// The body of the next record, if it is there.
    ///
    /// # Errors
    /// Where nothing that came counts.
    pub(crate) fn next(&mut self) -> Result<Option<Vec<u8>>, Void> {
        self.void.map_or_else(|| Ok(self.records.pop_front()), Err)
    }

    /// Why nothing that came counts, if that is so.
    pub(crate) fn void(&self) -> Option<Void> {
        self.void
    }

    /// Whether nothing can come any more: the far end is closed, and all that came has been taken.
    pub(crate) fn is_over(&self) -> bool {
        self.stream.is_none() && self.records.is_empty()
    }

    /// What to wait for.
    pub(super) fn poll_fd(&self) -> Option<PollFd<'_>> {
        let output = if self.outgoing.is_empty() { PollFlags::empty() } else { PollFlags::POLLOUT };
        self.stream.as_ref().map(|stream| PollFd::new(stream.as_fd(), PollFlags::POLLIN | output))
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

    /// How many bytes came that are no record: in lines that are none, and in one that does not end.
    pub(super) fn rubbish(&self) -> u64 {
        self.refused + self.incoming.len() as u64
    }

    fn extend(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            rest.read_until(b'\n', &mut self.incoming).expect("memory can be read");
            if self.incoming.last() == Some(&b'\n') {
                let line = std::mem::take(&mut self.incoming);
                match self.opener.open(&line) {
                    Ok(body) if self.void.is_none() => {
                        self.received += line.len() as u64;
                        self.records.push_back(body.to_vec());
                    }
                    opened => {
                        self.refused += line.len() as u64;
                        self.void = self.void.or(opened.err());
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_that_is_no_record_voids_what_came_before_it() {
        let (mut channel, _driver) = Channel::open(Guard::Whole(Vec::new())).expect("a channel");
        let mut driver = protocol::seal::Sealer::new(channel.opener.key());
        let record = driver.seal(b"\"done\"");
        let (front, back) = record.split_at(9);
        channel.extend(front);
        assert_eq!(channel.next(), Ok(None), "the line has not ended");
        channel.extend(back);
        assert_eq!((channel.received, channel.rubbish()), (record.len() as u64, 0));
        assert_eq!(channel.next(), Ok(Some(b"\"done\"".to_vec())));
        channel.extend(&driver.seal(b"1"));
        let forged = b"no record at all\n";
        channel.extend(forged);
        channel.extend(&driver.seal(b"2"));
        assert_eq!(channel.next(), Err(Void::Foreign));
        assert!(channel.rubbish() > forged.len() as u64);
    }

    #[test]
    fn a_channel_is_over_when_its_end_was_closed_and_the_last_record_taken() {
        let (mut channel, far) = Channel::open(Guard::Whole(Vec::new())).expect("a channel");
        let mut driver = protocol::seal::Sealer::new(channel.opener.key());
        unistd::write(&far, &driver.seal(b"1")).expect("room for a record");
        drop(far);
        channel.take();
        assert!(!channel.is_over());
        assert_eq!(channel.next(), Ok(Some(b"1".to_vec())));
        assert!(channel.is_over());
    }
}
