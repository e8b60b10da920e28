//! What each check searches: small groups of threads and the calls they make, smallest first.
//!
//! A scenario expects nothing of its own. Every execution of it is held against the buffers' contract, which also says
//! who may be asleep in the end; so "a put on a full buffer waits" is a producer with one item too many and nobody
//! who takes.

use crate::checks::explored;
use protocol::buffer::{Buffer, Buffers, Call, Scenario, Subject};
use protocol::search::{Phase, ThreadPlan};

use Buffer::{Bounded, Signal};
use Call::{Close, Put, Take};

type Plan = explored::Plan<Buffers>;

/// Switches only where the running thread has to stop.
const UNFORCED: Phase = Phase { bound: Some(0), spurious: 0 };
/// Two preemptions: every mistake known to us needs at most one.
const PREEMPTED: Phase = Phase { bound: Some(2), spurious: 0 };
/// Two preemptions or spurious wakeups, at most one of them a spurious wakeup.
const SPURIOUS: Phase = Phase { bound: Some(2), spurious: 1 };

/// What a check searches; none for a name that is no check of this lab.
pub(super) fn plan(check: &str) -> Option<Plan> {
    let (scenarios, last) = match check {
        "first-in-first-out" => (in_order(Bounded), PREEMPTED),
        "holds-exactly-capacity" => (one_too_many(Bounded), PREEMPTED),
        "take-waits-for-an-item" => (one_take_too_many(Bounded), PREEMPTED),
        "waits-asleep" => (waiting(Bounded), PREEMPTED),
        "wakes-a-waiting-consumer" => (one_consumer(Bounded), PREEMPTED),
        "wakes-a-waiting-producer" => (one_producer(Bounded), PREEMPTED),
        "rechecks-after-waking" => (rivals(Bounded), SPURIOUS),
        "nobody-sleeps-for-ever" => (crowds(Bounded), PREEMPTED),
        "checks-and-changes-together" => (together(), PREEMPTED),
        "signal-first-in-first-out" => (in_order(Signal), PREEMPTED),
        "signal-holds-exactly-capacity" => (one_too_many(Signal), PREEMPTED),
        "signal-waits-asleep" => (waiting(Signal), PREEMPTED),
        "signal-wakes-the-right-side" => (crowds(Signal), PREEMPTED),
        "signal-rechecks-after-waking" => (rivals(Signal), SPURIOUS),
        "signal-wakes-one-per-change" => (one_each(), PREEMPTED),
        "close-refuses-puts" => (refused(), PREEMPTED),
        "close-lets-takes-drain" => (drained(), PREEMPTED),
        "close-wakes-everyone" => (closing(), SPURIOUS),
        _ => return None,
    };
    let phases =
        if last == SPURIOUS { vec![UNFORCED, PREEMPTED, SPURIOUS] } else { vec![UNFORCED, PREEMPTED] };
    Some(Plan { scenarios, phases })
}

/// One thread that never has to wait. The second round goes past the end of a ring of three.
fn in_order(buffer: Buffer) -> Vec<Scenario> {
    let rounds: [&[Call]; 2] =
        [&[Put(10), Put(11), Take, Take], &[Put(10), Put(11), Take, Put(12), Put(13), Take, Take, Take]];
    rounds.map(|calls| scenario("one thread, room for 3", buffer, 3, &[("T1", calls)])).into()
}

/// A producer alone, with one item more than there is room for.
fn one_too_many(buffer: Buffer) -> Vec<Scenario> {
    let calls = [Put(10), Put(11), Put(12), Put(13)];
    let alone = |capacity: usize| {
        let name = format!("a producer alone, room for {capacity}");
        scenario(&name, buffer, capacity, &[("P1", &calls[..=capacity])])
    };
    vec![alone(1), alone(3)]
}

/// A consumer with nothing to take, and one that has taken everything.
fn one_take_too_many(buffer: Buffer) -> Vec<Scenario> {
    vec![
        scenario("a consumer alone", buffer, 1, &[("C1", &[Take])]),
        scenario("one thread, one take too many", buffer, 2, &[("T1", &[Put(10), Take, Take])]),
    ]
}

/// Nobody to make room, or nobody to bring an item.
fn waiting(buffer: Buffer) -> Vec<Scenario> {
    vec![
        scenario("a producer alone, room for 1", buffer, 1, &[("P1", &[Put(10), Put(11)])]),
        scenario("a consumer alone", buffer, 1, &[("C1", &[Take])]),
    ]
}

/// One consumer, which may have to wait: for the item that fills the buffer, and for one that does not.
fn one_consumer(buffer: Buffer) -> Vec<Scenario> {
    let threads: [(&str, &[Call]); 2] = [("P1", &[Put(10)]), ("C1", &[Take])];
    [1, 2].map(|capacity| scenario("a producer and a consumer", buffer, capacity, &threads)).into()
}

/// One producer, which may have to wait: for the room that empties the buffer, and for room that does not.
fn one_producer(buffer: Buffer) -> Vec<Scenario> {
    let puts = [Put(10), Put(11), Put(12)];
    let one_more = |capacity: usize| {
        let threads: [(&str, &[Call]); 2] = [("P1", &puts[..=capacity]), ("C1", &[Take])];
        scenario("a producer with one item too many and a consumer", buffer, capacity, &threads)
    };
    vec![one_more(1), one_more(2)]
}

/// Two for one item, and two for one place.
fn rivals(buffer: Buffer) -> Vec<Scenario> {
    vec![
        scenario(
            "two consumers for one item",
            buffer,
            1,
            &[("P1", &[Put(10)]), ("C1", &[Take]), ("C2", &[Take])],
        ),
        scenario(
            "two producers for one place",
            buffer,
            1,
            &[("P1", &[Put(10), Put(11)]), ("P2", &[Put(12)]), ("C1", &[Take])],
        ),
        scenario("a producer and a consumer", buffer, 1, &[("P1", &[Put(10), Put(11)]), ("C1", &[Take])]),
    ]
}

/// Several sleepers at once, on both sides.
fn crowds(buffer: Buffer) -> Vec<Scenario> {
    let crowd = |capacity: usize, threads: &[(&str, &[Call])]| {
        let puts = |(_, calls): &&(&str, &[Call])| calls.iter().all(|call| call.puts());
        let producers = threads.iter().filter(puts).count();
        let name = format!(
            "{} and {}, room for {capacity}",
            count(producers, "producer"),
            count(threads.len() - producers, "consumer")
        );
        scenario(&name, buffer, capacity, threads)
    };
    vec![
        crowd(1, &[("P1", &[Put(10)]), ("C1", &[Take])]),
        crowd(1, &[("P1", &[Put(10), Put(11)]), ("C1", &[Take, Take])]),
        crowd(1, &[("P1", &[Put(10), Put(11)]), ("C1", &[Take]), ("C2", &[Take])]),
        crowd(1, &[("P1", &[Put(10)]), ("P2", &[Put(11)]), ("C1", &[Take, Take])]),
        crowd(2, &[("P1", &[Put(10), Put(11)]), ("C1", &[Take]), ("C2", &[Take])]),
        crowd(2, &[("P1", &[Put(10), Put(11), Put(12)]), ("C1", &[Take]), ("C2", &[Take])]),
        crowd(2, &[("P1", &[Put(10), Put(11)]), ("P2", &[Put(12), Put(13)]), ("C1", &[Take, Take])]),
        crowd(
            1,
            &[
                ("P1", &[Put(10), Put(11)]),
                ("P2", &[Put(12), Put(13)]),
                ("C1", &[Take, Take]),
                ("C2", &[Take, Take]),
            ],
        ),
    ]
}

/// Two who look at the same moment.
fn together() -> Vec<Scenario> {
    vec![
        scenario("two producers for one place", Bounded, 1, &[("P1", &[Put(10)]), ("P2", &[Put(11)])]),
        scenario("two consumers for one item", Bounded, 1, &[("T1", &[Put(10), Take]), ("C1", &[Take])]),
    ]
}

/// More sleepers than one change can serve.
fn one_each() -> Vec<Scenario> {
    let one = |name: &str, threads: &[(&str, &[Call])]| {
        let mut scenario = scenario(name, Signal, 1, threads);
        scenario.subject.wakes_one = true;
        scenario
    };
    vec![
        one("two consumers for one item", &[("C1", &[Take]), ("C2", &[Take]), ("P1", &[Put(10)])]),
        one(
            "two producers for one place",
            &[("P1", &[Put(10), Put(11)]), ("P2", &[Put(12)]), ("C1", &[Take])],
        ),
        one("a producer and two consumers", &[("C1", &[Take]), ("C2", &[Take]), ("P1", &[Put(10), Put(11)])]),
        one(
            "two producers and a consumer",
            &[("P1", &[Put(10), Put(11)]), ("P2", &[Put(12)]), ("C1", &[Take, Take])],
        ),
    ]
}

/// Puts after the end: with room, and without.
fn refused() -> Vec<Scenario> {
    vec![
        scenario("close, then put", Signal, 1, &[("T1", &[Close, Put(10)])]),
        scenario("close a full buffer, then put", Signal, 1, &[("T1", &[Put(10), Close, Put(11)])]),
        scenario(
            "a producer asleep when the buffer is closed",
            Signal,
            1,
            &[("P1", &[Put(10), Put(11)]), ("closer", &[Close])],
        ),
        scenario(
            "close, and then room",
            Signal,
            1,
            &[("P1", &[Put(10), Put(11)]), ("closer", &[Close, Take])],
        ),
    ]
}

/// Takes after the end.
fn drained() -> Vec<Scenario> {
    vec![
        scenario("close, then take", Signal, 1, &[("T1", &[Close, Take])]),
        scenario("put, close, take", Signal, 2, &[("T1", &[Put(10), Put(11), Close, Take, Take, Take])]),
        scenario(
            "put and close while a consumer takes",
            Signal,
            2,
            &[("T1", &[Put(10), Put(11), Close]), ("C1", &[Take, Take, Take])],
        ),
    ]
}

/// The end comes while threads sleep, on either side.
fn closing() -> Vec<Scenario> {
    vec![
        scenario(
            "a consumer asleep when the buffer is closed",
            Signal,
            1,
            &[("C1", &[Take]), ("closer", &[Close])],
        ),
        scenario(
            "a producer asleep when the buffer is closed",
            Signal,
            1,
            &[("P1", &[Put(10), Put(11)]), ("closer", &[Close])],
        ),
        scenario(
            "two consumers asleep when the buffer is closed",
            Signal,
            1,
            &[("C1", &[Take]), ("C2", &[Take]), ("closer", &[Close])],
        ),
        scenario(
            "two producers asleep when the buffer is closed",
            Signal,
            1,
            &[("P1", &[Put(10), Put(11)]), ("P2", &[Put(12)]), ("closer", &[Close])],
        ),
        scenario(
            "two producers, one of them with room, when the buffer is closed",
            Signal,
            1,
            &[("P1", &[Put(10), Put(11)]), ("P2", &[Put(12)]), ("C1", &[Take]), ("closer", &[Close])],
        ),
        scenario(
            "both sides, and the end",
            Signal,
            1,
            &[("P1", &[Put(10), Put(11)]), ("C1", &[Take]), ("C2", &[Take, Take]), ("closer", &[Close])],
        ),
    ]
}

fn scenario(name: &str, buffer: Buffer, capacity: usize, threads: &[(&str, &[Call])]) -> Scenario {
    let threads = threads.iter().map(|(name, calls)| ThreadPlan {
        name: (*name).to_owned(),
        role: role(name).to_owned(),
        calls: calls.to_vec(),
    });
    let subject = Subject { buffer, capacity, wakes_one: false };
    Scenario { name: name.to_owned(), subject, threads: threads.collect() }
}

fn role(name: &str) -> &str {
    match name.chars().next() {
        Some('P') => "producer",
        Some('C') => "consumer",
        Some('T') => "producer and consumer",
        _ => name,
    }
}

fn count(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}
