//! What the grader's connections expect.

use super::bytes::{compare, describe, first_difference};
use super::connection::Connection;
use super::socket::{End, Wire};
use super::wait::{Pace, Stuck};
use super::{Explain, Failed, Scene};
use crate::process::Ending;
use crate::steps::{Action, Actor};

/// How an expectation of bytes has come out.
pub(super) enum Arrived {
    All,
    /// The first byte that is not the one expected.
    Differs(usize),
    /// Nothing more can come.
    Ended,
}

/// By end of file or by a reset: that depends on what was unread when it was closed, and on chance.
const ANY_END: &str = "the end of the connection";

impl Scene {
    /// Sends `bytes` and at the same time reads and expects `expected`.
    pub fn exchange(&mut self, connection: Connection, bytes: &[u8], expected: &[u8]) -> Result<(), Failed> {
        self.begin_sending(connection, bytes);
        let action = Action::Exchanges { bytes: describe(bytes), expected: describe(expected) };
        self.expect_as(connection, action, expected)?;
        self.finish_sending(connection)
    }

    /// Expects that exactly these bytes come next. Fails at the first byte that differs, at an early end of file, at a
    /// reset, or when they can no longer come. What follows them is left for the next expectation.
    pub fn expect(&mut self, connection: Connection, bytes: &[u8]) -> Result<(), Failed> {
        self.expect_as(connection, Action::Expects(describe(bytes)), bytes)
    }

    fn expect_as(&mut self, connection: Connection, action: Action, bytes: &[u8]) -> Result<(), Failed> {
        let mut checked = 0;
        let arrived = self.read_until(connection, |wire| {
            let from = std::mem::replace(&mut checked, wire.incoming.len().min(bytes.len()));
            arrived(bytes, &wire.incoming, from, wire.end.is_some())
        });
        let wire = self.wire(connection);
        let (actor, came) = (wire.actor.clone(), wire.incoming.clone());
        let how = |_: &mut Scene| so_ended(ANY_END, &came);
        let is_over = matches!(arrived, Ok(Arrived::Ended));
        let judged = self.judge_bytes(actor, action, bytes, &came, arrived, how);
        judged.at(|| is_over.then(|| self.end_of(connection)).flatten())?;
        self.wire(connection).incoming.drain(..bytes.len());
        Ok(())
    }

    /// How a connection ended, in words. Where a program ended with it, the system chose between end of file and a reset
    /// by what was left unread at that moment: that tells nothing, and is not the same every time.
    fn ended(&mut self, end: End, came: &[u8]) -> String {
        self.await_aftermath();
        let gone = self.programs.iter().any(|program| !program.alive() && program.ending != Ending::Ended);
        let end = match end {
            _ if gone => ANY_END,
            End::File => "end of file",
            End::Reset => "a reset",
        };
        so_ended(end, came)
    }

    /// Records how an expectation of bytes came out; `came` is what there is of them, `how` says how they ended early.
    pub(super) fn judge_bytes(
        &mut self,
        actor: Actor,
        action: Action,
        bytes: &[u8],
        came: &[u8],
        arrived: Result<Arrived, Stuck>,
        how: impl FnOnce(&mut Scene) -> String,
    ) -> Result<(), Failed> {
        match arrived {
            Ok(Arrived::All) => {
                self.did(actor, action);
                Ok(())
            }
            Ok(Arrived::Differs(at)) => {
                let seen = format!("byte {at} is not the one expected");
                Err(self.fail(actor, action, seen, compare(bytes, came, at)))
            }
            Ok(Arrived::Ended) => {
                let seen = how(self);
                Err(self.fail(actor, action, seen, Vec::new()))
            }
            Err(stuck) => Err(self.stuck_after(actor, action, stuck, so_far(came))),
        }
    }

    /// Reads what comes until end of file, at most `limit` bytes. No expectation but the end itself.
    pub fn read_to_end(&mut self, connection: Connection, limit: usize) -> Result<Vec<u8>, Failed> {
        let outcome = self.read_until(connection, |wire| match wire.end {
            None => (wire.incoming.len() > limit).then_some(None),
            end => Some(end),
        });
        let wire = self.wire(connection);
        let (actor, came) = (wire.actor.clone(), std::mem::take(&mut wire.incoming));
        match outcome {
            Ok(Some(End::File)) => {
                self.did(actor, Action::ReadsToEnd(Some(describe(&came))));
                Ok(came)
            }
            Ok(Some(end)) => {
                let seen = self.ended(end, &came);
                Err(self.fail(actor, Action::ReadsToEnd(None), seen, Vec::new()))
            }
            Ok(None) => Err(self.fail(
                actor,
                Action::ReadsToEnd(None),
                format!("more than {limit} bytes came"),
                Vec::new(),
            )),
            Err(stuck) => Err(self.stuck_after(actor, Action::ReadsToEnd(None), stuck, so_far(&came))),
        }
    }

    /// What has come on a connection and was not yet expected.
    pub(crate) fn came(&self, connection: Connection) -> &[u8] {
        &self.connections[connection.0].incoming
    }

    /// What became of a client of which nothing was to be seen yet, in words.
    pub(crate) fn treated(&self, connection: Connection) -> &'static str {
        if self.came(connection).is_empty() { "was turned away" } else { "was served" }
    }

    /// Expects end of file, and nothing before it.
    pub fn expect_end(&mut self, connection: Connection) -> Result<(), Failed> {
        let action = Action::ExpectsEnd;
        self.awaited = Some(connection);
        let outcome = self
            .read_until(connection, |wire| (wire.end.is_some() || !wire.incoming.is_empty()).then_some(()));
        let wire = self.wire(connection);
        let (actor, came, end) = (wire.actor.clone(), wire.incoming.clone(), wire.end);
        match (outcome, end) {
            (Err(stuck), _) => {
                let open =
                    |holder| format!("The other end of {actor}'s connection is still open in {holder}.");
                let details = self.holder(connection).map(open);
                Err(self.stuck_after(actor, action, stuck, details.into_iter().collect()))
            }
            (Ok(()), Some(End::File)) if came.is_empty() => {
                self.awaited = None;
                self.did(actor, action);
                Ok(())
            }
            (Ok(()), Some(end)) if came.is_empty() => {
                let seen = self.ended(end, &came);
                Err(self.fail(actor, action, seen, Vec::new())).at(|| self.end_of(connection))
            }
            _ => Err(self.fail(actor, action, format!("more bytes came, {}", describe(&came)), Vec::new())),
        }
    }

    /// Expects that the connection is over, by end of file or by a reset; bytes before it do not matter.
    pub fn expect_over(&mut self, connection: Connection) -> Result<(), Failed> {
        let action = Action::ExpectsOver;
        let outcome = self.read_until(connection, |wire| wire.end.map(drop));
        let actor = self.actor(connection);
        self.step(actor, action, outcome)
    }

    /// Expects that nothing has come, neither bytes nor end of file, by the time every program is at rest.
    pub fn expect_nothing(&mut self, connection: Connection) -> Result<(), Failed> {
        let action = Action::ExpectsNothing;
        self.wire(connection).reads = true;
        let outcome = self.settle();
        self.pump();
        let wire = self.wire(connection);
        wire.reads = false;
        let (actor, came, end) = (wire.actor.clone(), wire.incoming.clone(), wire.end);
        match end {
            _ if !came.is_empty() => {
                Err(self.fail(actor, action, format!("{} came", describe(&came)), Vec::new()))
            }
            Some(_) => {
                let seen = so_ended(ANY_END, &came);
                Err(self.fail(actor, action, seen, Vec::new())).at(|| self.end_of(connection))
            }
            None => self.step(actor, action, outcome),
        }
    }

    /// Reads until `done` gives something; reads no more afterwards.
    fn read_until<T>(
        &mut self,
        connection: Connection,
        mut done: impl FnMut(&Wire) -> Option<T>,
    ) -> Result<T, Stuck> {
        self.wire(connection).reads = true;
        let outcome = self.wait(Pace::Events, |scene| done(scene.wire(connection)));
        self.wire(connection).reads = false;
        outcome
    }
}

/// How an expectation of `bytes` stands when `came` is there, of which the first `checked` bytes are known to be right;
/// `over` says why nothing more can come. None while it is open.
pub(super) fn arrived(bytes: &[u8], came: &[u8], checked: usize, over: bool) -> Option<Arrived> {
    let there = came.len().min(bytes.len());
    match first_difference(&bytes[checked..there], &came[checked..there]) {
        Some(at) => Some(Arrived::Differs(checked + at)),
        None if there == bytes.len() => Some(Arrived::All),
        None => over.then_some(Arrived::Ended),
    }
}

fn so_ended(end: &str, came: &[u8]) -> String {
    if came.is_empty() { format!("{end} came") } else { format!("{end} came after {}", describe(came)) }
}

fn so_far(came: &[u8]) -> Vec<String> {
    vec![format!("So far came {}.", describe(came))]
}
