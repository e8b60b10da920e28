//! What each check of the counters searches: threads that count, and look.

use crate::checks::explored;
use crate::checks::threaded_server::phases::{ALL, UNFORCED};
use protocol::search::ThreadPlan;
use protocol::stats::{Call, Counters, Scenario};

use Call::{Bytes, Closed, Opened, Snapshot};

/// What a check searches; none for a name that is no check of the counters.
pub(in crate::checks::threaded_server) fn plan(check: &str) -> Option<explored::Plan<Counters>> {
    let scenarios = match check {
        "counts-what-it-is-told" => alone(),
        "counts-connections-without-loss" => connections(),
        "counts-bytes-without-loss" => bytes(),
        "no-more-closed-than-opened" => possible(),
        _ => return None,
    };
    Some(explored::Plan { scenarios, phases: vec![UNFORCED, ALL] })
}

fn alone() -> Vec<Scenario> {
    vec![
        scenario("nobody counts", &[&[Snapshot]]),
        scenario("one thread, connections", &[&[Opened, Opened, Opened, Closed, Snapshot, Closed, Snapshot]]),
        scenario("one thread, bytes", &[&[Bytes(5), Bytes(70_000), Bytes(0), Snapshot, Bytes(8), Snapshot]]),
    ]
}

fn connections() -> Vec<Scenario> {
    vec![
        scenario("two threads, a connection each", &[&[Opened, Snapshot], &[Opened, Snapshot]]),
        scenario(
            "two threads, a connection each, opened and closed",
            &[&[Opened, Closed, Snapshot], &[Opened, Closed, Snapshot]],
        ),
        scenario(
            "three threads, a connection each",
            &[&[Opened, Closed, Snapshot], &[Opened, Closed], &[Opened, Closed]],
        ),
    ]
}

fn bytes() -> Vec<Scenario> {
    vec![
        scenario("two threads, some bytes each", &[&[Bytes(3), Snapshot], &[Bytes(5), Snapshot]]),
        scenario(
            "three threads, some bytes each",
            &[&[Bytes(3), Snapshot], &[Bytes(5), Bytes(7)], &[Bytes(11)]],
        ),
    ]
}

fn possible() -> Vec<Scenario> {
    vec![
        scenario("one opens and closes, one looks", &[&[Opened, Closed], &[Snapshot]]),
        scenario("two open and close, one looks", &[&[Opened, Closed], &[Opened, Closed], &[Snapshot]]),
    ]
}

fn scenario(name: &str, threads: &[&[Call]]) -> Scenario {
    let thread = |(index, calls): (usize, &&[Call])| ThreadPlan {
        name: format!("T{}", index + 1),
        role: "connection".to_owned(),
        calls: calls.to_vec(),
    };
    Scenario { name: name.to_owned(), subject: (), threads: threads.iter().enumerate().map(thread).collect() }
}
