//! What each check searches, smallest first.
//!
//! As in the other labs a scenario expects nothing of its own: the contract of a semaphore, or of a buffer, says what may
//! come out of it, and who may be asleep in the end.

use crate::checks::explored::Plan;
use protocol::buffer::{self, Buffer, Buffers};
use protocol::search::{Phase, ThreadPlan};
use protocol::semaphore::{self, Semaphores};

use protocol::buffer::Call::{Put, Take};
use protocol::semaphore::Call::{P, V};

/// What a check searches.
pub(super) enum Searched {
    Semaphore(Plan<Semaphores>),
    Buffer(Plan<Buffers>),
}

/// Switches only where the running thread has to stop.
const UNFORCED: Phase = Phase { bound: Some(0), spurious: 0 };
/// Two preemptions: every mistake known to us needs at most one.
const PREEMPTED: Phase = Phase { bound: Some(2), spurious: 0 };
/// Two preemptions or spurious wakeups, at most one of them a spurious wakeup.
const SPURIOUS: Phase = Phase { bound: Some(2), spurious: 1 };

/// What a check searches; none for a name that is no check of this lab.
pub(super) fn plan(check: &str) -> Option<Searched> {
    let phases = match check {
        "survives-spurious-wakeups" => vec![UNFORCED, PREEMPTED, SPURIOUS],
        _ => vec![UNFORCED, PREEMPTED],
    };
    let semaphore = |scenarios| Some(Searched::Semaphore(Plan { scenarios, phases: phases.clone() }));
    let buffer = |scenarios| Some(Searched::Buffer(Plan { scenarios, phases: phases.clone() }));
    match check {
        "counts-its-permits" => semaphore(counting()),
        "keeps-permits" => semaphore(kept()),
        "waits-asleep" => semaphore(waiting()),
        "wakes-a-waiter" => semaphore(handing_over()),
        "a-permit-for-each-waiter" => semaphore(several()),
        "a-permit-goes-to-one" => semaphore(rivals()),
        "survives-spurious-wakeups" => semaphore([handing_over(), rivals()].concat()),
        "first-in-first-out" => buffer(in_order()),
        "holds-exactly-capacity" => buffer(one_too_many()),
        "take-waits-for-an-item" => buffer(one_take_too_many()),
        "one-at-a-time" => buffer(meeting()),
        "sleeps-without-the-queue" => buffer(passing()),
        "gives-what-others-need" => buffer(rounds()),
        "nobody-sleeps-for-ever" => buffer(crowds()),
        "works-on-its-own-semaphore" => buffer(passing()),
        "crowds-on-its-own-semaphore" => buffer(own_crowds()),
        _ => None,
    }
}

/// One thread that takes what there is, and one P too many.
fn counting() -> Vec<semaphore::Scenario> {
    vec![
        permits("a permit, and two P's", 1, &[("T1", &[P, P])]),
        permits("two permits, and three P's", 2, &[("T1", &[P, P, P])]),
        permits("two permits, and three threads", 2, &[("T1", &[P]), ("T2", &[P]), ("T3", &[P])]),
    ]
}

/// V's that nobody waits for.
fn kept() -> Vec<semaphore::Scenario> {
    vec![
        permits("V, then P", 0, &[("T1", &[V, P])]),
        permits("two V's, then two P's", 0, &[("T1", &[V, V, P, P])]),
        permits("in turns", 1, &[("T1", &[P, V, V, P, P])]),
        permits("V's of one thread, P's of another", 0, &[("T1", &[V, V]), ("T2", &[P, P])]),
    ]
}

/// Nobody to give a permit.
fn waiting() -> Vec<semaphore::Scenario> {
    vec![
        permits("no permit, and a P", 0, &[("T1", &[P])]),
        permits("no permit, and two threads", 0, &[("T1", &[P]), ("T2", &[P])]),
    ]
}

/// One waits, one gives.
fn handing_over() -> Vec<semaphore::Scenario> {
    vec![
        permits("one waits, one gives", 0, &[("T1", &[P]), ("T2", &[V])]),
        permits("one waits twice, one gives twice", 0, &[("T1", &[P, P]), ("T2", &[V, V])]),
        permits("to and fro", 1, &[("T1", &[P, V, P]), ("T2", &[P, V])]),
    ]
}

/// As many permits as threads that wait.
fn several() -> Vec<semaphore::Scenario> {
    vec![
        permits("two wait, one gives twice", 0, &[("T1", &[P]), ("T2", &[P]), ("T3", &[V, V])]),
        permits("two wait, two give", 0, &[("T1", &[P]), ("T2", &[P]), ("T3", &[V]), ("T4", &[V])]),
        permits(
            "three wait, one gives three times",
            0,
            &[("T1", &[P]), ("T2", &[P]), ("T3", &[P]), ("T4", &[V, V, V])],
        ),
    ]
}

/// More threads than permits.
fn rivals() -> Vec<semaphore::Scenario> {
    vec![
        permits("two for one permit", 1, &[("T1", &[P]), ("T2", &[P])]),
        permits("two wait, one gives once", 0, &[("T1", &[P]), ("T2", &[P]), ("T3", &[V])]),
        permits("one waits, and the giver takes it back", 0, &[("T1", &[P]), ("T2", &[V, P])]),
        permits("two for one permit, given twice", 0, &[("T1", &[P]), ("T2", &[P]), ("T3", &[V, P, V])]),
    ]
}

/// One thread that never has to wait.
fn in_order() -> Vec<buffer::Scenario> {
    vec![
        slots(3, &[("T1", &[Put(10), Put(11), Take, Take])]),
        slots(3, &[("T1", &[Put(10), Put(11), Take, Put(12), Put(13), Take, Take, Take])]),
    ]
}

/// A producer alone, with one item more than there is room for.
fn one_too_many() -> Vec<buffer::Scenario> {
    let calls = [Put(10), Put(11), Put(12), Put(13)];
    [1, 3].map(|capacity| slots(capacity, &[("P1", &calls[..=capacity])])).into()
}

/// A consumer with nothing to take, and one that has taken everything.
fn one_take_too_many() -> Vec<buffer::Scenario> {
    vec![slots(1, &[("C1", &[Take])]), slots(2, &[("T1", &[Put(10), Take, Take])])]
}

/// Two who may be at the queue, and must not be at once.
fn meeting() -> Vec<buffer::Scenario> {
    vec![
        slots(2, &[("P1", &[Put(10)]), ("P2", &[Put(11)])]),
        slots(2, &[("P1", &[Put(10), Put(11)]), ("C1", &[Take])]),
        slots(2, &[("T1", &[Put(10), Put(11)]), ("C1", &[Take]), ("C2", &[Take])]),
    ]
}

/// One on each side, with more items than there is room for.
fn passing() -> Vec<buffer::Scenario> {
    vec![
        slots(1, &[("P1", &[Put(10)]), ("C1", &[Take])]),
        slots(1, &[("P1", &[Put(10), Put(11)]), ("C1", &[Take, Take])]),
        slots(2, &[("P1", &[Put(10), Put(11), Put(12)]), ("C1", &[Take, Take, Take])]),
    ]
}

/// More rounds than there are permits: each has to come back.
fn rounds() -> Vec<buffer::Scenario> {
    vec![
        slots(1, &[("T1", &[Put(10), Take, Put(11), Take])]),
        slots(2, &[("T1", &[Put(10), Take, Put(11), Take, Put(12), Put(13), Take, Take])]),
        slots(1, &[("P1", &[Put(10), Put(11), Put(12)]), ("C1", &[Take, Take, Take])]),
    ]
}

/// Several on both sides.
fn crowds() -> Vec<buffer::Scenario> {
    vec![
        slots(1, &[("P1", &[Put(10), Put(11)]), ("C1", &[Take]), ("C2", &[Take])]),
        slots(1, &[("P1", &[Put(10)]), ("P2", &[Put(11)]), ("C1", &[Take, Take])]),
        slots(2, &[("P1", &[Put(10), Put(11)]), ("P2", &[Put(12)]), ("C1", &[Take, Take, Take])]),
        pairs(),
    ]
}

/// Two on each side, with an item each: a student's own semaphore has many more steps than the grader's.
fn own_crowds() -> Vec<buffer::Scenario> {
    vec![
        slots(2, &[("P1", &[Put(10), Put(11)]), ("C1", &[Take]), ("C2", &[Take])]),
        slots(1, &[("P1", &[Put(10)]), ("P2", &[Put(11)]), ("C1", &[Take, Take])]),
        slots(1, &[("P1", &[Put(10)]), ("P2", &[Put(11)]), ("C1", &[Take]), ("C2", &[Take])]),
    ]
}

fn pairs() -> buffer::Scenario {
    slots(
        1,
        &[
            ("P1", &[Put(10), Put(11)]),
            ("P2", &[Put(12), Put(13)]),
            ("C1", &[Take, Take]),
            ("C2", &[Take, Take]),
        ],
    )
}

fn permits(name: &str, permits: usize, threads: &[(&str, &[semaphore::Call])]) -> semaphore::Scenario {
    let threads = threads.iter().map(|(name, calls)| thread(name, "thread", calls));
    semaphore::Scenario {
        name: name.to_owned(),
        subject: semaphore::Subject { permits },
        threads: threads.collect(),
    }
}

fn slots(capacity: usize, threads: &[(&str, &[buffer::Call])]) -> buffer::Scenario {
    let names: Vec<&str> = threads.iter().map(|(name, _)| *name).collect();
    let threads = threads.iter().map(|(name, calls)| thread(name, role(name), calls));
    buffer::Scenario {
        name: format!("{}, room for {capacity}", names.join(", ")),
        subject: buffer::Subject { buffer: Buffer::Bounded, capacity, wakes_one: false },
        threads: threads.collect(),
    }
}

fn thread<C: Clone>(name: &str, role: &str, calls: &[C]) -> ThreadPlan<C> {
    ThreadPlan { name: name.to_owned(), role: role.to_owned(), calls: calls.to_vec() }
}

fn role(name: &str) -> &'static str {
    match name.chars().next() {
        Some('P') => "producer",
        Some('C') => "consumer",
        _ => "producer and consumer",
    }
}
