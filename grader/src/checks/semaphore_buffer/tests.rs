use super::scenarios::{Searched, plan};
use crate::check::Finding;
use crate::checks::explored::{Recording, Scenario, Sources, Words, failed};
use crate::course::Course;
use crate::lab::Lab;
use crate::timeline::Mark;
use explore::trace::{Event, Place, Step, ThreadId, Trace};
use explore::{On, Visit};
use protocol::buffer::{self, Buffer, Buffers, Outcome};
use protocol::search::{Blocked, Called, Failure, FailureOf, ThreadPlan};
use protocol::semaphore::{self, Breach, Semaphores};
use std::collections::{BTreeMap, BTreeSet};

/// What the hand-written runs of a buffer are runs of.
const BUFFER: &str = "\
            full_slots: Semaphore::new(0),
            empty_slots: Semaphore::new(capacity),
            mutex: Semaphore::new(1),
            queue: Unprotected::new(VecDeque::new()),
        self.mutex.p();
        self.empty_slots.p();
        self.queue.with(|queue| queue.push_back(item));
        self.mutex.v();
        self.full_slots.v();
";

/// And of a semaphore.
const SEMAPHORE: &str = "\
        Semaphore { permits: Mutex::new(permits), given: Condvar::new() }
        let mut permits = self.permits.lock().unwrap();
        if *permits == 0 {
            permits = self.given.wait(permits).unwrap();
        }
        *permits -= 1;
        *self.permits.lock().unwrap() += 1;
";

const FULL: usize = 0;
const EMPTY: usize = 1;
const MUTEX: usize = 2;

/// A run, written down by hand.
struct Script<L: Words> {
    file: &'static str,
    recording: Recording<L>,
}

impl<L: Words> Script<L> {
    /// Threads named in order; the main thread is number 0.
    fn new(file: &'static str, threads: &[&str]) -> Script<L> {
        let made = |lines: &[u32]| lines.iter().map(|line| place(file, *line)).collect();
        let trace = Trace {
            threads: std::iter::once("main").chain(threads.iter().copied()).map(str::to_owned).collect(),
            mutexes: made(&[1]),
            condvars: made(&[1]),
            semaphores: made(&[1, 2, 3]),
            cells: made(&[4]),
            atomics: Vec::new(),
            events: Vec::new(),
        };
        Script { file, recording: Recording { trace, called: BTreeMap::new() } }
    }

    fn step(&mut self, thread: ThreadId, line: u32, step: Step) -> &mut Script<L> {
        let place = (line > 0).then(|| place(self.file, line));
        self.recording.note(Event { thread, place, step }, None);
        self
    }

    fn call(&mut self, thread: ThreadId, call: L::Call) -> &mut Script<L> {
        let event = Event { thread, place: None, step: Step::Call { label: call.to_string() } };
        self.recording.note(event, Some(Called::begun(call)));
        self
    }

    fn returns(&mut self, thread: ThreadId, call: L::Call, outcome: L::Outcome) -> &mut Script<L> {
        let called = Called::ended(call, outcome);
        let event = Event { thread, place: None, step: Step::Return { label: L::words(called) } };
        self.recording.note(event, Some(called));
        self
    }

    fn at_the_queue(&mut self, thread: ThreadId, items: &[&str]) -> &mut Script<L> {
        let contents = items.iter().map(|item| (*item).to_owned()).collect();
        self.step(thread, 7, Step::Enter { cell: 0 }).step(thread, 7, Step::Leave { cell: 0, contents })
    }

    fn blocked(&self, thread: ThreadId, call: L::Call, on: On, line: u32) -> Blocked<L::Call> {
        Blocked { thread, call: Some(call), on, place: Some(place(self.file, line)) }
    }

    fn fails(&self, subject: L::Subject, failure: &FailureOf<L>) -> Finding {
        let plan = |name: &String| ThreadPlan { name: name.clone(), role: String::new(), calls: Vec::new() };
        let threads = self.recording.trace.threads[1..].iter().map(plan).collect();
        let scenario: Scenario<L> = Scenario::<L> { name: "by hand".to_owned(), subject, threads };
        let files = [("src/buffer.rs", BUFFER), ("src/semaphore.rs", SEMAPHORE)];
        let files = files.map(|(name, text)| (name.to_owned(), text.to_owned()));
        let sources = Sources::new(BTreeMap::from(files));
        let finding = failed::<L>(&scenario, failure, &self.recording, &sources);
        assert!(finding.summary.chars().count() <= 115, "too long for a headline: {}", finding.summary);
        let misconception = finding.misconception.as_deref().expect("a failure that is explained");
        assert!(lab().handout(misconception).is_some(), "{misconception} is no entry of the lab's data");
        finding
    }
}

impl Script<Buffers> {
    fn of_a_buffer(&self, failure: &buffer::Failure) -> Finding {
        self.fails(buffer::Subject { buffer: Buffer::Bounded, capacity: 1, wakes_one: false }, failure)
    }
}

impl Script<Semaphores> {
    fn of_a_semaphore(&self, failure: &FailureOf<Semaphores>) -> Finding {
        self.fails(semaphore::Subject { permits: 0 }, failure)
    }
}

fn place(file: &str, line: u32) -> Place {
    Place { file: format!("labs/semaphore-buffer-1f/{file}"), line }
}

fn lab() -> Lab {
    Course::here().unwrap().select(&["semaphore-buffer".to_owned()]).unwrap().remove(0)
}

fn marked(finding: &Finding) -> Option<usize> {
    finding.timeline.events.iter().position(|event| event.mark == Mark::Wrong).map(|index| index + 1)
}

/// P1 puts with the wrong order of P's, and comes back for more; C1 wants to take.
fn locked_first() -> Script<Buffers> {
    let mut script = Script::new("src/buffer.rs", &["P1", "C1"]);
    let (p, v) = (
        |semaphore, permits| Step::P { semaphore, permits },
        |semaphore, permits| Step::V { semaphore, permits },
    );
    script
        .call(1, buffer::Call::Put(10))
        .step(1, 5, p(MUTEX, 0))
        .step(1, 6, p(EMPTY, 0))
        .at_the_queue(1, &["10"]);
    script.step(1, 8, v(MUTEX, 1)).step(1, 9, v(FULL, 1)).returns(
        1,
        buffer::Call::Put(10),
        Outcome::Accepted,
    );
    script.call(1, buffer::Call::Put(11)).step(1, 5, p(MUTEX, 0)).step(
        1,
        6,
        Step::NoPermit { semaphore: EMPTY },
    );
    script.call(2, buffer::Call::Take).step(2, 9, p(FULL, 0)).step(2, 5, Step::NoPermit { semaphore: MUTEX });
    script
}

#[test]
fn whoever_sleeps_with_the_permit_that_is_needed_is_named_with_both_semaphores() {
    let script = locked_first();
    let blocked = vec![
        script.blocked(1, buffer::Call::Put(11), On::Semaphore(EMPTY), 6),
        script.blocked(2, buffer::Call::Take, On::Semaphore(MUTEX), 5),
    ];
    let finding = script.of_a_buffer(&Failure::Stuck { blocked, could_go_on: vec![2], undone: Vec::new() });
    assert_eq!(
        finding.summary,
        "P1 sleeps on `empty_slots` while it holds `mutex`, which C1 needs to make room."
    );
    assert_eq!(
        finding.seen.as_deref(),
        Some("P1 sleeps for a permit of `empty_slots`, C1 for one of `mutex`")
    );
    assert_eq!(marked(&finding), Some(8));
    let ending = &finding.timeline.endings[0];
    assert_eq!(ending.sentence, "at P of `empty_slots`, line 6: sleeps; the buffer is full.");
}

#[test]
fn a_permit_that_was_not_given_is_missing_after_the_call() {
    let mut script = Script::new("src/buffer.rs", &["T1"]);
    script
        .call(1, buffer::Call::Put(10))
        .step(1, 6, Step::P { semaphore: EMPTY, permits: 0 })
        .at_the_queue(1, &["10"]);
    script.returns(1, buffer::Call::Put(10), Outcome::Accepted).call(1, buffer::Call::Take).step(
        1,
        5,
        Step::NoPermit { semaphore: FULL },
    );
    let blocked = vec![script.blocked(1, buffer::Call::Take, On::Semaphore(FULL), 5)];
    let finding = script.of_a_buffer(&Failure::Stuck { blocked, could_go_on: vec![1], undone: Vec::new() });
    assert!(finding.summary.starts_with("An item is announced by a V: T1 put 10"), "{}", finding.summary);
    let missing = finding.timeline.missing.as_ref().expect("a step that would have helped");
    assert_eq!(missing.label, "V full_slots");
    assert_eq!(missing.helped, "T1 would have found an item and taken 10.");
}

#[test]
fn a_semaphore_that_starts_with_too_little_is_shown_where_it_is_made() {
    let mut script = Script::new("src/buffer.rs", &["P1"]);
    script.call(1, buffer::Call::Put(10)).step(1, 6, Step::NoPermit { semaphore: EMPTY });
    let blocked = vec![script.blocked(1, buffer::Call::Put(10), On::Semaphore(EMPTY), 6)];
    let finding = script.of_a_buffer(&Failure::Stuck { blocked, could_go_on: vec![1], undone: Vec::new() });
    assert!(finding.summary.contains("`empty_slots` starts with 0"), "{}", finding.summary);
    assert_eq!(finding.location.map(|location| location.line), Some(2));
}

#[test]
fn two_at_the_queue_are_shown_with_both_lines() {
    let mut script = Script::new("src/buffer.rs", &["P1", "P2"]);
    for thread in [1, 2] {
        script.call(thread, buffer::Call::Put(10)).step(
            thread,
            6,
            Step::P { semaphore: EMPTY, permits: 2 - thread },
        );
        script.step(thread, 7, Step::Enter { cell: 0 });
    }
    let visit = |thread, line| Visit { thread, place: place("src/buffer.rs", line) };
    let finding = script.of_a_buffer(&Failure::Overlap { cell: 0, first: visit(1, 7), second: visit(2, 8) });
    assert_eq!(finding.summary, "Permits are not exclusion: P1 and P2 were inside `queue` at once.");
    assert_eq!(finding.seen.as_deref(), Some("P1 in line 7, and P2 in line 8, at the same time"));
    assert_eq!(marked(&finding), Some(4));
}

/// T1 sleeps in p; T2 gives a permit, and notifies or not.
fn given(notifies: bool) -> Script<Semaphores> {
    let mut script = Script::new("src/semaphore.rs", &["T1", "T2"]);
    let contents = Vec::new;
    script.call(1, semaphore::Call::P).step(1, 2, Step::Lock { mutex: 0 }).step(
        1,
        3,
        Step::Read { mutex: 0 },
    );
    script.step(1, 4, Step::Wait { condvar: 0, mutex: 0, contents: contents() });
    script.call(2, semaphore::Call::V).step(2, 7, Step::Lock { mutex: 0 }).step(
        2,
        7,
        Step::Write { mutex: 0 },
    );
    if notifies {
        script.step(2, 7, Step::Notify { condvar: 0, all: false, woken: vec![1] });
    }
    script.step(2, 0, Step::Unlock { mutex: 0, contents: contents() }).returns(2, semaphore::Call::V, ());
    script
}

#[test]
fn a_permit_that_is_not_announced_is_one() {
    let script = given(false);
    let blocked = vec![script.blocked(1, semaphore::Call::P, On::Condvar(0), 4)];
    let finding =
        script.of_a_semaphore(&Failure::Stuck { blocked, could_go_on: vec![1], undone: Vec::new() });
    assert!(
        finding.summary.starts_with("A permit that is not announced wakes nobody: T2 gave one"),
        "{}",
        finding.summary
    );
    assert_eq!(finding.misconception.as_deref(), Some("unannounced-permit"));
    assert_eq!(finding.timeline.missing.map(|missing| missing.label).as_deref(), Some("wake T1"));
}

#[test]
fn whoever_comes_back_from_a_wait_without_a_look_is_told_who_woke_it() {
    let mut script = given(true);
    script.step(1, 4, Step::Wake { condvar: 0, mutex: 0, by: Some(2) });
    script.step(1, 0, Step::Unlock { mutex: 0, contents: Vec::new() }).returns(1, semaphore::Call::P, ());
    let failure = Failure::Breach {
        thread: 1,
        called: Some(Called::ended(semaphore::Call::P, ())),
        breach: Breach::NoPermit,
    };
    let finding = script.of_a_semaphore(&failure);
    assert!(
        finding.summary.starts_with("Being woken is not having a permit: T1 was woken by T2"),
        "{}",
        finding.summary
    );
}

#[test]
fn every_check_has_scenarios_and_the_items_in_them_differ() {
    for check in &lab().checks {
        let searched = plan(&check.id).unwrap_or_else(|| panic!("{} searches nothing", check.id));
        let (scenarios, phases) = match searched {
            Searched::Semaphore(plan) => {
                assert!(check.given.is_empty() && !plan.scenarios.is_empty(), "{}", check.id);
                (Vec::new(), plan.phases)
            }
            Searched::Buffer(plan) => (plan.scenarios, plan.phases),
        };
        assert!(phases.is_sorted_by_key(|phase| (phase.spurious, phase.bound)), "{}", check.id);
        for scenario in scenarios {
            let calls = scenario.threads.iter().flat_map(|thread| &thread.calls);
            let item =
                |call: &buffer::Call| if let buffer::Call::Put(item) = call { Some(*item) } else { None };
            let items: Vec<u32> = calls.filter_map(item).collect();
            assert_eq!(items.len(), items.iter().collect::<BTreeSet<_>>().len(), "{}", scenario.name);
        }
    }
}
