//! A few tests to begin with, and to extend. They are examples, and not graded.
//!
//! `cargo test -p threaded-server` runs them.

use oslab::sync::{AtomicU64, Ordering};
use oslab::{Job, thread};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use threaded_server::{Pool, Stats, handler, listener, server};

/// Connects to a server on this machine.
fn connect(port: u16) -> TcpStream {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap()
}

/// Sends a message and waits for as many bytes to come back.
fn echo_of(client: &mut TcpStream, message: &[u8]) -> Vec<u8> {
    client.write_all(message).unwrap();
    let mut echo = vec![0; message.len()];
    client.read_exact(&mut echo).unwrap();
    echo
}

/// Starts a server in the background, and returns the port that the system chose for it.
fn start(serve: impl FnOnce(OwnedFd) + Send + 'static) -> u16 {
    let listener = listener::listen_on(0).unwrap();
    let port = listener::port_of(&listener).unwrap();
    std::thread::spawn(|| serve(listener));
    port
}

#[test]
fn clients_are_served_at_once() {
    let stats = Arc::new(Stats::new());
    let counted = Arc::clone(&stats);
    let port = start(|listener| {
        server::serve_threaded(listener, move |connection| handler::echo(connection, &counted));
    });
    let _silent = connect(port);
    let mut client = connect(port);
    assert_eq!(echo_of(&mut client, b"hello"), b"hello");
}

/// The explorer runs this again and again, each time with the threads in another order, until there is no order left to
/// try. If the count is wrong in one of them, the test fails and prints that order, step by step.
#[test]
fn two_threads_count_to_two_in_every_order() {
    oslab::explore(|| {
        let stats = Arc::new(Stats::new());
        let other = Arc::clone(&stats);
        let thread = thread::spawn(move || other.connection_opened());
        stats.connection_opened();
        thread.join().unwrap();
        assert_eq!(stats.snapshot().opened, 2);
    });
}

/// So does this: one worker, one job, and the end. (A pool that is not shut down has threads that sleep for ever, and the
/// explorer says so.)
#[test]
fn what_was_accepted_is_done_in_every_order() {
    oslab::explore(|| {
        let done = Arc::new(AtomicU64::new(0));
        let pool = Pool::new(1, 1);
        let counted = Arc::clone(&done);
        let job = Job::new(move || _ = counted.fetch_add(1, Ordering::SeqCst));
        assert!(pool.execute(job).is_ok());
        pool.shutdown();
        assert_eq!(done.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn a_pool_serves_more_clients_than_it_has_workers() {
    let port = start(|listener| {
        let (pool, stats) = (Pool::new(2, 2), Stats::new());
        server::serve_pooled(listener, &pool, move |connection| handler::echo(connection, &stats));
    });
    for _ in 0..5 {
        assert_eq!(echo_of(&mut connect(port), b"hello"), b"hello");
    }
}
