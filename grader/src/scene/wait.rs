//! The one loop in which everything waits.
//!
//! It moves bytes of all programs and connections, keeps the programs within their limits, and ends a wait that cannot
//! succeed: at once where everybody is blocked for good, else at a limit. A program that could run but is not given the
//! processor is never to blame: only processor time, or time in which nobody wants to run, counts against it.

use super::Scene;
use super::deed::Deed;
use super::socket::Wire;
use crate::observe::proc::Stat;
use crate::observe::{Families, Rest, Usage, Watch, strays};
use crate::process::sweep;
use crate::trace::Counts;
use nix::poll::{PollFd, ppoll};
use nix::sys::time::TimeSpec;
use std::time::{Duration, Instant};

/// How often everybody is looked at while an event is waited for.
const LOOK: Duration = Duration::from_millis(20);
/// So many equal looks in a row, and nobody will move again.
const LOOKS: u32 = 15;
/// So many looks in a row without anybody running, and it is not for want of a processor that nothing happens.
const IDLE_LOOKS: u32 = 5;
const SHORTEST: Duration = Duration::from_micros(100);
const LONGEST: Duration = Duration::from_millis(2);

/// So many calls in one wait are dealt with one by one, those after them in batches.
const FEW: u32 = 500;
const MANY: usize = 100;

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
            // One at a time: what a call brings about is seen before anybody goes on, in every run alike.
            // A program that makes calls without end is not worth that.
            if self.pump_traced(if vigil.calls < FEW { 1 } else { MANY }) {
                vigil.calls += 1;
                pause = SHORTEST;
                self.stirred = true;
                continue;
            }
            self.stirred = false;
            let longest = vigil.next.saturating_duration_since(Instant::now());
            let active = self.poll(if pace == Pace::Looks { pause.min(longest) } else { longest });
            pause = if active { SHORTEST } else { pause.mul_f32(1.5).min(LONGEST) };
        }
    }

    /// Waits until all programs are blocked, twice with nobody having run in between, and nothing is on its way to them.
    pub(super) fn settle(&mut self) -> Result<(), Stuck> {
        let mut watch = Watch::default();
        self.wait(Pace::Looks, |scene| {
            if scene.stirred {
                watch = Watch::default();
                return None;
            }
            let looks = watch.look(scene.rests());
            if looks > 0 && scene.in_flight() {
                watch = Watch::default();
                return None;
            }
            (looks >= 2).then_some(())
        })?;
        self.deed_meanwhile(Deed::Rests);
        Ok(())
    }

    fn keep_watch(&mut self, vigil: &mut Vigil) -> Result<(), Stuck> {
        let (flying, moved) = (self.in_flight(), self.moved());
        let Families { programs, strays } = Families::of(&self.living());
        let progress = vigil.progress(moved);
        let counts: Vec<Counts> = self.living().into_iter().map(|program| self.counts_of(program)).collect();
        let mut rests = Vec::new();
        let living = self.programs.iter_mut().filter(|program| program.alive());
        for ((program, processes), counts) in living.zip(&programs).zip(counts) {
            let (rest, usage) = (Rest::of(processes), Usage::of(processes));
            if progress {
                program.progressed(usage.time, counts);
            }
            program.watch(&rest, &usage, counts);
            rests.push(rest);
        }
        let rest = Rest::of(&strays);
        self.watch_strays(&rest, &Usage::of(&strays));
        rests.push(rest);
        self.give_up(vigil, flying, rests)
    }

    fn give_up(&self, vigil: &mut Vigil, flying: bool, rests: Vec<Rest>) -> Result<(), Stuck> {
        let looks = vigil.watch.look(rests);
        let idle = !flying && !vigil.watch.running();
        vigil.idle = if idle { vigil.idle + 1 } else { 0 };
        vigil.settled = if flying || self.dials { 0 } else { looks.min(vigil.settled + 1) };
        vigil.next = Instant::now() + LOOK;
        if vigil.settled >= LOOKS && vigil.watch.for_good() {
            return Err(Stuck::Blocked);
        }
        let impatient = vigil.since.elapsed() >= self.limits.patience && vigil.idle >= IDLE_LOOKS;
        match self.begun.elapsed() >= self.limits.check {
            true if idle => Err(Stuck::Patience),
            true => Err(Stuck::CheckOver),
            false if impatient => Err(Stuck::Patience),
            false => Ok(()),
        }
    }

    /// How many bytes have moved in all: as long as this grows, things go on.
    fn moved(&self) -> u64 {
        let programs = self.programs.iter().map(|program| program.io.moved()).sum::<u64>();
        programs + self.connections.iter().map(Wire::moved).sum::<u64>()
    }

    /// One look at every program that has not ended, and a last one at what programs left behind.
    pub(super) fn rests(&self) -> Vec<Rest> {
        let Families { programs, strays } = Families::of(&self.living());
        programs.iter().chain([&strays]).map(|processes| Rest::of(processes)).collect()
    }

    /// Whether a program has ended and was not yet asked how.
    pub(super) fn has_unburied(&self) -> bool {
        self.living().into_iter().any(|program| Stat::of(program).is_some_and(|stat| stat.zombie()))
    }

    pub(super) fn living(&self) -> Vec<i32> {
        self.programs.iter().filter(|program| program.alive()).map(|program| program.pid.as_raw()).collect()
    }

    /// What programs left behind has no program whose limits it could reach, and has the same by itself.
    fn watch_strays(&mut self, rest: &Rest, usage: &Usage) {
        if usage.time > self.limits.processor || self.limits.reached(rest, usage).is_some() {
            self.left.extend(sweep::kill(&strays(&self.living())));
        }
    }

    /// Waits for an event on any descriptor, at most so long. Says whether there was one.
    pub(super) fn poll(&self, most: Duration) -> bool {
        let mut fds: Vec<PollFd> = self.programs.iter().flat_map(|program| program.poll_fds()).collect();
        fds.extend(self.connections.iter().filter_map(|connection| connection.poll_fd()));
        fds.extend(self.listeners.iter().filter_map(|listener| listener.poll_fd()));
        fds.extend(self.tracing.iter().map(|tracing| tracing.poll_fd()));
        ppoll(&mut fds, Some(TimeSpec::from_duration(most)), None).is_ok_and(|ready| ready > 0)
    }

    pub(super) fn in_flight(&self) -> bool {
        self.connections.iter().any(|connection| connection.in_flight())
    }

    /// Moves whatever can be moved.
    pub(super) fn pump(&mut self) {
        self.programs.iter_mut().for_each(|program| program.pump());
        self.connections.iter_mut().for_each(|connection| connection.pump());
        if self.tracing.is_none() {
            sweep::reap_orphans(|pid| {
                self.programs.iter().any(|program| program.alive() && program.pid == pid)
            });
        }
    }
}

/// One wait, as the watch over it sees it.
struct Vigil {
    /// When the next look is due.
    next: Instant,
    /// When something last moved.
    since: Instant,
    moved: Option<u64>,
    watch: Watch,
    /// Looks in a row with everybody blocked, nobody having run in between, and nothing on its way.
    settled: u32,
    /// Looks in a row at which nobody ran.
    idle: u32,
    /// Calls of traced programs that were dealt with.
    calls: u32,
}

impl Vigil {
    fn new() -> Vigil {
        let now = Instant::now();
        Vigil {
            next: now + LOOK,
            since: now,
            moved: None,
            watch: Watch::default(),
            settled: 0,
            idle: 0,
            calls: 0,
        }
    }

    /// Takes note of how much has moved by now; says whether it is more than before.
    fn progress(&mut self, moved: u64) -> bool {
        let progress = self.moved != Some(moved);
        if progress {
            self.moved = Some(moved);
            self.since = Instant::now();
        }
        progress
    }
}
