//! A few tests to begin with, and to extend. They are examples, and not graded.
//!
//! `cargo test -p semaphore-buffer` runs them.

use oslab::sync::Unprotected;
use oslab::thread;
use semaphore_buffer::{BoundedBuffer, Semaphore};
use std::sync::Arc;

/// The simplest use: nobody has to wait.
#[test]
fn permits_are_there_at_first_and_come_back() {
    let semaphore = Semaphore::new(1);
    semaphore.p();
    semaphore.v();
    semaphore.v();
    semaphore.p();
    semaphore.p();
}

/// One permit makes a semaphore a lock. Two threads, and a value that nothing else protects: the operating system picks one
/// order of their steps. Would another one be found out, if `p` let both of them in?
#[test]
fn one_permit_lets_one_thread_in() {
    let shared = Arc::new((Semaphore::new(1), Unprotected::new(0)));
    let count = |shared: &(Semaphore, Unprotected<i32>)| {
        for _ in 0..100 {
            shared.0.p();
            shared.1.with(|count| *count += 1);
            shared.0.v();
        }
    };
    let other = Arc::clone(&shared);
    let counter = thread::spawn(move || count(&other));
    count(&shared);
    counter.join().unwrap();
    assert_eq!(shared.1.with(|count| *count), 200);
}

/// The same idea handed to the explorer: it runs the closure again and again, each time with the threads in another order,
/// until there is no order left to try. If one of them fails (an assertion, a panic, two threads inside, threads asleep for
/// ever), the test fails and prints that order, step by step.
#[test]
fn one_permit_lets_one_thread_in_in_every_order() {
    oslab::explore(|| {
        let shared = Arc::new((Semaphore::new(1), Unprotected::new(0)));
        let count = |shared: &(Semaphore, Unprotected<i32>)| {
            shared.0.p();
            shared.1.with(|count| *count += 1);
            shared.0.v();
        };
        let other = Arc::clone(&shared);
        let counter = thread::spawn(move || count(&other));
        count(&shared);
        counter.join().unwrap();
        assert_eq!(shared.1.with(|count| *count), 2);
    });
}

/// A thread that puts and takes.
#[test]
fn items_come_out_in_the_order_they_went_in() {
    let buffer = BoundedBuffer::new(3);
    for item in [10, 11, 12] {
        buffer.put(item);
    }
    assert_eq!([buffer.take(), buffer.take(), buffer.take()], [10, 11, 12]);
}

/// Two threads, and room for one item only.
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
