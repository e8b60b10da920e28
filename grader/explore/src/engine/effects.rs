//! What the steps of a thread do to the state.

use super::{Did, Engine, Fiber, Line, Mutex, Pending, Thread};
use crate::digest::mix;
use crate::search::{End, place};
use crate::trace::{Event, ObjectId, Place, Step, ThreadId, next_event};
use std::panic::Location;

impl Engine {
    /// Lets a thread take the step it stands before, and gives out its coroutine to be run.
    pub(super) fn take_up(&mut self, thread: ThreadId) -> Fiber {
        self.running = Some(thread);
        self.threads[thread].unwinding.suspended = false;
        self.wait_needs_point = false;
        self.take_step(thread);
        self.threads[thread].fiber.take().expect("a thread that can go on is suspended")
    }

    /// What the step that a thread stands before does.
    pub(super) fn take_step(&mut self, thread: ThreadId) {
        let Thread { pending, line, .. } = self.threads[thread];
        self.threads[thread].pending = Pending::Go;
        self.threads[thread].yielded = false;
        match pending {
            Pending::Lock(mutex) => self.acquire(thread, mutex, line, Step::Lock { mutex }),
            Pending::Wake { condvar, mutex, by } => {
                self.acquire(thread, mutex, line, Step::Wake { condvar, mutex, by: Some(by) });
            }
            Pending::Asleep { condvar, mutex } => {
                self.acquire(thread, mutex, line, Step::Wake { condvar, mutex, by: None });
            }
            Pending::P(semaphore) => self.take_permit(thread, semaphore, line),
            Pending::Join(other) => {
                // Its result came out of its history.
                self.history(thread, Did::Join, mix(other as u64, self.threads[other].history));
                self.wait_needs_point = true;
                self.note(thread, line, || Step::Join { thread: other });
            }
            Pending::Start | Pending::Go | Pending::Yield | Pending::Done => {}
        }
    }

    pub(super) fn acquire(&mut self, thread: ThreadId, mutex: ObjectId, line: Option<Line>, step: Step) {
        self.mutexes[mutex].owner = Some(thread);
        let Mutex { content, poisoned, .. } = self.mutexes[mutex];
        self.history(thread, Did::Lock, mix((mutex as u64) << 1 | u64::from(poisoned), content));
        self.note(thread, line, || step);
        self.takes_effect(thread);
    }

    pub(super) fn release(&mut self, thread: ThreadId, mutex: ObjectId, content: Option<u64>, did: Did) {
        if let Some(content) = content {
            self.mutexes[mutex].content = content;
        }
        self.mutexes[mutex].owner = None;
        self.wait_needs_point = true;
        self.history(thread, did, mutex as u64);
    }

    pub(super) fn takes_effect(&mut self, thread: ThreadId) {
        if let Some(begins) = self.threads[thread].begins.take()
            && !self.winding_up
        {
            begins();
        }
    }

    pub(super) fn holds(&self, thread: ThreadId) -> u64 {
        let held = |(id, mutex): (usize, &Mutex)| u64::from(mutex.owner == Some(thread)) << id;
        self.mutexes.iter().enumerate().map(held).sum()
    }

    /// Whether a notification needs a scheduling point.
    pub(super) fn notify_needs_point(&mut self, thread: ThreadId, condvar: ObjectId) -> bool {
        let held = self.holds(thread);
        match self.condvars[condvar].mutex {
            Some(mutex) => held & 1 << mutex == 0,
            None if held == 0 || self.strategy.fine_points => true,
            None => {
                self.notified_under[condvar] &= held;
                false
            }
        }
    }

    pub(super) fn belongs(&mut self, condvar: ObjectId, mutex: ObjectId) {
        let condvar_mutex = self.condvars[condvar].mutex.get_or_insert(mutex);
        if *condvar_mutex != mutex || self.notified_under[condvar] & 1 << mutex == 0 {
            self.strategy.restart |= !self.strategy.fine_points;
        }
    }

    /// Those who sleep on it, one bit for each.
    pub(super) fn sleepers(&self, condvar: ObjectId) -> u64 {
        let asleep = |engine: &Engine, thread: ThreadId| matches!(engine.threads[thread].pending, Pending::Asleep { condvar: on, .. } if on == condvar);
        self.those(asleep)
    }

    pub(super) fn history(&mut self, thread: ThreadId, did: Did, detail: u64) {
        let history = &mut self.threads[thread].history;
        *history = mix(mix(*history, did as u64 + 1), detail);
    }

    pub(super) fn ends(&mut self, end: End) {
        if self.end.is_none() && !self.winding_up {
            self.end = Some(end);
        }
    }

    /// Notes a step: for an observer, where there is one, and in the digest of this execution.
    pub(super) fn note(&mut self, thread: ThreadId, line: Option<Line>, step: impl FnOnce() -> Step) {
        if !self.is_hidden(thread) {
            self.events = next_event(self.events, thread, line.map(Location::line));
        }
        if self.observer.is_some() {
            self.show(thread, line.map(place), step);
        }
    }

    /// Shows a step to an observer. It is no part of the digest: it is one that only an observer can see.
    pub(super) fn show(&mut self, thread: ThreadId, place: Option<Place>, step: impl FnOnce() -> Step) {
        let hidden = self.is_hidden(thread);
        if let Some(observer) = &mut self.observer
            && !hidden
        {
            observer(&Event { thread, place, step: step() });
        }
    }

    fn is_hidden(&self, thread: ThreadId) -> bool {
        self.winding_up || self.threads[thread].aside
    }
}
