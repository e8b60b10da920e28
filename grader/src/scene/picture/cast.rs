//! Who takes part in a run, and what they share.

use super::super::Scene;
use crate::timeline::{Lane, LaneId, LaneKind, LaneState, Object, ObjectKind};
use crate::trace::{Kind, Log};
use std::net::SocketAddr;

/// The lanes of a picture: the grader's clients first, then the processes.
pub(super) struct Cast {
    peers: Vec<Peer>,
    processes: Vec<(String, bool)>,
}

struct Peer {
    name: String,
    near: Option<SocketAddr>,
}

impl Cast {
    pub(super) fn of(scene: &Scene, log: &Log) -> Cast {
        let peers = scene.connections.iter();
        let peers = peers.map(|wire| Peer { name: wire.name.clone(), near: wire.ends.map(|(near, _)| near) });
        let mut children = 0;
        let processes = log.processes.iter().map(|process| match process.parent {
            None => {
                let of = |program: &&crate::process::Running| program.pid.as_raw() == process.pid;
                let name = scene.programs.iter().find(of).map(|program| program.name.clone());
                (name.unwrap_or_else(|| "program".to_owned()), false)
            }
            Some(_) => {
                children += 1;
                (format!("child {children}"), true)
            }
        });
        Cast { peers: peers.collect(), processes: processes.collect() }
    }

    /// The lane of a client, or of a connection that the grader has accepted.
    pub(super) fn peer(&self, name: &str) -> Option<LaneId> {
        self.peers.iter().position(|peer| peer.name == name)
    }

    pub(super) fn process(&self, process: usize) -> LaneId {
        self.peers.len() + process
    }

    /// The process of a lane; none for a client.
    pub(super) fn process_of(&self, lane: LaneId) -> Option<usize> {
        lane.checked_sub(self.peers.len())
    }

    pub(super) fn name(&self, lane: LaneId) -> &str {
        match self.process_of(lane) {
            Some(process) => &self.processes[process].0,
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
        let processes = self.processes.iter().map(|(name, is_child)| Lane {
            name: name.clone(),
            role: if *is_child { "child".to_owned() } else { name.clone() },
            kind: LaneKind::Process,
            start: if *is_child { LaneState::Absent } else { LaneState::Runs },
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
