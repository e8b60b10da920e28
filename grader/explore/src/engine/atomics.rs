//! What the operations of an atomic do. Outside of a search none of this does anything.

use super::operations::point;
use super::{Atomic, Did, Id, Line, Pending, inside};
use crate::trace::{ObjectId, Operation, Step};

/// An operation, as it was seen from outside.
pub(crate) enum Seen {
    Load(u64),
    Store(u64),
    Update { operation: Operation, before: u64, after: u64 },
}

pub(crate) fn new_atomic(value: u64, made: Line) -> Option<Id> {
    inside(|engine, _| {
        engine.atomics.push(Atomic { value, made });
        engine.id(engine.atomics.len() - 1)
    })
}

/// The point before an operation.
pub(crate) fn before_atomic(line: Line) {
    point(Pending::Go, line);
}

/// The operation was carried out.
pub(crate) fn operated(atomic: ObjectId, seen: Seen, line: Line) {
    inside(|engine, me| {
        // What a thread has written it knew before; only what it reads is news.
        let (did, news, value) = match seen {
            Seen::Load(value) => (Did::Load, value, value),
            Seen::Store(value) => (Did::Store, 0, value),
            Seen::Update { before, after, .. } => (Did::Update, before, after),
        };
        engine.atomics[atomic].value = value;
        engine.history(me, did, crate::digest::mix(atomic as u64, news));
        engine.wait_needs_point = true;
        engine.note(me, Some(line), || match seen {
            Seen::Load(value) => Step::Load { atomic, value },
            Seen::Store(value) => Step::Store { atomic, value },
            Seen::Update { operation, before, after } => Step::Update { atomic, operation, before, after },
        });
        engine.takes_effect(me);
    });
}
