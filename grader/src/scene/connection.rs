//! What the grader's connections do: send, end, reset, close.

use super::bytes::{count, describe};
use super::deed::Deed;
use super::socket::Wire;
use super::wait::Pace;
use super::{Failed, Scene};
use crate::observe::Ends;
use crate::steps::{Action, Actor};

/// A connection of the grader: made by [`Scene::connect`] (`client 1`, …) or accepted by
/// [`Scene::expect_connection`] (`peer 1`, …). It reads only when something is expected of it: one that expects nothing
/// has stopped reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connection(pub(super) usize);

impl Scene {
    /// Sends bytes, all of them: waits until the kernel has taken them. Fails where the other side takes no more.
    pub fn send(&mut self, connection: Connection, bytes: &[u8]) -> Result<(), Failed> {
        self.wire(connection).give(bytes);
        self.finish_sending(connection)?;
        let actor = self.actor(connection);
        self.deed(Deed::Sends(connection, self.connections[connection.0].handed));
        self.did(actor, Action::Sends(describe(bytes)));
        Ok(())
    }

    pub(super) fn finish_sending(&mut self, connection: Connection) -> Result<(), Failed> {
        let result = self.wait(Pace::Events, |scene| (scene.wire(connection).unsent() == 0).then_some(()));
        let wire = self.wire(connection);
        let (sent, bytes) = (std::mem::take(&mut wire.sent), std::mem::take(&mut wire.outgoing));
        let actor = wire.actor.clone();
        let action = Action::Sends(describe(&bytes));
        match result {
            Ok(()) if sent == bytes.len() => Ok(()),
            Ok(()) => Err(self.fail(
                actor,
                action,
                format!("the connection is over after {}", count(sent)),
                Vec::new(),
            )),
            Err(stuck) => {
                let taken = format!("{} of {} were taken.", sent, count(bytes.len()));
                Err(self.stuck_after(actor, action, stuck, vec![taken]))
            }
        }
    }

    /// Sends chunk after chunk; the next one only when the programs have come to rest, so that each is read by itself.
    pub fn send_in_chunks(&mut self, connection: Connection, chunks: &[&[u8]]) -> Result<(), Failed> {
        for chunk in chunks {
            self.send(connection, chunk)?;
            let actor = self.actor(connection);
            let settled = self.settle();
            settled.map_err(|stuck| self.stuck(actor, Action::AwaitsRest(None), stuck))?;
        }
        Ok(())
    }

    /// Gives the connection bytes, which go out while something else is waited for.
    pub(super) fn begin_sending(&mut self, connection: Connection, bytes: &[u8]) {
        let wire = self.wire(connection);
        wire.give(bytes);
        let total = wire.handed + bytes.len() as u64;
        self.deed_meanwhile(Deed::Sends(connection, total));
    }

    /// Sends from the front of `bytes`, without reading, until every program is at rest and the connection takes no more
    /// (or all is sent). Returns how many bytes went out. This is what fills all buffers on the way.
    pub fn send_until_blocked(&mut self, connection: Connection, bytes: &[u8]) -> Result<usize, Failed> {
        let actor = self.actor(connection);
        self.begin_sending(connection, bytes);
        let action = Action::SendsUntilBlocked;
        loop {
            let before = self.wire(connection).sent;
            self.settle().map_err(|stuck| self.stuck(actor.clone(), action.clone(), stuck))?;
            let wire = self.wire(connection);
            if wire.sent == before || wire.unsent() == 0 {
                break;
            }
        }
        let wire = self.wire(connection);
        let sent = std::mem::take(&mut wire.sent);
        wire.outgoing.clear();
        // How much that is depends on the system's buffers, and on chance.
        self.did(actor, action);
        Ok(sent)
    }

    /// Ends the sending direction: shutdown(SHUT_WR).
    pub fn half_close(&mut self, connection: Connection) -> Result<(), Failed> {
        let actor = self.actor(connection);
        let action = Action::EndsSending;
        match self.wire(connection).half_close() {
            Ok(()) => {
                self.deed(Deed::Ends(connection));
                self.did(actor, action);
                Ok(())
            }
            Err(errno) => Err(self.fail(actor, action, format!("it fails: {}", errno.desc()), Vec::new())),
        }
    }

    /// Resets the connection: SO_LINGER 0 and close. (A Unix socket is only closed.)
    pub fn reset(&mut self, connection: Connection) {
        self.wire(connection).reset();
        self.deed(Deed::Ends(connection));
        let actor = self.actor(connection);
        self.did(actor, Action::Resets);
    }

    /// Closes the connection. With unread bytes in it, the kernel makes a reset of that.
    pub fn close(&mut self, connection: Connection) {
        self.wire(connection).close();
        self.deed(Deed::Ends(connection));
        let actor = self.actor(connection);
        self.did(actor, Action::Closes);
    }

    /// The two ends of a TCP connection: the grader's, and the program's.
    pub fn endpoints(&self, connection: Connection) -> Option<Ends> {
        self.connections[connection.0].ends
    }

    /// The actor.
    pub(crate) fn actor(&self, connection: Connection) -> Actor {
        self.connections[connection.0].actor.clone()
    }

    /// What the actor is called: `client 1`.
    pub fn name(&self, connection: Connection) -> &str {
        &self.connections[connection.0].name
    }

    pub(super) fn wire(&mut self, connection: Connection) -> &mut Wire {
        &mut self.connections[connection.0]
    }
}
