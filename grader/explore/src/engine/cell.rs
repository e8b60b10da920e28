//! Values that nothing protects: who is at one, and who comes when somebody is.

use super::operations::point;
use super::{Did, Id, Left, Line, Pending, inside};
use crate::digest::mix;
use crate::search::{End, Visit, place};
use crate::trace::{ObjectId, Step, ThreadId};

#[derive(Clone, Copy)]
pub(super) struct Cell {
    pub(super) inside: Option<(ThreadId, Line)>,
    pub(super) content: u64,
    pub(super) made: Line,
}

pub(crate) fn new_cell(content: impl FnOnce() -> u64, made: Line) -> Option<Id> {
    inside(|engine, _| {
        engine.cells.push(Cell { inside: None, content: content(), made });
        engine.id(engine.cells.len() - 1)
    })
}

/// Comes to the value, and stays at it for a moment, in which others may come, too.
pub(crate) fn enter(cell: ObjectId, line: Line) {
    inside(|engine, me| {
        engine.note(me, Some(line), || Step::Enter { cell });
        engine.takes_effect(me);
        let visit = |(thread, line)| Visit { thread, place: place(line) };
        match engine.cells[cell].inside.replace((me, line)) {
            Some(first) => engine.ends(End::Overlap { cell, first: visit(first), second: visit((me, line)) }),
            None => engine.history(me, Did::Enter, mix(cell as u64, engine.cells[cell].content)),
        }
    });
    point(Pending::Go, line);
}

/// Has done with the value. A wait after this needs no point before it: whoever could come in between could also have come
/// while this thread was at the value.
pub(crate) fn leave(cell: ObjectId, left: Left, line: Line) {
    inside(|engine, me| {
        engine.cells[cell].inside = None;
        engine.cells[cell].content = left.content.unwrap_or(engine.cells[cell].content);
        engine.history(me, Did::Leave, cell as u64);
        engine.note(me, Some(line), || Step::Leave { cell, contents: left.contents });
    });
}
