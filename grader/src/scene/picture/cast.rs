//! Who takes part in a run, and what they share.

use super::super::Scene;
use crate::process::Running;
use crate::timeline::{Lane, LaneId, LaneKind, LaneState, Object, ObjectKind};
use crate::trace::{Kind, Log};
use std::net::SocketAddr;

/// The lanes of a picture: the grader's clients first, then the processes.
pub(super) struct Cast {
    peers: Vec<Peer>,
    processes: Vec<Actor>,
}

struct Actor {
    process: usize,
    name: String,
    is_child: bool,
}

struct Peer {
    name: String,
    near: Option<SocketAddr>,
}

impl Cast {
    pub(super) fn of(scene: &Scene, log: &Log) -> Cast {
        let peers = scene.connections.iter();
        let peers = peers.map(|wire| Peer { name: wire.name.clone(), near: wire.ends.map(|(near, _)| near) });
        let processes = (0..log.processes.len()).filter(|process| is_on_stage(scene, log, *process));
        let actor = |process: usize| {
            let name = log.name(process);
            let is_child = name.is_some();
            let of = |program: &&Running| program.pid.as_raw() == log.processes[process].pid;
            let program = || Some(scene.programs.iter().find(of)?.name.clone());
            Actor { process, name: name.or_else(program).unwrap_or_default(), is_child }
        };
        Cast { peers: peers.collect(), processes: processes.map(actor).collect() }
    }

    /// The lane of a client, or of a connection that the grader has accepted.
    pub(super) fn peer(&self, name: &str) -> Option<LaneId> {
        self.peers.iter().position(|peer| peer.name == name)
    }

    /// The lane of a process that is part of the picture.
    pub(super) fn process(&self, process: usize) -> Option<LaneId> {
        let at = self.processes.iter().position(|actor| actor.process == process)?;
        Some(self.peers.len() + at)
    }

    pub(super) fn name(&self, lane: LaneId) -> &str {
        match lane.checked_sub(self.peers.len()) {
            Some(at) => &self.processes[at].name,
            None => &self.peers[lane].name,
        }
    }

    pub(super) fn lanes(&self) -> Vec<Lane> {
        let peers = self.peers.iter().map(|peer| Lane {
            name: peer.name.clone(),
            role: peer.name.split(' ').next().unwrap_or_default().to_owned(),
            kind: LaneKind::Peer,
            start: LaneState::Runs,
        });
        let processes = self.processes.iter().map(|actor| Lane {
            name: actor.name.clone(),
            role: if actor.is_child { "child".to_owned() } else { actor.name.clone() },
            kind: LaneKind::Process,
            start: if actor.is_child { LaneState::Absent } else { LaneState::Runs },
        });
        peers.chain(processes).collect()
    }

    /// What an accepted connection's other end is called.
    pub(super) fn client(&self, peer: Option<SocketAddr>) -> Option<&str> {
        let peer = self.peers.iter().find(|known| peer.is_some() && known.near == peer)?;
        Some(&peer.name)
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
                    let client = self.client(object.peer).unwrap_or("a client");
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

/// Programs that are over, with others after them, belong to a part of the check that is over.
fn is_on_stage(scene: &Scene, log: &Log, process: usize) -> bool {
    let root = log.root(process);
    let is_last = log.processes[root + 1..].iter().all(|later| later.parent.is_some());
    let of = |program: &&Running| program.pid.as_raw() == log.processes[root].pid;
    is_last || scene.programs.iter().find(of).is_none_or(Running::alive)
}
