//! Closures as programs under search, and what was seen of them.

use explore::{End, Program, Schedule, Search, Summary};
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

/// What the program's threads want to tell the test. Nothing in the program depends on it.
pub(crate) struct Notes<T>(Arc<Mutex<Vec<T>>>);

impl<T> Clone for Notes<T> {
    fn clone(&self) -> Notes<T> {
        Notes(Arc::clone(&self.0))
    }
}

impl<T> Default for Notes<T> {
    fn default() -> Notes<T> {
        Notes(Arc::default())
    }
}

impl<T: Clone> Notes<T> {
    pub(crate) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub(crate) fn note(&self, note: T) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(note);
    }

    pub(crate) fn all(&self) -> Vec<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A program made of a closure that is given a fresh page for notes in every run.
pub(crate) struct Subject<T, F> {
    pub(crate) notes: Notes<T>,
    body: F,
}

impl<T: Clone, F: Fn(&Notes<T>)> Subject<T, F> {
    pub(crate) fn new(body: F) -> Rc<Subject<T, F>> {
        Rc::new(Subject { notes: Notes::default(), body })
    }
}

impl<T: Clone, F: Fn(&Notes<T>)> Program for Subject<T, F> {
    fn run(&self) {
        self.notes.clear();
        (self.body)(&self.notes);
    }
}

/// One end of a program.
#[derive(Debug)]
pub(crate) struct Seen<T> {
    pub(crate) end: End,
    #[allow(dead_code, reason = "not every file of tests replays")]
    pub(crate) schedule: Schedule,
    pub(crate) notes: Vec<T>,
}

/// Every end of a program, in the order in which the search comes to them.
pub(crate) fn ends<T: Clone + 'static>(
    search: Search,
    body: impl Fn(&Notes<T>) + 'static,
) -> (Vec<Seen<T>>, Summary) {
    let subject = Subject::new(body);
    let mut seen = Vec::new();
    let summary = explore::search(search, subject.clone(), &mut |_| (), &mut |end, schedule| {
        seen.push(Seen { end: end.clone(), schedule: schedule.clone(), notes: subject.notes.all() });
        ControlFlow::Continue(())
    });
    (seen, summary)
}

/// Everything that is different, in order.
pub(crate) fn distinct<U: Ord>(all: impl IntoIterator<Item = U>) -> Vec<U> {
    let mut all: Vec<U> = all.into_iter().collect();
    all.sort();
    all.dedup();
    all
}

/// All schedules there are, with at most that many spurious wakeups.
pub(crate) fn unbounded(spurious: u32) -> Search {
    Search { bound: None, spurious, ..Search::default() }
}
