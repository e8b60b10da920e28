//! What goes in and out of a program.

use super::channel::Channel;
use super::stream::{Drain, Feed};
use nix::poll::{PollFd, PollFlags};
use std::os::fd::AsFd;

/// A program's standard streams, and a driver's channel.
#[derive(Debug)]
pub(crate) struct Io {
    pub(crate) input: Option<Feed>,
    pub(crate) stdout: Drain,
    pub(crate) stderr: Drain,
    pub(crate) channel: Option<Channel>,
}

impl Io {
    /// What to wait for: output, and room for input.
    pub(super) fn poll_fds(&self) -> Vec<PollFd<'_>> {
        let mut fds = Vec::new();
        let drains = [&self.stdout.source, &self.stderr.source].into_iter().flatten();
        fds.extend(drains.map(|source| PollFd::new(source.as_fd(), PollFlags::POLLIN)));
        if let Some(Feed { sink: Some(sink), .. }) = self.input.as_ref().filter(|feed| feed.pending() > 0) {
            fds.push(PollFd::new(sink.as_fd(), PollFlags::POLLOUT));
        }
        if let Some(channel) = &self.channel
            && let Some(stream) = &channel.stream
        {
            let output = if channel.sends() { PollFlags::POLLOUT } else { PollFlags::empty() };
            fds.push(PollFd::new(stream.as_fd(), PollFlags::POLLIN | output));
        }
        fds
    }

    /// Moves whatever can be moved. Says whether there may be more to take.
    pub(super) fn pump(&mut self) -> bool {
        self.input.iter_mut().for_each(Feed::give);
        self.channel.iter_mut().for_each(Channel::give);
        self.take()
    }

    /// Takes what is there, at most a share of it. Says whether there may be more.
    pub(super) fn take(&mut self) -> bool {
        self.stdout.take() | self.stderr.take() | self.channel.as_mut().is_some_and(Channel::take)
    }

    /// Takes no more output.
    pub(super) fn drop_output(&mut self) {
        (self.stdout.source, self.stderr.source) = (None, None);
    }

    /// How many bytes were written to both outputs.
    pub(super) fn written(&self) -> u64 {
        (self.stdout.bytes.len() + self.stderr.bytes.len()) as u64
    }

    /// What counts against the limit of output: what was written, or what came to the grader and is no record.
    pub(super) fn output(&self) -> u64 {
        self.written().max(self.channel.as_ref().map_or(0, Channel::rubbish))
    }

    /// How many bytes were written, received and reported.
    pub(crate) fn moved(&self) -> u64 {
        let reported = self.channel.as_ref().map_or(0, |channel| channel.received);
        self.written() + reported + self.input.as_ref().map_or(0, |input| input.given)
    }
}
