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
mod connection;
mod crowd;
mod deed;
mod expect;
mod failed;
mod flight;
mod listener;
mod origin;
mod picture;
mod port;
mod program;
mod record;
mod server;
mod socket;
mod tracing;
mod verdict;
mod wait;

pub use address::Address;
pub use client::ConnectOptions;
pub use connection::Connection;
pub use failed::{Explain, Failed};
pub use listener::Listener;
pub(crate) use origin::Asked;
pub use port::Port;
pub use program::Program;
pub use record::{Said, Speaker};

use crate::check::Location;
use crate::process::{Ending, Limits, Running, sweep};
use crate::sandbox::Confinement;
use crate::steps::Step;
use crate::timeline::Timeline;
use crate::trace::Waiting;
use deed::Deed;
use listener::Ear;
use socket::Wire;
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tracing::Tracing;
use wait::Pace;

/// How long a program may take to end after TERM.
const GRACE: Duration = Duration::from_millis(100);

/// The programs, clients and listeners of one check, and what has happened so far.
///
/// Handles ([`Program`], [`Connection`], [`Listener`]) are plain numbers and stay valid to the end of the check, also
/// after what they name has ended.
pub struct Scene {
    driver: PathBuf,
    directory: PathBuf,
    /// Where the lab's sources lie.
    source: PathBuf,
    limits: Limits,
    confinement: Arc<Confinement>,
    begun: Instant,
    steps: Vec<Step>,
    /// Each with the number of steps before whatever needs it.
    deeds: Vec<(usize, Deed)>,
    programs: Vec<Running>,
    connections: Vec<Wire>,
    listeners: Vec<Ear>,
    clients: usize,
    peers: usize,
    /// Whether a connect is under way: where the queue is full, the kernel tries again only after a second.
    dials: bool,
    tracing: Option<Tracing>,
    /// Whether the tracer has just let somebody go on, who is then not at rest.
    stirred: bool,
    /// The connection whose end is, or was last, waited for.
    awaited: Option<Connection>,
    /// The lines in which threads wait.
    waiting: RefCell<Waiting>,
    /// Whether what was expected last has not come, and nothing else either.
    in_vain: bool,
    /// Where the last program was found stuck, when an event that was waited for could not come.
    stuck_at: Option<Location>,
    /// Where what should have been closed comes from, when somebody waited for its end.
    kept_from: Option<Location>,
    /// The run as it was when an expectation failed.
    picture: Timeline,
    /// Commands of processes that had to be ended before the check was over.
    left: Vec<String>,
}

impl Scene {
    /// An empty scene. `driver` is what [`Launch::driver`](crate::process::Launch::driver) starts, `source` is
    /// where the lab's sources lie, `directory` the check's own, in which programs run, `limits` are for every program whose launch names none.
    pub(crate) fn new(
        driver: PathBuf,
        source: PathBuf,
        directory: PathBuf,
        limits: Limits,
        confinement: Confinement,
    ) -> Scene {
        Scene {
            driver,
            directory,
            source,
            limits,
            confinement: Arc::new(confinement),
            begun: Instant::now(),
            steps: Vec::new(),
            deeds: Vec::new(),
            programs: Vec::new(),
            connections: Vec::new(),
            listeners: Vec::new(),
            clients: 0,
            peers: 0,
            dials: false,
            tracing: None,
            stirred: false,
            awaited: None,
            waiting: RefCell::default(),
            in_vain: false,
            stuck_at: None,
            kept_from: None,
            picture: Timeline::default(),
            left: Vec::new(),
        }
    }

    /// A directory of this check alone, empty at first and gone after it: for the paths of Unix sockets.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Whether the check has ended with a wait that came to nothing.
    pub(crate) fn waits_in_vain(&self) -> bool {
        self.in_vain
    }

    /// The line from which something comes that should have been closed, where the check has ended with that.
    pub(crate) fn kept_from(&mut self) -> Option<Location> {
        self.kept_from.take()
    }

    /// The line in which the last program was stuck, where the check has ended with that.
    pub(crate) fn stuck_at(&mut self) -> Option<Location> {
        self.stuck_at.take()
    }

    /// Ends everything that runs below this process, which must be the check's own supervisor: TERM, then KILL. Returns
    /// the commands of processes that were still there when their program had ended: what a program left behind.
    pub(crate) fn clear(&mut self) -> Vec<String> {
        self.connections.clear();
        self.listeners.clear();
        self.programs.iter_mut().for_each(|program| program.terminate());
        let until = Instant::now() + GRACE;
        let gone =
            |scene: &Scene| scene.programs.iter().all(|program| !program.alive()) || Instant::now() >= until;
        let _ = self.wait(Pace::Events, |scene| gone(scene).then_some(()));
        self.programs
            .iter_mut()
            .filter(|program| program.alive())
            .for_each(|program| program.end(Ending::Ended));
        self.await_aftermath();
        self.left.extend(sweep::kill_descendants());
        std::mem::take(&mut self.left)
    }
}
