//! A few tests to begin with, and to extend. They are examples, and not graded.
//!
//! `cargo test -p condvar-buffer` runs them.

use condvar_buffer::{BoundedBuffer, SignalBuffer};
use oslab::thread;
use std::sync::Arc;

/// The simplest use: nobody waits, because the same thread puts and takes.
#[test]
fn items_come_out_in_the_order_they_went_in() {
    let buffer = BoundedBuffer::new(3);
    for item in [10, 11, 12] {
        buffer.put(item);
    }
    assert_eq!([buffer.take(), buffer.take(), buffer.take()], [10, 11, 12]);
}

/// Two threads and more items than there is room for. The operating system picks one order of their steps; a mistake
/// that needs another order stays hidden, today.
#[test]
fn a_producer_and_a_consumer() {
    let buffer = Arc::new(BoundedBuffer::new(2));
    let producer = {
        let buffer = Arc::clone(&buffer);
        thread::spawn(move || (0..100).for_each(|item| buffer.put(item)))
    };
    let taken: Vec<i32> = (0..100).map(|_| buffer.take()).collect();
    producer.join().unwrap();
    assert_eq!(taken, (0..100).collect::<Vec<i32>>());
}

/// The same idea handed to the explorer: it runs the closure again and again, each time with the threads in another
/// order, until there is no order left to try. If one of them fails (an assertion, a panic, threads asleep for ever),
/// the test fails and prints that order, step by step. Two threads and two items are enough to find most mistakes, and
/// keep the number of orders small.
#[test]
fn a_producer_and_a_consumer_in_every_order() {
    oslab::explore(|| {
        let buffer = Arc::new(BoundedBuffer::new(1));
        let producer = {
            let buffer = Arc::clone(&buffer);
            thread::spawn(move || {
                buffer.put(10);
                buffer.put(11);
            })
        };
        assert_eq!(buffer.take(), 10);
        assert_eq!(buffer.take(), 11);
        producer.join().unwrap();
    });
}

/// Closing ends the buffer, but not before what it holds has been taken.
#[test]
fn a_closed_buffer_is_drained() {
    let buffer = SignalBuffer::new(2);
    assert_eq!(buffer.put(10), Ok(()));
    buffer.close();
    assert_eq!(buffer.put(11), Err(11));
    assert_eq!(buffer.take(), Some(10));
    assert_eq!(buffer.take(), None);
}
