//! What a program under search may tell the explorer, and ask it.

use super::inside;
use super::schedule::among;
use crate::digest::mix;
use crate::search::End;
use crate::trace::{Step, ThreadId};

/// A call that a timeline should name begins. `begins` is run as late as the call could have begun: when it takes its
/// first step (or, at the latest, ends), and must not call the explorer; an order of begin and end that is seen that way is one that a slow caller
/// could have brought about.
pub fn call_begins(label: impl FnOnce() -> String, begins: Box<dyn FnOnce()>) {
    inside(|engine, me| {
        engine.note(me, None, || Step::Call { label: label() });
        engine.threads[me].begins = Some(begins);
        engine.threads[me].woken = 0;
    });
}

/// That call has ended.
pub fn call_ends(label: impl FnOnce() -> String) {
    inside(|engine, me| {
        engine.takes_effect(me);
        engine.note(me, None, || Step::Return { label: label() });
    });
}

/// The threads that the calling thread has woken since its marked call began.
pub fn woken() -> Vec<ThreadId> {
    let bits = inside(|engine, me| engine.threads[me].woken).unwrap_or(0);
    among(bits).collect()
}

/// The thread of the program under search that calls; None outside of a search, and in an execution that is only being
/// run to its end.
pub fn current() -> Option<ThreadId> {
    inside(|engine, me| (!engine.winding_up).then_some(me)).flatten()
}

/// The thread's local state, and where in the program it stands, are now a function of `token`, whatever it did before.
pub fn forget(token: u64) {
    inside(|engine, me| engine.threads[me].history = mix(0, token));
}

/// A step of the test's own that a timeline should show, such as `begins job 1`.
pub fn mark(label: impl FnOnce() -> String) {
    inside(|engine, me| engine.note(me, None, || Step::Mark { label: label() }));
}

/// Does something of the test's own that a timeline should not show.
pub fn aside<R>(work: impl FnOnce() -> R) -> R {
    inside(|engine, me| engine.threads[me].aside = true);
    let result = work();
    inside(|engine, me| engine.threads[me].aside = false);
    result
}

/// From now on threads that are given no name get this one, and their number.
pub fn name_threads(name: &'static str) {
    inside(|engine, _| engine.unnamed = name);
}

/// The threads that have been started and have not ended, the calling one and the first one included.
pub fn unfinished() -> Vec<ThreadId> {
    let unfinished = |engine: &mut super::Engine, _| {
        let goes_on = |thread: &ThreadId| engine.threads[*thread].pending != super::Pending::Done;
        (0..engine.threads.len()).filter(goes_on).collect()
    };
    inside(unfinished).unwrap_or_default()
}

/// The threads of the program that have been started so far, the first one included.
pub fn started() -> usize {
    inside(|engine, _| engine.threads.len()).unwrap_or(0)
}

/// A number for a value that the calling thread makes and that cannot be hashed itself: another for every value, and the
/// same where the thread has done, and seen, the same. Nothing but 0 outside of a search.
pub fn identity() -> u64 {
    inside(|engine, me| {
        let thread = &mut engine.threads[me];
        thread.identities += 1;
        mix(mix(thread.history, me as u64), thread.identities)
    })
    .unwrap_or(0)
}

/// Ends the execution as [`End::Failed`] once the calling thread reaches its next scheduling point.
pub fn fail() {
    inside(|engine, me| engine.ends(End::Failed { thread: me }));
}
