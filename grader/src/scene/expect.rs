//! What the grader's connections expect.

use super::bytes::{compare, describe, first_difference};
use super::connection::Connection;
use super::socket::{End, Wire};
use super::wait::{Pace, Stuck};
use super::{Failed, Scene};

/// How far an expectation of bytes has come.
enum Arrived {
    All,
    Differs(usize),
    Ended(End),
}

impl Scene {
    /// Sends `bytes` and at the same time reads and expects `expected`.
    pub fn exchange(&mut self, connection: Connection, bytes: &[u8], expected: &[u8]) -> Result<(), Failed> {
        self.wire(connection).give(bytes);
        let action = format!("sends {} and at the same time expects {}", describe(bytes), describe(expected));
        self.expect_as(connection, action, expected)?;
        self.finish_sending(connection)
    }

    /// Expects that exactly these bytes come next. Fails at the first byte that differs, at an early end of file, at a
    /// reset, or when they can no longer come. What follows them is left for the next expectation.
    pub fn expect(&mut self, connection: Connection, bytes: &[u8]) -> Result<(), Failed> {
        self.expect_as(connection, format!("expects {}", describe(bytes)), bytes)
    }

    fn expect_as(&mut self, connection: Connection, action: String, bytes: &[u8]) -> Result<(), Failed> {
        let mut checked = 0;
        let arrived = self.read_until(connection, |wire| {
            let there = wire.incoming.len().min(bytes.len());
            let differs = first_difference(&bytes[checked..there], &wire.incoming[checked..there]);
            let at = differs.map(|at| Arrived::Differs(checked + at));
            checked = there;
            let ended = wire.end.map(Arrived::Ended);
            at.or_else(|| (there == bytes.len()).then_some(Arrived::All)).or(ended)
        });
        self.judge_bytes(connection, action, bytes, arrived)
    }

    fn judge_bytes(
        &mut self,
        connection: Connection,
        action: String,
        bytes: &[u8],
        arrived: Result<Arrived, Stuck>,
    ) -> Result<(), Failed> {
        let wire = self.wire(connection);
        let (name, came) = (wire.name.clone(), wire.incoming.clone());
        match arrived {
            Ok(Arrived::All) => {
                self.wire(connection).incoming.drain(..bytes.len());
                self.did(&name, action);
                Ok(())
            }
            Ok(Arrived::Differs(at)) => Err(self.fail(
                &name,
                action,
                format!("byte {at} is not the one expected"),
                compare(bytes, &came, at),
            )),
            Ok(Arrived::Ended(end)) => Err(self.fail(&name, action, ended(end, &came), Vec::new())),
            Err(stuck) => {
                Err(self.stuck_after(&name, action, stuck, vec![format!("So far came {}.", describe(&came))]))
            }
        }
    }

    /// Reads what comes until end of file, at most `limit` bytes. No expectation but the end itself.
    pub fn read_to_end(&mut self, connection: Connection, limit: usize) -> Result<Vec<u8>, Failed> {
        let action = "reads to the end of file".to_owned();
        let outcome = self.read_until(connection, |wire| match wire.end {
            None => (wire.incoming.len() > limit).then_some(None),
            end => Some(end),
        });
        let wire = self.wire(connection);
        let (name, came) = (wire.name.clone(), std::mem::take(&mut wire.incoming));
        match outcome {
            Ok(Some(End::File)) => {
                self.did(&name, format!("{action}: {}", describe(&came)));
                Ok(came)
            }
            Ok(Some(end)) => Err(self.fail(&name, action, ended(end, &came), Vec::new())),
            Ok(None) => Err(self.fail(&name, action, format!("more than {limit} bytes came"), Vec::new())),
            Err(stuck) => {
                Err(self.stuck_after(&name, action, stuck, vec![format!("So far came {}.", describe(&came))]))
            }
        }
    }

    /// Expects end of file, and nothing before it.
    pub fn expect_end(&mut self, connection: Connection) -> Result<(), Failed> {
        let action = "expects end of file".to_owned();
        let outcome = self
            .read_until(connection, |wire| (wire.end.is_some() || !wire.incoming.is_empty()).then_some(()));
        let wire = self.wire(connection);
        let (name, came, end) = (wire.name.clone(), wire.incoming.clone(), wire.end);
        match (outcome, end) {
            (Err(stuck), _) => Err(self.stuck(&name, action, stuck)),
            (Ok(()), Some(End::File)) if came.is_empty() => {
                self.did(&name, action);
                Ok(())
            }
            (Ok(()), Some(end)) if came.is_empty() => {
                Err(self.fail(&name, action, ended(end, &came), Vec::new()))
            }
            _ => Err(self.fail(&name, action, format!("more bytes came, {}", describe(&came)), Vec::new())),
        }
    }

    /// Expects that the connection is over, by end of file or by a reset; bytes before it do not matter.
    pub fn expect_over(&mut self, connection: Connection) -> Result<(), Failed> {
        let action = "expects that the connection is over".to_owned();
        let outcome = self.read_until(connection, |wire| wire.end.map(drop));
        let name = self.name(connection).to_owned();
        self.step(&name, action, outcome)
    }

    /// Expects that nothing has come, neither bytes nor end of file, by the time every program is at rest.
    pub fn expect_nothing(&mut self, connection: Connection) -> Result<(), Failed> {
        let action = "expects nothing yet".to_owned();
        self.wire(connection).reads = true;
        let outcome = self.settle();
        self.pump();
        let wire = self.wire(connection);
        wire.reads = false;
        let (name, came, end) = (wire.name.clone(), wire.incoming.clone(), wire.end);
        match end {
            _ if !came.is_empty() => {
                Err(self.fail(&name, action, format!("{} came", describe(&came)), Vec::new()))
            }
            Some(end) => Err(self.fail(&name, action, ended(end, &came), Vec::new())),
            None => self.step(&name, action, outcome),
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

fn ended(end: End, came: &[u8]) -> String {
    let end = match end {
        End::File => "end of file",
        End::Reset => "a reset",
    };
    if came.is_empty() { format!("{end} came") } else { format!("{end} came after {}", describe(came)) }
}
