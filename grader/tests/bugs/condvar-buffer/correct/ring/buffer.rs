//! A ring of slots.

use oslab::Item;
use oslab::sync::{Condvar, Mutex};

/// A first-in, first-out queue with room for a fixed number of items.
pub struct BoundedBuffer<T> {
    ring: Mutex<Ring<T>>,
    changed: Condvar,
}

/// `put` and `taken` count up for ever; the slot is what remains of them.
#[derive(Hash)]
struct Ring<T> {
    slots: Vec<Option<T>>,
    put: usize,
    taken: usize,
}

impl<T: Item> BoundedBuffer<T> {
    /// An empty buffer.
    pub fn new(capacity: usize) -> BoundedBuffer<T> {
        assert!(capacity > 0, "a buffer needs room for one item");
        let slots = std::iter::repeat_with(|| None).take(capacity).collect();
        BoundedBuffer { ring: Mutex::new(Ring { slots, put: 0, taken: 0 }), changed: Condvar::new() }
    }

    /// Adds an item.
    pub fn put(&self, item: T) {
        let mut ring = self.ring.lock().unwrap();
        while ring.put - ring.taken == ring.slots.len() {
            ring = self.changed.wait(ring).unwrap();
        }
        let slot = ring.put % ring.slots.len();
        ring.slots[slot] = Some(item);
        ring.put += 1;
        self.changed.notify_all();
    }

    /// Removes the oldest item.
    pub fn take(&self) -> T {
        let mut ring = self.ring.lock().unwrap();
        while ring.put == ring.taken {
            ring = self.changed.wait(ring).unwrap();
        }
        let slot = ring.taken % ring.slots.len();
        ring.taken += 1;
        self.changed.notify_all();
        ring.slots[slot].take().unwrap()
    }
}
