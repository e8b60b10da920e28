//! The stage on which a check is played: the programs under test, the grader's scripted clients and listeners, and the
//! record of every action and expectation as a sentence.
//!
//! A check's body is a list of actions and expectations. The first expectation that does not hold ends the body through
//! `?`, and [`Scene::judge`] makes a finding of it:
//!
//! ```ignore
//! pub fn echoes(job: &Job, scene: &mut Scene) -> Finding {
//!     scene.judge(|scene| {
//!         let server = scene.start(Launch::driver("server", &Task::Serve { port: 0 }))?;
//!         let port: u16 = scene.record(server)?;
//!         let client = scene.connect(Address::v4(port))?;
//!         scene.send(client, b"hello")?;
//!         scene.expect(client, b"hello").or_say("The answer is not what was sent.")?;
//!         scene.half_close(client)?;
//!         scene.expect_end(client).misconception("connection-kept")?;
//!         scene.at_rest(server)?;
//!         Ok("5 bytes came back unchanged.".to_owned())
//!     })
//! }
//! ```
//!
//! Whatever the body waits for, the loop behind it drains the output of every program, so that no program blocks because
//! the grader looks elsewhere. Nothing sleeps: a wait ends with the event, at once where the event can no longer come
//! (everybody blocked for good and nothing in flight), and else at a limit that only a failing program reaches.

mod address;
mod bytes;
mod client;
mod failed;
mod listener;
mod port;
mod program;
mod wait;

pub use address::Address;
pub use client::{ConnectOptions, Connection};
pub use failed::{Explain, Failed};
pub use listener::Listener;
pub use port::Port;
pub use program::{Program, Said};

use crate::check::Finding;
use crate::process::Limits;
use crate::steps::Step;
use std::path::PathBuf;

/// The programs, clients and listeners of one check, and what has happened so far.
///
/// Handles ([`Program`], [`Connection`], [`Listener`]) are plain numbers and stay valid to the end of the check, also
/// after what they name has ended.
pub struct Scene {
    driver: PathBuf,
    limits: Limits,
    steps: Vec<Step>,
}

impl Scene {
    /// An empty scene. `driver` is what [`Launch::driver`](crate::process::Launch::driver) starts, `limits` are for
    /// every program whose launch names none.
    pub fn new(driver: PathBuf, limits: Limits) -> Scene {
        Scene {
            driver,
            limits,
            steps: Vec::new(),
        }
    }

    /// Plays a body and turns its result into a finding: `Ok(summary)` into a pass, [`Failed`] into its status, with the
    /// steps so far and what the programs wrote.
    pub fn judge(&mut self, body: impl FnOnce(&mut Scene) -> Result<String, Failed>) -> Finding {
        let _ = (&self.driver, self.limits, body);
        todo!()
    }

    /// Records something the grader did or saw that no other method records.
    pub fn note(&mut self, actor: &str, sentence: impl Into<String>) {
        let _ = (actor, sentence.into(), &self.steps);
        todo!()
    }

    /// Records an expectation of the check's own: the step holds or not; where not, the result is the failure, with
    /// `seen` as what came instead.
    pub fn require(&mut self, holds: bool, actor: &str, expectation: &str, seen: &str) -> Result<(), Failed> {
        let _ = (holds, actor, expectation, seen);
        todo!()
    }

    /// Ends everything that runs below this process: TERM, then KILL, reaped; for the supervisor, when the body is over.
    /// Returns the commands of descendants that outlived their program (double fork, setsid).
    pub fn clear(&mut self) -> Vec<String> {
        todo!()
    }
}
