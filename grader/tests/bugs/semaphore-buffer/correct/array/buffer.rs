//! The three semaphores as an array.

use crate::semaphore::Semaphore;
use oslab::Item;
use oslab::sync::Unprotected;
use std::collections::LinkedList;

const FULL: usize = 0;
const EMPTY: usize = 1;
const MUTEX: usize = 2;

/// A buffer.
pub struct BoundedBuffer<T> {
    items: Unprotected<LinkedList<T>>,
    semaphores: [Semaphore; 3],
}

impl<T: Item> BoundedBuffer<T> {
    /// With room for so many.
    pub fn new(capacity: usize) -> BoundedBuffer<T> {
        assert!(capacity > 0, "a buffer needs room for one item");
        BoundedBuffer {
            items: Unprotected::new(LinkedList::new()),
            semaphores: [0, capacity, 1].map(Semaphore::new),
        }
    }

    fn move_one<R>(&self, from: usize, to: usize, work: impl FnOnce(&mut LinkedList<T>) -> R) -> R {
        self.semaphores[from].p();
        self.semaphores[MUTEX].p();
        let result = self.items.with(work);
        self.semaphores[MUTEX].v();
        self.semaphores[to].v();
        result
    }

    /// Puts.
    pub fn put(&self, item: T) {
        self.move_one(EMPTY, FULL, |items| items.push_back(item));
    }

    /// Takes.
    pub fn take(&self) -> T {
        self.move_one(FULL, EMPTY, |items| items.pop_front().unwrap())
    }
}
