//! Which steps of the grader a call comes after: what it accepts, reads or finds ended was first done by somebody.

use super::super::Scene;
use super::super::deed::Deed;
use super::super::{Connection, Program};
use super::cast::Cast;
use crate::trace::{Call, Log, Outcome, Record};
use nix::errno::Errno;
use std::collections::BTreeMap;

/// What is known of the cause of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// It comes after so many steps of the grader.
    Steps(usize),
    /// It waited for something that no record tells of: it belongs to the call after it.
    Unknown,
}

/// The causes of calls that are looked at in the order in which they returned.
pub(super) struct Causes<'a> {
    scene: &'a Scene,
    cast: &'a Cast,
    log: &'a Log,
    /// How many bytes were read so far, by where they came from.
    read: BTreeMap<Source, u64>,
}

/// Where the grader's bytes come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    Wire(usize),
    Input(usize),
}

impl<'a> Causes<'a> {
    pub(super) fn new(scene: &'a Scene, cast: &'a Cast, log: &'a Log) -> Causes<'a> {
        Causes { scene, cast, log, read: BTreeMap::new() }
    }

    pub(super) fn of(&mut self, record: &Record) -> Cause {
        let ended = |connection| self.scene.steps_before(|deed| *deed == Deed::Ends(connection));
        match (record.call, record.outcome, self.connection(record)) {
            _ if record.fault.is_some_and(|fault| fault.errno().is_some()) => Cause::Steps(0),
            (Call::Accept, Outcome::Returned(_), Some(client)) => {
                Cause::Steps(self.scene.steps_before(|deed| *deed == Deed::Connects(client)))
            }
            (Call::Read, Outcome::Returned(count), _) => self.read(record, count.unsigned_abs()),
            (_, Outcome::Failed(Errno::ECONNRESET | Errno::EPIPE), Some(client)) => {
                Cause::Steps(ended(client))
            }
            (Call::Accept | Call::Read | Call::Poll, ..) => Cause::Unknown,
            (Call::Wait, ..) if record.other.is_none() => Cause::Unknown,
            (_, Outcome::Failed(Errno::EINTR), _) => Cause::Unknown,
            _ => Cause::Steps(0),
        }
    }

    fn read(&mut self, record: &Record, count: u64) -> Cause {
        let source = match self.connection(record) {
            Some(Connection(wire)) => Source::Wire(wire),
            None if record.object.is_some() => return Cause::Steps(0),
            None => match self.input(record) {
                Some(Program(program)) => Source::Input(program),
                None => return Cause::Unknown,
            },
        };
        let read = self.read.entry(source).or_default();
        *read += count;
        let read = *read;
        let is_needed = |deed: &Deed| match (source, *deed) {
            (Source::Wire(wire), Deed::Sends(of, total)) => count > 0 && of.0 == wire && total >= read,
            (Source::Wire(wire), Deed::Ends(of)) => count == 0 && of.0 == wire,
            (Source::Input(program), Deed::Feeds(of, total)) => count > 0 && of.0 == program && total >= read,
            (Source::Input(program), Deed::EndsInput(of)) => count == 0 && of.0 == program,
            _ => false,
        };
        Cause::Steps(self.scene.steps_before(is_needed))
    }

    /// The grader's end of the connection that a call is about, or that it has accepted.
    fn connection(&self, record: &Record) -> Option<Connection> {
        let object = record.accepted().or(record.object)?;
        self.cast.wire(self.log.objects[object].ends).map(Connection)
    }

    /// The program whose standard input a call reads.
    fn input(&self, record: &Record) -> Option<Program> {
        let pid = self.log.processes[self.log.root(record.process)].pid;
        let program = self.scene.programs.iter().position(|program| program.pid.as_raw() == pid)?;
        (record.fd == Some(0)).then_some(Program(program))
    }
}
