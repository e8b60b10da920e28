//! The end is a message like any other, and the last.

use oslab::Item;
use oslab::sync::{Condvar, Mutex};
use std::collections::VecDeque;

#[derive(Hash)]
enum Message<T> {
    Item(T),
    End,
}

/// A first-in, first-out queue with room for a fixed number of items.
pub struct SignalBuffer<T> {
    queue: Mutex<VecDeque<Message<T>>>,
    room: Condvar,
    items: Condvar,
    capacity: usize,
}

impl<T: Item> SignalBuffer<T> {
    /// An empty buffer.
    pub fn new(capacity: usize) -> Self {
        assert!(capacity > 0, "a buffer needs room for one item");
        Self { queue: Mutex::new(VecDeque::new()), room: Condvar::new(), items: Condvar::new(), capacity }
    }

    fn ended(queue: &VecDeque<Message<T>>) -> bool {
        matches!(queue.back(), Some(Message::End))
    }

    /// Adds an item.
    pub fn put(&self, item: T) -> Result<(), T> {
        let mut queue = self.queue.lock().unwrap();
        loop {
            if Self::ended(&queue) {
                return Err(item);
            }
            if queue.len() < self.capacity {
                break;
            }
            queue = self.room.wait(queue).unwrap();
        }
        queue.push_back(Message::Item(item));
        self.items.notify_one();
        Ok(())
    }

    /// Removes the oldest item.
    pub fn take(&self) -> Option<T> {
        let mut queue = self.queue.lock().unwrap();
        loop {
            match queue.front() {
                None => queue = self.items.wait(queue).unwrap(),
                Some(Message::End) => return None,
                Some(Message::Item(_)) => break,
            }
        }
        let Some(Message::Item(item)) = queue.pop_front() else { unreachable!() };
        self.room.notify_one();
        Some(item)
    }

    /// Ends the buffer.
    pub fn close(&self) {
        let mut queue = self.queue.lock().unwrap();
        if !Self::ended(&queue) {
            queue.push_back(Message::End);
        }
        drop(queue);
        self.room.notify_all();
        self.items.notify_all();
    }
}
