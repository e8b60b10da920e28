//! What a process's descriptors are, as its own calls tell.

use std::collections::BTreeMap;

/// What a descriptor is, told by the call that made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An end of a pipe.
    Pipe,
    /// A socket that listens.
    Listener,
    /// A connection that `accept` returned.
    Accepted,
    /// A connection that `connect` made.
    Connected,
    /// A socket that is neither yet, or one of a pair.
    Socket,
}

impl Kind {
    /// With its article.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Kind::Pipe => "a pipe",
            Kind::Listener => "a listener",
            Kind::Accepted => "an accepted connection",
            Kind::Connected => "a connection that it made",
            Kind::Socket => "a socket",
        }
    }
}

/// The descriptors of one process that some call was seen to make.
#[derive(Clone, Debug, Default)]
pub(super) struct Descriptors(BTreeMap<i32, Held>);

#[derive(Clone, Copy, Debug)]
struct Held {
    kind: Kind,
    closes_on_exec: bool,
}

impl Descriptors {
    pub(super) fn kind(&self, fd: i32) -> Option<Kind> {
        self.0.get(&fd).map(|held| held.kind)
    }

    pub(super) fn open(&mut self, fd: i32, kind: Kind, closes_on_exec: bool) {
        self.0.insert(fd, Held { kind, closes_on_exec });
    }

    /// A socket has become a listener, or connected.
    pub(super) fn becomes(&mut self, fd: i32, kind: Kind) {
        self.0.entry(fd).and_modify(|held| held.kind = kind);
    }

    pub(super) fn duplicate(&mut self, from: i32, to: i32, closes_on_exec: bool) {
        match self.kind(from) {
            Some(kind) => self.open(to, kind, closes_on_exec),
            None => self.close(to),
        }
    }

    pub(super) fn close(&mut self, fd: i32) {
        self.0.remove(&fd);
    }

    pub(super) fn exec(&mut self) {
        self.0.retain(|_, held| !held.closes_on_exec);
    }
}
