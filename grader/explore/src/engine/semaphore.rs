//! Semaphores: P takes a permit, V gives one.

use super::operations::point;
use super::{Did, Engine, Id, Line, Pending, inside};
use crate::trace::{ObjectId, Step, ThreadId};

#[derive(Clone, Copy)]
pub(super) struct Semaphore {
    pub(super) permits: usize,
    pub(super) made: Line,
}

pub(crate) fn new_semaphore(permits: usize, made: Line) -> Option<Id> {
    inside(|engine, _| {
        engine.semaphores.push(Semaphore { permits, made });
        engine.id(engine.semaphores.len() - 1)
    })
}

/// Takes a permit; returns once this thread has it.
pub(crate) fn p(semaphore: ObjectId, line: Line) {
    point(Pending::P(semaphore), line);
}

/// Gives a permit.
pub(crate) fn v(semaphore: ObjectId, line: Line) {
    if inside(|engine, _| engine.strategy.fine_points).unwrap_or(false) {
        point(Pending::Go, line);
    }
    inside(|engine, me| {
        let permits = engine.semaphores[semaphore].permits + 1;
        engine.semaphores[semaphore].permits = permits;
        engine.history(me, Did::V, semaphore as u64);
        engine.wait_needs_point = true;
        engine.note(me, Some(line), || Step::V { semaphore, permits });
        engine.takes_effect(me);
    });
    // A loop of these has no point of its own at which it could be ended.
    if inside(|engine, me| engine.overlong(me, line)).unwrap_or(false) {
        point(Pending::Go, line);
    }
}

impl Engine {
    pub(super) fn take_permit(&mut self, thread: ThreadId, semaphore: ObjectId, line: Option<Line>) {
        let permits = self.semaphores[semaphore].permits - 1;
        self.semaphores[semaphore].permits = permits;
        self.history(thread, Did::P, semaphore as u64);
        self.note(thread, line, || Step::P { semaphore, permits });
        self.takes_effect(thread);
    }
}
