//! The one loop in which everything waits.
//!
//! It moves bytes of all programs and connections, keeps the programs within their limits, and ends a wait that cannot
//! succeed: at once where everybody is blocked for good, else at a limit. A program that could run but is not given the
//! processor is never to blame: only processor time, or time in which nobody wants to run, counts against it.

use super::Scene;
use crate::observe::{Rest, Watch};
use nix::poll::{PollFd, ppoll};
use nix::sys::time::TimeSpec;
use std::time::{Duration, Instant};

/// How often everybody is looked at while an event is waited for.
const LOOK: Duration = Duration::from_millis(20);
/// So many equal looks in a row, and nobody will move again.
const LOOKS: u32 = 15;
const SHORTEST: Duration = Duration::from_micros(20);
const LONGEST: Duration = Duration::from_millis(2);

/// Why a wait ended without what it waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stuck {
    /// Everybody is blocked, and nothing is on its way.
    Blocked,
    /// Nobody runs, somebody sleeps, and the limit of patience is over.
    Patience,
    /// The whole check took too long.
    CheckOver,
}

/// What makes a wait look again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// Events on descriptors.
    Events,
    /// Time: what is waited for shows only by looking, soon at first, then less often.
    Looks,
}

impl Scene {
    /// Waits until `goal` gives something.
    pub(super) fn wait<T>(
        &mut self,
        pace: Pace,
        mut goal: impl FnMut(&mut Scene) -> Option<T>,
    ) -> Result<T, Stuck> {
        let mut vigil = Vigil::new();
        let mut pause = SHORTEST;
        loop {
            self.pump();
            if let Some(reached) = goal(self) {
                return Ok(reached);
            }
            if Instant::now() >= vigil.next {
                self.keep_watch(&mut vigil)?;
            }
            let longest = vigil.next.saturating_duration_since(Instant::now());
            let active = self.poll(if pace == Pace::Looks {
                pause.min(longest)
            } else {
                longest
            });
            pause = if active {
                SHORTEST
            } else {
                pause.mul_f32(1.5).min(LONGEST)
            };
        }
    }

    /// Waits until all programs are blocked, twice with nobody having run in between, and nothing is on its way to them.
    pub(super) fn settle(&mut self) -> Result<(), Stuck> {
        let mut watch = Watch::default();
        self.wait(Pace::Looks, |scene| {
            let (flying, looks) = (scene.in_flight(), watch.look(scene.rests()));
            if flying {
                watch = Watch::default();
            }
            (looks >= 2 && !flying).then_some(())
        })
    }

    fn keep_watch(&mut self, vigil: &mut Vigil) -> Result<(), Stuck> {
        let flying = self.in_flight();
        let rests = self.rests();
        for (program, rest) in self
            .programs
            .iter_mut()
            .filter(|program| program.alive())
            .zip(&rests)
        {
            if vigil.first {
                program.progressed(rest.ticks);
            }
            program.watch(rest);
        }
        vigil.first = false;
        vigil.next = Instant::now() + LOOK;
        let looks = if flying { 0 } else { vigil.watch.look(rests) };
        if looks >= LOOKS && vigil.watch.for_good() {
            return Err(Stuck::Blocked);
        }
        if vigil.begun.elapsed() >= self.limits.patience && !vigil.watch.running() {
            return Err(Stuck::Patience);
        }
        if self.begun.elapsed() >= self.limits.check {
            Err(Stuck::CheckOver)
        } else {
            Ok(())
        }
    }

    /// One look at every program that has not ended.
    pub(super) fn rests(&self) -> Vec<Rest> {
        let living = self.programs.iter().filter(|program| program.alive());
        living.map(|program| Rest::of(program.pid.as_raw())).collect()
    }

    /// Waits for an event on any descriptor, at most so long. Says whether there was one.
    fn poll(&self, most: Duration) -> bool {
        let mut fds: Vec<PollFd> = self
            .programs
            .iter()
            .flat_map(|program| program.poll_fds())
            .collect();
        fds.extend(
            self.connections
                .iter()
                .filter_map(|connection| connection.poll_fd()),
        );
        fds.extend(self.listeners.iter().filter_map(|listener| listener.poll_fd()));
        ppoll(&mut fds, Some(TimeSpec::from_duration(most)), None).is_ok_and(|ready| ready > 0)
    }

    fn in_flight(&self) -> bool {
        self.connections.iter().any(|connection| connection.in_flight())
    }

    /// Moves whatever can be moved.
    pub(super) fn pump(&mut self) {
        self.programs.iter_mut().for_each(|program| program.pump());
        self.connections
            .iter_mut()
            .for_each(|connection| connection.pump());
    }
}

/// One wait, as the watch over it sees it.
struct Vigil {
    begun: Instant,
    next: Instant,
    first: bool,
    watch: Watch,
}

impl Vigil {
    fn new() -> Vigil {
        let begun = Instant::now();
        Vigil {
            begun,
            next: begun + LOOK,
            first: true,
            watch: Watch::default(),
        }
    }
}
