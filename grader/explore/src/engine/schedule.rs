//! Who goes on: the choices at each scheduling point, and the state by which it is known.

use super::{Choice, Engine, Line, Pending, Thread};
use crate::digest::mix;
use crate::search::{Blocked, End, On, place};
use crate::strategy::Options;
use crate::trace::ThreadId;

impl Engine {
    /// Someone whose next step is local: it is run at once, alone.
    pub(super) fn immediate(&self) -> Option<ThreadId> {
        self.threads.iter().position(|thread| match thread.pending {
            Pending::Start => true,
            Pending::Join(other) => self.threads[other].pending == Pending::Done,
            _ => false,
        })
    }

    pub(super) fn count_step(&mut self) {
        if self.one_too_many() {
            let most = (0..self.threads.len()).max_by_key(|&thread| self.threads[thread].steps).unwrap_or(0);
            let place = self.threads[most].line.map(place);
            self.ends(End::TooLong { thread: most, place });
        }
    }

    /// Counts a step that has no scheduling point, and says whether it is one too many.
    pub(super) fn overlong(&mut self, thread: ThreadId, line: Line) -> bool {
        let overlong = self.one_too_many();
        if overlong {
            self.ends(End::TooLong { thread, place: Some(place(line)) });
        }
        overlong
    }

    fn one_too_many(&mut self) -> bool {
        self.steps += 1;
        self.steps > self.search.max_steps
    }

    pub(super) fn ready(&self, thread: ThreadId) -> bool {
        match self.threads[thread].pending {
            Pending::Go | Pending::Yield => true,
            Pending::Lock(mutex) | Pending::Wake { mutex, .. } => self.mutexes[mutex].owner.is_none(),
            Pending::P(semaphore) => self.semaphores[semaphore].permits > 0,
            _ => false,
        }
    }

    /// Collects the choices there are: the current thread first, spurious wakeups last. True: nobody can go on, and
    /// not everybody has ended.
    pub(super) fn offer(&mut self) -> bool {
        self.choices.clear();
        let ready = self.those(|engine, thread| engine.ready(thread));
        let mut yielded = self.those(|engine, thread| engine.threads[thread].yielded);
        if ready & !yielded == 0 {
            self.threads.iter_mut().for_each(|thread| thread.yielded = false);
            yielded = 0;
        }
        let current = ready & !yielded & 1 << self.current;
        let others = ready & !yielded & !current;
        self.choices.extend(among(current).chain(among(others)).map(Choice::Run));
        let quiescent = self.choices.is_empty() && !self.all_done();
        // Without a bound on the cost, a loop that sleeps or yields would never end.
        if self.search.bound.is_some() {
            self.choices.extend(among(ready & yielded).map(Choice::RunEarly));
        }
        if self.spurious_left > 0 {
            for thread in 0..self.threads.len() {
                if let Pending::Asleep { mutex, .. } = self.threads[thread].pending
                    && self.mutexes[mutex].owner.is_none()
                {
                    self.choices.push(Choice::WakeSpuriously(thread));
                }
            }
        }
        quiescent
    }

    /// The threads of which this holds, one bit for each.
    pub(super) fn those(&self, holds: impl Fn(&Engine, ThreadId) -> bool) -> u64 {
        (0..self.threads.len()).fold(0, |those, thread| those | u64::from(holds(self, thread)) << thread)
    }

    /// Picks among the choices offered. None: there is none, or the state is known.
    pub(super) fn decide(&mut self, fingerprint: impl FnOnce() -> u64) -> Option<ThreadId> {
        if self.choices.is_empty() {
            return None;
        }
        let preempts = matches!(self.choices[0], Choice::Run(thread) if thread == self.current);
        let costly = self.choices.iter().enumerate().fold(0, |costly, (option, choice)| {
            let cost = option > 0 && preempts || !matches!(choice, Choice::Run(_));
            costly | u32::from(cost) << option
        });
        let options = Options { count: self.choices.len() as u8, costly };
        if options == Options::FORCED {
            return self.chosen(0);
        }
        let state = self.strategy.wants_state().then(|| self.state(fingerprint()));
        let pick = self.strategy.choose(options, state)?;
        self.chosen(pick)
    }

    fn chosen(&mut self, pick: usize) -> Option<ThreadId> {
        let thread = match self.choices[pick] {
            Choice::Run(thread) | Choice::RunEarly(thread) => thread,
            Choice::WakeSpuriously(thread) => {
                self.spurious_left -= 1;
                thread
            }
        };
        self.current = thread;
        self.threads[thread].steps += 1;
        Some(thread)
    }

    /// The hash by which this state is known.
    fn state(&self, fingerprint: u64) -> u64 {
        let hash = self.content(fingerprint);
        if self.strategy.bounded() { mix(hash, self.current as u64) } else { hash }
    }

    /// The hash of all that threads have and share.
    pub(super) fn content(&self, fingerprint: u64) -> u64 {
        let mut hash = mix(fingerprint, self.spurious_left.into());
        for thread in &self.threads {
            hash = mix(mix(hash, thread.history), thread.pending.code() << 1 | u64::from(thread.yielded));
        }
        for mutex in &self.mutexes {
            let poisoned = u64::from(mutex.poisoned);
            hash = match mutex.owner {
                Some(owner) => mix(hash, (owner as u64) << 1 | poisoned),
                None => mix(mix(hash, u64::MAX - poisoned), mutex.content),
            };
        }
        for atomic in &self.atomics {
            hash = mix(hash, atomic.value);
        }
        for semaphore in &self.semaphores {
            hash = mix(hash, semaphore.permits as u64);
        }
        for cell in &self.cells {
            hash = match cell.inside {
                Some((thread, _)) => mix(hash, thread as u64),
                None => mix(mix(hash, u64::MAX), cell.content),
            };
        }
        hash
    }

    pub(super) fn all_done(&self) -> bool {
        self.threads.iter().all(|thread| thread.pending == Pending::Done)
    }

    pub(super) fn blocked(&self) -> Vec<Blocked> {
        let blocked = |(id, thread): (ThreadId, &Thread)| {
            let on = match thread.pending {
                Pending::Asleep { condvar, .. } => On::Condvar(condvar),
                Pending::Lock(mutex) | Pending::Wake { mutex, .. } => {
                    On::Mutex { mutex, holder: self.mutexes[mutex].owner? }
                }
                Pending::P(semaphore) => On::Semaphore(semaphore),
                Pending::Join(thread) => On::Join(thread),
                _ => return None,
            };
            Some(Blocked { thread: id, on, place: thread.line.map(place) })
        };
        self.threads.iter().enumerate().filter_map(blocked).collect()
    }
}

/// The threads that these bits stand for, in order.
pub(super) fn among(mut those: u64) -> impl Iterator<Item = ThreadId> {
    std::iter::from_fn(move || {
        let first = (those != 0).then(|| those.trailing_zeros() as ThreadId)?;
        those &= those - 1;
        Some(first)
    })
}
