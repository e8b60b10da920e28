//! One direction of a program's plain input and output.

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::unistd;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsFd, OwnedFd};

/// What a program writes: kept flowing, and kept. The output limit bounds how much that can be.
#[derive(Debug)]
pub(crate) struct Drain {
    /// None once every holder of the write end has closed it.
    pub(crate) source: Option<OwnedFd>,
    pub(crate) bytes: Vec<u8>,
    /// How much of it the check has expected so far.
    pub(crate) expected: usize,
}

impl Drain {
    pub(super) fn new(source: OwnedFd) -> io::Result<Drain> {
        unblock(&source)?;
        Ok(Drain { source: Some(source), bytes: Vec::new(), expected: 0 })
    }

    /// Takes what is there, see [`take`].
    pub(super) fn take(&mut self) -> bool {
        let Drain { source, bytes, .. } = self;
        take(source, |part| bytes.extend_from_slice(part))
    }
}

/// What a program is given to read.
#[derive(Debug)]
pub(crate) struct Feed {
    /// None once it is closed, or nobody reads it any more.
    pub(crate) sink: Option<OwnedFd>,
    pending: VecDeque<u8>,
    /// How many bytes the program's pipe has taken.
    pub(super) given: u64,
    ends: bool,
}

impl Feed {
    pub(super) fn new(sink: OwnedFd) -> io::Result<Feed> {
        unblock(&sink)?;
        Ok(Feed { sink: Some(sink), pending: VecDeque::new(), given: 0, ends: false })
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.pending.extend(bytes);
    }

    /// After what is pending comes end of file.
    pub(crate) fn end(&mut self) {
        self.ends = true;
        self.give();
    }

    /// How much it was to be given so far, in all.
    pub(crate) fn total(&self) -> u64 {
        self.given + self.pending.len() as u64
    }

    pub(crate) fn pending(&self) -> usize {
        if self.sink.is_some() { self.pending.len() } else { 0 }
    }

    pub(super) fn give(&mut self) {
        while let (Some(sink), false) = (&self.sink, self.pending.is_empty()) {
            match unistd::write(sink, self.pending.as_slices().0) {
                Ok(count) => {
                    self.pending.drain(..count);
                    self.given += count as u64;
                }
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => return,
                Err(_) => self.sink = None,
            }
        }
        if self.ends {
            self.sink = None;
        }
    }
}

pub(crate) fn unblock(descriptor: &impl AsFd) -> io::Result<()> {
    let flags = OFlag::from_bits_retain(fcntl(descriptor, FcntlArg::F_GETFL)?);
    fcntl(descriptor, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK))?;
    Ok(())
}

thread_local! {
    /// Where everything is received: cleared once, not for every read.
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; 64 << 10]);
}

/// Reads once, and keeps what came. Returns how much that was.
pub(crate) fn receive(
    read: impl FnOnce(&mut [u8]) -> nix::Result<usize>,
    keep: impl FnOnce(&[u8]),
) -> nix::Result<usize> {
    BUFFER.with_borrow_mut(|buffer| {
        let count = read(buffer)?;
        keep(&buffer[..count]);
        Ok(count)
    })
}

/// Reads what is there, at most a share per call, so that one program cannot keep the loop to itself. Says whether there
/// may be more. A source at its end is closed.
pub(super) fn take(source: &mut Option<OwnedFd>, mut keep: impl FnMut(&[u8])) -> bool {
    for _ in 0..16 {
        let Some(open) = source else { return false };
        match receive(|buffer| unistd::read(open, buffer), &mut keep) {
            Ok(0) => *source = None,
            Ok(_) | Err(Errno::EINTR) => {}
            Err(Errno::EAGAIN) => return false,
            Err(_) => *source = None,
        }
    }
    true
}
