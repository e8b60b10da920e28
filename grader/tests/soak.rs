//! The checks that let calls fail, on the solutions, again and again and several at once: `make soak`.

#[path = "common/solutions.rs"]
mod solutions;

use grader::check::{Finding, Status};
use grader::course::Course;
use grader::sandbox::Level;
use grader::supervisor::{Job, Supervisors};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

/// Every check with a fault in it.
const FAULTED: &[&str] = &[
    "pipes/short-counts-change-nothing",
    "pipes/interrupted-anywhere",
    "pipes/failures-leave-nothing",
    "sockets-v1/client-through-faults",
    "sockets-v1/echoes-through-short-counts",
    "sockets-v1/echoes-through-signals",
    "sockets-v1/accepts-through-failures",
    "sockets-v1/survives-a-reset",
    "fork-server/accept-fails",
    "fork-server/fork-fails",
    "threaded-server/survives-failures",
];
const RUNS: usize = 200;
const AT_ONCE: usize = 8;

#[test]
#[ignore = "it takes minutes: `make soak`"]
fn a_solution_passes_every_time() {
    let course = Course::here().unwrap();
    let (_stage, jobs) = solutions::jobs(&course, FAULTED);
    assert_eq!(jobs.len(), FAULTED.len());
    let program = Path::new(env!("CARGO_BIN_EXE_grader"));
    let level = Level::best(program);
    let supervisors = Supervisors::start(program).expect("they can be started");
    let counts: Mutex<BTreeMap<String, BTreeMap<String, usize>>> = Mutex::default();
    let queue = Mutex::new((0..RUNS).flat_map(|_| &jobs));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(job) = next(&queue) {
                    let Finding { status, summary, .. } = supervisors.run(level, job);
                    let mut counts = counts.lock().expect("no one panics");
                    let outcome = if status == Status::Pass {
                        "pass".to_owned()
                    } else {
                        format!("{status:?}: {summary}")
                    };
                    *counts
                        .entry(format!("{}/{}", job.lab, job.check))
                        .or_default()
                        .entry(outcome)
                        .or_default() += 1;
                }
            });
        }
    });
    let counts = counts.into_inner().expect("no one panics");
    println!("{counts:#?}");
    let all_pass = |outcomes: &BTreeMap<String, usize>| outcomes.get("pass") == Some(&RUNS);
    assert!(counts.len() == FAULTED.len() && counts.values().all(all_pass));
}

fn next<'a>(queue: &Mutex<impl Iterator<Item = &'a Job>>) -> Option<&'a Job> {
    queue.lock().expect("no one panics").next()
}
