//! Random programs: critical sections, nested or overlapping, with waits in the right form and in wrong ones,
//! notifications with and without the lock, atomics inside and outside of them, and threads that leave early.

use super::{OBJECTS, Op, Program, THREADS};
use fastrand::Rng;

/// Which operations may occur beside the plain ones.
///
/// A condition variable is used with one mutex only, as the standard library demands.
#[derive(Clone, Copy)]
pub(crate) struct Flavour {
    pub(crate) try_lock: bool,
    pub(crate) join: bool,
    pub(crate) yields: bool,
    pub(crate) atomics: bool,
    pub(crate) semaphores: bool,
}

/// The program of that number.
pub(crate) fn program(seed: u64, flavour: Flavour) -> Program {
    let mut rng = Rng::with_seed(seed);
    let threads = rng.usize(2..=THREADS);
    let mutexes = rng.usize(1..=OBJECTS);
    let condvars = rng.usize(1..=OBJECTS);
    let belongs = [rng.usize(..mutexes), rng.usize(..mutexes)];
    let most = if threads == 2 { 11 } else { 8 };
    let mut writer = |thread: usize| Writer {
        ops: Vec::new(),
        room: rng.usize(3..=most),
        rng: rng.fork(),
        flavour,
        mutexes,
        condvars,
        belongs,
        joinable: if thread == 0 { (1..threads).collect() } else { Vec::new() },
    };
    let threads = (0..threads).map(|thread| writer(thread).thread()).collect();
    let permits = [(); OBJECTS].map(|()| if flavour.semaphores { rng.u8(..=2) } else { 0 });
    Program { threads, mutexes, condvars, permits }
}

struct Writer {
    ops: Vec<Op>,
    /// How many more instructions there may be, roughly.
    room: usize,
    rng: Rng,
    flavour: Flavour,
    mutexes: usize,
    condvars: usize,
    belongs: [usize; OBJECTS],
    joinable: Vec<usize>,
}

impl Writer {
    fn thread(mut self) -> Vec<Op> {
        while self.ops.len() < self.room {
            if self.flavour.semaphores && self.rng.u8(..5) < 3 {
                self.with_permit();
                continue;
            }
            match self.rng.u8(..20) {
                0..4 => self.notify(),
                4 => self.assert_or_exit(),
                5 if self.flavour.yields => self.ops.push(Op::Yield),
                5 => self.join(),
                6..10 if self.flavour.atomics => self.atomic(),
                _ => {
                    let mutex = self.rng.usize(..self.mutexes);
                    self.section(mutex, &[]);
                }
            }
        }
        self.ops
    }

    /// A critical section, inside of those of the mutexes `outer`.
    fn section(&mut self, mutex: usize, outer: &[usize]) {
        let tries = self.flavour.try_lock && self.rng.u8(..4) == 0;
        let begin = self.ops.len();
        self.ops.push(Op::Lock(mutex));
        let held = [outer, &[mutex]].concat();
        // Hand over hand: the outer mutex is let go first.
        let overlaps = !tries && !outer.is_empty() && self.rng.u8(..5) == 0;
        for _ in 0..self.rng.usize(1..=3) {
            self.inner(&held);
        }
        if overlaps {
            self.ops.push(Op::Unlock(outer[0]));
            self.inner(&[mutex]);
        }
        // Now and then a thread ends with the mutex held, or goes on with it.
        if self.rng.u8(..24) > 0 {
            self.ops.push(Op::Unlock(mutex));
        }
        if overlaps {
            self.ops.push(Op::Lock(outer[0]));
        }
        if tries {
            let otherwise = self.ops.len();
            self.ops[begin] = Op::TryLock { mutex, otherwise };
        }
    }

    fn inner(&mut self, held: &[usize]) {
        let variable = *self.rng.choice(held).expect("inside of a section");
        let value = self.rng.u8(..2);
        if self.flavour.semaphores && self.rng.u8(..5) == 0 {
            return self.with_permit();
        }
        match self.rng.u8(..24) {
            0..2 => self.ops.push(Op::Read(variable)),
            2..4 => self.ops.push(Op::Write(variable, self.rng.u8(..3))),
            4..7 => self.ops.push(Op::WriteNext(variable)),
            7..13 => self.wait(held, variable, value),
            13..17 => self.notify(),
            17 => self.assert_or_exit(),
            18 if self.flavour.yields => self.ops.push(Op::Yield),
            18 => self.join(),
            19..22 if self.flavour.atomics => self.atomic(),
            _ => {
                let other = 1 - variable;
                if held.len() == 1 && other < self.mutexes {
                    self.section(other, held);
                }
            }
        }
    }

    /// A visit of the value that belongs to a semaphore: most often with a permit, and given back.
    fn with_permit(&mut self) {
        let semaphore = self.rng.usize(..OBJECTS);
        let write = self.rng.bool().then(|| self.rng.u8(..3));
        let visit = Op::Visit { cell: semaphore, write };
        match self.rng.u8(..12) {
            0..7 => self.ops.extend([Op::P(semaphore), visit, Op::V(semaphore)]),
            7 => self.ops.extend([Op::P(semaphore), visit, Op::V(1 - semaphore)]),
            8 => self.ops.push(visit),
            9 => self.ops.push(Op::P(semaphore)),
            10 => self.ops.push(Op::V(semaphore)),
            _ => self.ops.extend([Op::V(semaphore), visit]),
        }
    }

    fn wait(&mut self, held: &[usize], variable: usize, value: u8) {
        let condvar = self.rng.usize(..self.condvars);
        let mutex = self.belongs[condvar];
        if !held.contains(&mutex) {
            return;
        }
        let at = self.ops.len();
        let wait = Op::Wait { condvar, mutex };
        match self.rng.u8(..5) {
            0..2 => self.ops.extend([Op::JumpIf { variable, value, to: at + 3 }, wait, Op::Jump(at)]),
            2 => self.ops.extend([Op::JumpIf { variable, value, to: at + 2 }, wait]),
            3 => self.ops.push(wait),
            _ => self.ops.push(Op::WaitUntil { condvar, mutex, value }),
        }
    }

    fn notify(&mut self) {
        let condvar = self.rng.usize(..self.condvars);
        self.ops.push(if self.rng.bool() { Op::NotifyOne(condvar) } else { Op::NotifyAll(condvar) });
    }

    fn atomic(&mut self) {
        let atomic = self.rng.usize(..OBJECTS);
        self.ops.push(match self.rng.u8(..4) {
            0 => Op::Load(atomic),
            1 => Op::StoreNext(atomic),
            2 => Op::FetchAdd(atomic),
            _ => Op::CompareExchange(atomic, self.rng.u8(..3)),
        });
    }

    fn assert_or_exit(&mut self) {
        let value = self.rng.u8(..2);
        self.ops.push(if self.rng.u8(..3) == 0 { Op::Assert(value) } else { Op::ExitIf(value) });
    }

    fn join(&mut self) {
        if self.flavour.join
            && let Some(thread) = self.joinable.pop()
        {
            self.ops.push(Op::Join(thread));
        }
    }
}
