//! Who takes part in a run, and what they share.

use super::super::Scene;
use crate::observe::Ends;
use crate::process::Running;
use crate::steps;
use crate::timeline::{Lane, LaneId, LaneKind, LaneState, Object, ObjectKind};
use crate::trace::{Kind, Log, Record};
use std::collections::BTreeSet;

/// The lanes of a picture: the grader's clients first, then the processes, each with those of its threads that called
/// anything from the lab's own code.
pub(super) struct Cast {
    peers: Vec<Peer>,
    actors: Vec<Actor>,
}

struct Actor {
    process: usize,
    thread: usize,
    name: String,
    is_child: bool,
}

struct Peer {
    actor: steps::Actor,
    name: String,
    ends: Option<Ends>,
}

impl Cast {
    pub(super) fn of(scene: &Scene, log: &Log) -> Cast {
        let peers = scene.connections.iter().map(|wire| Peer {
            actor: wire.actor.clone(),
            name: wire.name.clone(),
            ends: wire.ends,
        });
        let processes = (0..log.processes.len()).filter(|process| is_on_stage(scene, log, *process));
        let own = |record: &&Record| record.thread == 0 || scene.place(record).is_some();
        let acting: BTreeSet<(usize, usize)> =
            log.records.iter().filter(own).map(|record| (record.process, record.thread)).collect();
        let threads = processes.flat_map(|process| {
            let of = (0..log.processes[process].threads).map(move |thread| (process, thread));
            of.filter(|(process, thread)| *thread == 0 || acting.contains(&(*process, *thread)))
        });
        let actors = threads.map(|(process, thread)| Actor::of(scene, log, process, thread));
        Cast { peers: peers.collect(), actors: actors.collect() }
    }

    /// The lane of a client, or of a connection that the grader has accepted.
    pub(super) fn peer(&self, actor: &steps::Actor) -> Option<LaneId> {
        self.peers.iter().position(|peer| peer.actor == *actor)
    }

    /// The lane of a process that is part of the picture.
    pub(super) fn process(&self, process: usize) -> Option<LaneId> {
        self.thread(process, 0)
    }

    /// The lane of one of its threads.
    pub(super) fn thread(&self, process: usize, thread: usize) -> Option<LaneId> {
        let is_it = |actor: &Actor| (actor.process, actor.thread) == (process, thread);
        Some(self.peers.len() + self.actors.iter().position(is_it)?)
    }

    pub(super) fn name(&self, lane: LaneId) -> &str {
        match lane.checked_sub(self.peers.len()) {
            Some(at) => &self.actors[at].name,
            None => &self.peers[lane].name,
        }
    }

    pub(super) fn lanes(&self) -> Vec<Lane> {
        let peers = self.peers.iter().map(|peer| Lane {
            name: peer.name.clone(),
            role: peer.actor.role().to_owned(),
            kind: LaneKind::Peer,
            start: LaneState::Runs,
        });
        peers.chain(self.actors.iter().map(Actor::lane)).collect()
    }

    /// The grader's end of a connection of a program's, given the program's: its number among the grader's.
    pub(super) fn wire(&self, ends: Option<Ends>) -> Option<usize> {
        let (own, other) = ends?;
        self.peers.iter().position(|peer| peer.ends == Some((other, own)))
    }

    /// What that end is called.
    pub(super) fn client(&self, ends: Option<Ends>) -> Option<&str> {
        Some(&self.peers[self.wire(ends)?].name)
    }

    pub(super) fn objects(&self, log: &Log) -> Vec<Object> {
        let mut pipes = 0;
        let objects = log.objects.iter().enumerate().map(|(number, object)| {
            let (name, kind) = match object.kind {
                Kind::Pipe => {
                    let first = object.other_end.is_some_and(|other| other > number);
                    pipes += usize::from(first);
                    let letter = char::from(b'A' + ((pipes.max(1) - 1) % 26) as u8);
                    let end = if first { "read" } else { "write" };
                    (format!("pipe {letter} {end} end"), ObjectKind::PipeEnd)
                }
                Kind::Listener => ("listener".to_owned(), ObjectKind::Listener),
                Kind::Accepted => {
                    let client = self.client(object.ends).unwrap_or("a client");
                    (format!("connection of {client}"), ObjectKind::Connection)
                }
                Kind::Connected => ("connection".to_owned(), ObjectKind::Connection),
                Kind::Socket => ("socket".to_owned(), ObjectKind::Connection),
            };
            Object { name, kind, declared: None }
        });
        objects.collect()
    }
}

impl Actor {
    fn of(scene: &Scene, log: &Log, process: usize, thread: usize) -> Actor {
        let of = |program: &&Running| program.pid.as_raw() == log.processes[process].pid;
        let program = || Some(scene.programs.iter().find(of)?.name.clone());
        let name = match thread {
            0 => log.name(process).or_else(program).unwrap_or_default(),
            // As a look at the program counts them.
            several => format!("thread {}", several + 1),
        };
        Actor { process, thread, name, is_child: log.processes[process].parent.is_some() }
    }

    fn lane(&self) -> Lane {
        let is_first = !self.is_child && self.thread == 0;
        let role = match self.thread {
            0 if self.is_child => "child".to_owned(),
            0 => self.name.clone(),
            _ => "thread".to_owned(),
        };
        let kind = if self.thread == 0 { LaneKind::Process } else { LaneKind::Thread };
        let start = if is_first { LaneState::Runs } else { LaneState::Absent };
        Lane { name: self.name.clone(), role, kind, start }
    }
}

/// Programs that are over, with others after them, belong to a part of the check that is over.
fn is_on_stage(scene: &Scene, log: &Log, process: usize) -> bool {
    let root = log.root(process);
    let is_last = log.processes[root + 1..].iter().all(|later| later.parent.is_some());
    let of = |program: &&Running| program.pid.as_raw() == log.processes[root].pid;
    is_last || scene.programs.iter().find(of).is_none_or(Running::alive)
}
