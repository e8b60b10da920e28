//! Slots that are unprotected one by one: producers agree on the next to fill, consumers on the next to empty.

use crate::semaphore::Semaphore;
use oslab::Item;
use oslab::sync::Unprotected;

/// A buffer.
pub struct BoundedBuffer<T> {
    slots: Vec<Unprotected<Option<T>>>,
    next_to_fill: Unprotected<usize>,
    next_to_empty: Unprotected<usize>,
    full_slots: Semaphore,
    empty_slots: Semaphore,
    producers: Semaphore,
    consumers: Semaphore,
}

impl<T: Item> BoundedBuffer<T> {
    /// With room for so many.
    pub fn new(capacity: usize) -> BoundedBuffer<T> {
        assert!(capacity > 0, "a buffer needs room for one item");
        BoundedBuffer {
            slots: (0..capacity).map(|_| Unprotected::new(None)).collect(),
            next_to_fill: Unprotected::new(0),
            next_to_empty: Unprotected::new(0),
            full_slots: Semaphore::new(0),
            empty_slots: Semaphore::new(capacity),
            producers: Semaphore::new(1),
            consumers: Semaphore::new(1),
        }
    }

    fn advance(&self, next: &Unprotected<usize>) -> usize {
        next.with(|next| {
            let now = *next;
            *next = (now + 1) % self.slots.len();
            now
        })
    }

    /// Puts.
    pub fn put(&self, item: T) {
        self.empty_slots.p();
        self.producers.p();
        let at = self.advance(&self.next_to_fill);
        self.slots[at].with(|slot| *slot = Some(item));
        self.producers.v();
        self.full_slots.v();
    }

    /// Takes.
    pub fn take(&self) -> T {
        self.full_slots.p();
        self.consumers.p();
        let at = self.advance(&self.next_to_empty);
        let item = self.slots[at].with(|slot| slot.take());
        self.consumers.v();
        self.empty_slots.v();
        item.unwrap()
    }
}
