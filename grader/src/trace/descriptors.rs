//! What a process's descriptors stand for, as its own calls tell.

use crate::observe::Ends;
use std::collections::BTreeMap;

/// What a descriptor stands for, told by the call that made it. Several descriptors, of several processes, can stand for the
/// same object: that is what `dup` and `fork` do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// What it is.
    pub kind: Kind,
    /// Of a connection: its own end and the other one.
    pub ends: Option<Ends>,
    /// Of an end of a pipe: the other end's object.
    pub other_end: Option<usize>,
}

/// The kinds of objects.
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
    object: usize,
    closes_on_exec: bool,
}

impl Descriptors {
    pub(super) fn object(&self, fd: i32) -> Option<usize> {
        self.0.get(&fd).map(|held| held.object)
    }

    pub(super) fn open(&mut self, fd: i32, object: usize, closes_on_exec: bool) {
        self.0.insert(fd, Held { object, closes_on_exec });
    }

    pub(super) fn duplicate(&mut self, from: i32, to: i32, closes_on_exec: bool) {
        match self.object(from) {
            Some(object) => self.open(to, object, closes_on_exec),
            None => self.close(to),
        }
    }

    pub(super) fn close(&mut self, fd: i32) {
        self.0.remove(&fd);
    }

    pub(super) fn exec(&mut self) {
        self.0.retain(|_, held| !held.closes_on_exec);
    }

    /// By object: the descriptors that stand for it.
    pub(super) fn by_object(&self) -> BTreeMap<usize, Vec<i32>> {
        let mut objects: BTreeMap<usize, Vec<i32>> = BTreeMap::new();
        self.0.iter().for_each(|(fd, held)| objects.entry(held.object).or_default().push(*fd));
        objects
    }
}
