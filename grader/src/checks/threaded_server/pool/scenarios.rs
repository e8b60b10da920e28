//! What each check of the pool searches: a pool, what its jobs do, and threads that bring them.

use crate::checks::explored;
use crate::checks::threaded_server::phases::{PREEMPTED, SPURIOUS, UNFORCED};
use protocol::pool::{Call, Pools, Scenario, Subject, Work};
use protocol::search::ThreadPlan;

use Call::{Execute, Shutdown};
use Work::{Meet, Panic, Stay, Step};

/// What a check searches; none for a name that is no check of the pool.
pub(in crate::checks::threaded_server) fn plan(check: &str) -> Option<explored::Plan<Pools>> {
    let (scenarios, last) = match check {
        "runs-what-it-accepts" => (in_order(), PREEMPTED),
        "starts-its-workers" => (side_by_side(), PREEMPTED),
        "workers-sleep-and-wake" => (waking(), SPURIOUS),
        "holds-back-when-full" => (full(), SPURIOUS),
        "survives-panicking-jobs" => (panicking(), PREEMPTED),
        "shutdown-finishes-what-was-accepted" => (finishing(), PREEMPTED),
        "shutdown-refuses-new-jobs" => (refusing(), PREEMPTED),
        "shutdown-joins-every-thread" => (joined(joining()), SPURIOUS),
        "shutdown-again" => (joined(again()), PREEMPTED),
        _ => return None,
    };
    let phases =
        if last == SPURIOUS { vec![UNFORCED, PREEMPTED, SPURIOUS] } else { vec![UNFORCED, PREEMPTED] };
    Some(explored::Plan { scenarios, phases })
}

fn in_order() -> Vec<Scenario> {
    vec![
        scenario((1, 1), &[Step], &[&[Execute(1)]]),
        scenario((1, 2), &[Step, Step], &[&[Execute(1), Execute(2)]]),
        scenario((1, 3), &[Step, Step, Step], &[&[Execute(1), Execute(2), Execute(3)]]),
        scenario((2, 2), &[Step, Step], &[&[Execute(1), Execute(2)]]),
    ]
}

/// As many jobs at once as there are workers, and no more.
fn side_by_side() -> Vec<Scenario> {
    vec![
        scenario((1, 1), &[], &[&[]]),
        scenario((2, 1), &[], &[&[]]),
        scenario((3, 1), &[], &[&[]]),
        scenario((2, 2), &[Meet, Meet], &[&[Execute(1), Execute(2)]]),
        scenario((2, 1), &[Meet, Meet], &[&[Execute(1)], &[Execute(2)]]),
        scenario((1, 2), &[Stay, Step], &[&[Execute(1), Execute(2)]]),
    ]
}

fn waking() -> Vec<Scenario> {
    vec![
        scenario((1, 1), &[], &[&[]]),
        scenario((1, 1), &[Step], &[&[Execute(1)]]),
        scenario((1, 1), &[Step, Step], &[&[Execute(1), Execute(2)]]),
        scenario((2, 2), &[Meet, Meet], &[&[Execute(1), Execute(2)]]),
        scenario((2, 1), &[Step, Step], &[&[Execute(1)], &[Execute(2)]]),
        scenario((1, 1), &[Step, Step, Step], &[&[Execute(1), Execute(2)], &[Execute(3)]]),
    ]
}

fn full() -> Vec<Scenario> {
    vec![
        scenario((1, 1), &[Stay, Step, Step], &[&[Execute(1), Execute(2), Execute(3)]]),
        scenario((1, 2), &[Stay, Step, Step, Step], &[&[Execute(1), Execute(2), Execute(3), Execute(4)]]),
        scenario((2, 1), &[Stay, Stay, Step, Step], &[&[Execute(1), Execute(2), Execute(3), Execute(4)]]),
        scenario((1, 1), &[Step, Step, Step], &[&[Execute(1), Execute(2), Execute(3)]]),
        scenario((1, 1), &[Step, Step, Step], &[&[Execute(1)], &[Execute(2)], &[Execute(3)]]),
    ]
}

fn panicking() -> Vec<Scenario> {
    vec![
        scenario((1, 1), &[Panic], &[&[Execute(1)]]),
        scenario((1, 1), &[Panic, Step], &[&[Execute(1), Execute(2)]]),
        scenario((1, 1), &[Panic, Panic, Step], &[&[Execute(1), Execute(2), Execute(3)]]),
        scenario((2, 2), &[Panic, Panic, Meet, Meet], &[&[Execute(1), Execute(2), Execute(3), Execute(4)]]),
        scenario((1, 1), &[Panic], &[&[Execute(1), Shutdown]]),
    ]
}

fn finishing() -> Vec<Scenario> {
    vec![
        scenario((1, 1), &[Step], &[&[Execute(1), Shutdown]]),
        scenario((1, 2), &[Step, Step], &[&[Execute(1), Execute(2), Shutdown]]),
        scenario((2, 2), &[Step, Step, Step], &[&[Execute(1), Execute(2), Execute(3), Shutdown]]),
        scenario((1, 1), &[Step, Step], &[&[Execute(1), Execute(2)], &[Shutdown]]),
    ]
}

fn refusing() -> Vec<Scenario> {
    vec![
        scenario((1, 1), &[Step], &[&[Shutdown, Execute(1)]]),
        scenario((1, 1), &[Step, Step], &[&[Execute(1), Shutdown, Execute(2)]]),
        scenario((1, 1), &[Step], &[&[Execute(1)], &[Shutdown]]),
        scenario((1, 1), &[Stay, Step, Step], &[&[Execute(1), Execute(2), Execute(3)], &[Shutdown]]),
        scenario(
            (1, 1),
            &[Stay, Step, Step, Step],
            &[&[Execute(1), Execute(2), Execute(3)], &[Execute(4)], &[Shutdown]],
        ),
    ]
}

fn joining() -> Vec<Scenario> {
    vec![
        scenario((1, 1), &[], &[&[Shutdown]]),
        scenario((2, 1), &[], &[&[Shutdown]]),
        scenario((2, 1), &[Step], &[&[Execute(1), Shutdown]]),
        scenario((2, 2), &[Step, Step], &[&[Execute(1), Execute(2), Shutdown]]),
    ]
}

fn again() -> Vec<Scenario> {
    vec![
        scenario((1, 1), &[], &[&[Shutdown, Shutdown]]),
        scenario((1, 1), &[], &[&[Shutdown], &[Shutdown]]),
        scenario((1, 1), &[Step], &[&[Execute(1), Shutdown, Shutdown], &[Shutdown]]),
        scenario((2, 1), &[Step], &[&[Execute(1), Shutdown], &[Shutdown]]),
    ]
}

/// All of the pool's threads have to have ended when `shutdown` returns.
fn joined(mut scenarios: Vec<Scenario>) -> Vec<Scenario> {
    scenarios.iter_mut().for_each(|scenario| scenario.subject.joined = true);
    scenarios
}

fn scenario((workers, queue): (usize, usize), jobs: &[Work], threads: &[&[Call]]) -> Scenario {
    let thread = |(index, calls): (usize, &&[Call])| ThreadPlan {
        name: format!("T{}", index + 1),
        role: "caller".to_owned(),
        calls: calls.to_vec(),
    };
    Scenario {
        name: format!(
            "{}, room for {queue}, {}, brought by {}",
            count(workers, "worker"),
            count(jobs.len(), "job"),
            count(threads.len(), "thread")
        ),
        subject: Subject { workers, queue, jobs: jobs.to_vec(), callers: threads.len(), joined: false },
        threads: threads.iter().enumerate().map(thread).collect(),
    }
}

fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
