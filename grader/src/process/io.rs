//! What goes in and out of a program.

use super::channel::Channel;
use super::stream::{Drain, Feed};
use nix::poll::{PollFd, PollFlags};
use std::os::fd::AsFd;

/// A program's standard streams, a driver's channel, and that of its twin.
#[derive(Debug)]
pub(crate) struct Io {
    pub(crate) input: Option<Feed>,
    pub(crate) stdout: Drain,
    pub(crate) stderr: Drain,
    pub(crate) channel: Option<Channel>,
    pub(crate) twin: Option<Channel>,
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
        fds.extend(self.channels().filter_map(Channel::poll_fd));
        fds
    }

    /// The channels that there are.
    pub(crate) fn channels(&self) -> impl Iterator<Item = &Channel> {
        self.channel.iter().chain(&self.twin)
    }

    fn channels_mut(&mut self) -> impl Iterator<Item = &mut Channel> {
        self.channel.iter_mut().chain(&mut self.twin)
    }

    /// Moves whatever can be moved. Says whether there may be more to take.
    pub(super) fn pump(&mut self) -> bool {
        self.input.iter_mut().for_each(Feed::give);
        self.channels_mut().for_each(Channel::give);
        self.take()
    }

    /// Takes what is there, at most a share of it. Says whether there may be more.
    pub(super) fn take(&mut self) -> bool {
        let reported = self.channels_mut().fold(false, |more, channel| channel.take() | more);
        self.stdout.take() | self.stderr.take() | reported
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
        self.written().max(self.channels().map(Channel::rubbish).sum())
    }

    /// How many bytes were written, received and reported.
    pub(crate) fn moved(&self) -> u64 {
        let reported: u64 = self.channels().map(|channel| channel.received).sum();
        self.written() + reported + self.input.as_ref().map_or(0, |input| input.given)
    }
}
