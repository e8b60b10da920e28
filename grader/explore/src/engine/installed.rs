//! The engine of the search that is under way in this operating system thread, if one is.

use super::{Engine, run};
use crate::search::{Program, Search};
use crate::strategy::Strategy;
use crate::trace::ThreadId;
use std::cell::RefCell;
use std::rc::Rc;

thread_local! {
    static ENGINE: RefCell<Option<Engine>> = const { RefCell::new(None) };
}

/// An engine at its place in this operating system thread; it is removed when this is dropped.
pub(crate) struct Installed(());

impl Drop for Installed {
    fn drop(&mut self) {
        drop(ENGINE.take());
    }
}

pub(crate) fn install(search: Search, strategy: Strategy, program: Rc<dyn Program>) -> Installed {
    run::hook_panics();
    let before = ENGINE.replace(Some(Engine::new(search, strategy, program)));
    assert!(before.is_none(), "a search cannot run inside a search");
    Installed(())
}

pub(super) fn running() -> Option<ThreadId> {
    ENGINE
        .try_with(|engine| engine.try_borrow().ok().and_then(|engine| engine.as_ref()?.running))
        .ok()
        .flatten()
}

/// Lends the engine while no thread of the program runs, or from inside the one that runs.
pub(crate) fn with<R>(work: impl FnOnce(&mut Engine) -> R) -> R {
    ENGINE.with_borrow_mut(|engine| work(engine.as_mut().expect("a search is under way")))
}

/// The same from inside the running thread; None outside of a search.
pub(super) fn inside<R>(work: impl FnOnce(&mut Engine, ThreadId) -> R) -> Option<R> {
    ENGINE.with_borrow_mut(|engine| {
        let engine = engine.as_mut()?;
        let me = engine.running?;
        Some(work(engine, me))
    })
}
