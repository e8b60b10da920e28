//! A counting semaphore that exists in searches alone.

use crate::engine::{self, Id};
use std::panic::Location;

/// Permits to be had one by one. It is the search's own: outside of one there is none.
#[derive(Debug)]
pub struct Semaphore(Option<Id>);

impl Semaphore {
    /// A semaphore with so many permits.
    ///
    /// # Panics
    /// Outside of a search.
    #[track_caller]
    pub fn new(permits: usize) -> Semaphore {
        let id = engine::new_semaphore(permits, Location::caller());
        assert!(id.is_some(), "a Semaphore of the explorer is for searches alone");
        Semaphore(id)
    }

    /// Takes a permit; blocks until there is one.
    #[track_caller]
    pub fn p(&self) {
        if let Some(semaphore) = Id::here(self.0) {
            engine::p(semaphore, Location::caller());
        }
    }

    /// Gives a permit; never blocks.
    #[track_caller]
    pub fn v(&self) {
        if let Some(semaphore) = Id::here(self.0) {
            engine::v(semaphore, Location::caller());
        }
    }
}
