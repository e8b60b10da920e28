//! A ring of slots.

use crate::semaphore::Semaphore;
use oslab::Item;
use oslab::sync::Unprotected;

#[derive(Hash)]
struct Ring<T> {
    slots: Vec<Option<T>>,
    first: usize,
    count: usize,
}

/// A buffer.
pub struct BoundedBuffer<T> {
    ring: Unprotected<Ring<T>>,
    full_slots: Semaphore,
    empty_slots: Semaphore,
    mutex: Semaphore,
}

impl<T: Item> BoundedBuffer<T> {
    /// With room for so many.
    pub fn new(capacity: usize) -> BoundedBuffer<T> {
        assert!(capacity > 0, "a buffer needs room for one item");
        let slots = (0..capacity).map(|_| None).collect();
        BoundedBuffer {
            ring: Unprotected::new(Ring { slots, first: 0, count: 0 }),
            full_slots: Semaphore::new(0),
            empty_slots: Semaphore::new(capacity),
            mutex: Semaphore::new(1),
        }
    }

    /// Puts.
    pub fn put(&self, item: T) {
        self.empty_slots.p();
        self.mutex.p();
        self.ring.with(|ring| {
            let at = (ring.first + ring.count) % ring.slots.len();
            ring.slots[at] = Some(item);
            ring.count += 1;
        });
        self.mutex.v();
        self.full_slots.v();
    }

    /// Takes.
    pub fn take(&self) -> T {
        self.full_slots.p();
        self.mutex.p();
        let item = self.ring.with(|ring| {
            let item = ring.slots[ring.first].take();
            ring.first = (ring.first + 1) % ring.slots.len();
            ring.count -= 1;
            item
        });
        self.mutex.v();
        self.empty_slots.v();
        item.unwrap()
    }
}
