//! The first buffer in terms of the second.

use crate::signal::SignalBuffer;
use oslab::Item;

/// A first-in, first-out queue with room for a fixed number of items.
pub struct BoundedBuffer<T>(SignalBuffer<T>);

impl<T: Item> BoundedBuffer<T> {
    /// An empty buffer.
    pub fn new(capacity: usize) -> BoundedBuffer<T> {
        BoundedBuffer(SignalBuffer::new(capacity))
    }

    /// Adds an item.
    pub fn put(&self, item: T) {
        let Ok(()) = self.0.put(item) else { unreachable!("nobody closes it") };
    }

    /// Removes the oldest item.
    pub fn take(&self) -> T {
        self.0.take().expect("nobody closes it")
    }
}
