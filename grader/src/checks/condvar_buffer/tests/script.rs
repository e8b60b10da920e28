//! Runs of a buffer, written down by hand, and what is found in them.

use crate::check::Finding;
use crate::checks::explored::{Recording, Sources, failed};
use crate::course::Course;
use crate::lab::Lab;
use explore::On;
use explore::trace::{Event, Place, Step, ThreadId, Trace};
use protocol::buffer::{Breach, Buffer, Buffers, Call, Called, Failure, Fault, Outcome, Scenario, Subject};
use protocol::search::{Blocked, Explored, ThreadPlan};
use std::collections::BTreeMap;

/// What the hand-written runs are runs of.
const SOURCE: &str = "\
        BoundedBuffer { queue: Mutex::new(VecDeque::new()), changed: Condvar::new(), capacity }
    pub fn put(&self, item: T) {
        let mut queue = self.queue.lock().unwrap();
        while queue.len() == self.capacity {
            queue = self.changed.wait(queue).unwrap();
        }
        queue.push_back(item);
        self.changed.notify_one();
    }
    pub fn take(&self) -> T {
        let mut queue = self.queue.lock().unwrap();
        while queue.is_empty() {
            queue = self.changed.wait(queue).unwrap();
        }
        let item = queue.pop_front().unwrap();
        self.changed.notify_one();
        item
";

/// The lines of [`SOURCE`] at which a call locks, looks, waits, changes and notifies.
pub(super) struct Lines {
    pub(super) lock: u32,
    pub(super) look: u32,
    pub(super) wait: u32,
    pub(super) change: u32,
    pub(super) notify: u32,
}

pub(super) const PUT: Lines = Lines { lock: 3, look: 4, wait: 5, change: 7, notify: 8 };
pub(super) const TAKE: Lines = Lines { lock: 11, look: 12, wait: 13, change: 15, notify: 16 };

/// A run, written down by hand.
pub(super) struct Script {
    pub(super) recording: Recording<Buffers>,
    pub(super) scenario: Scenario,
}

impl Script {
    /// Threads named in order; the main thread is number 0.
    pub(super) fn new(capacity: usize, threads: &[&str]) -> Script {
        let names = std::iter::once("main").chain(threads.iter().copied()).map(str::to_owned);
        let plan =
            |name: &&str| ThreadPlan { name: (*name).to_owned(), role: String::new(), calls: Vec::new() };
        Script {
            recording: Recording {
                trace: Trace {
                    threads: names.collect(),
                    mutexes: vec![place(1)],
                    condvars: vec![place(1)],
                    ..Trace::default()
                },
                called: BTreeMap::new(),
            },
            scenario: Scenario {
                name: "by hand".to_owned(),
                subject: Subject { buffer: Buffer::Bounded, capacity, wakes_one: false },
                threads: threads.iter().map(plan).collect(),
            },
        }
    }

    pub(super) fn step(&mut self, thread: ThreadId, line: Option<u32>, step: Step) -> &mut Script {
        self.recording.note(Event { thread, place: line.map(place), step }, None);
        self
    }

    pub(super) fn call(&mut self, thread: ThreadId, call: Call) -> &mut Script {
        let event = Event { thread, place: None, step: Step::Call { label: call.to_string() } };
        self.recording.note(event, Some(Called::begun(call)));
        self
    }

    /// Locks and looks.
    pub(super) fn enter(&mut self, thread: ThreadId, at: &Lines) -> &mut Script {
        self.step(thread, Some(at.lock), Step::Lock { mutex: 0 }).look(thread, at)
    }

    pub(super) fn look(&mut self, thread: ThreadId, at: &Lines) -> &mut Script {
        self.step(thread, Some(at.look), Step::Read { mutex: 0 })
    }

    pub(super) fn wait(&mut self, thread: ThreadId, at: &Lines, items: &[&str]) -> &mut Script {
        let step = Step::Wait { condvar: 0, mutex: 0, contents: contents(items) };
        self.step(thread, Some(at.wait), step)
    }

    pub(super) fn wake(&mut self, thread: ThreadId, at: &Lines, by: Option<ThreadId>) -> &mut Script {
        self.step(thread, Some(at.wait), Step::Wake { condvar: 0, mutex: 0, by })
    }

    pub(super) fn change(&mut self, thread: ThreadId, at: &Lines) -> &mut Script {
        self.step(thread, Some(at.change), Step::Write { mutex: 0 })
    }

    pub(super) fn notify(&mut self, thread: ThreadId, at: &Lines, woken: &[ThreadId]) -> &mut Script {
        let step = Step::Notify { condvar: 0, all: false, woken: woken.to_vec() };
        self.step(thread, Some(at.notify), step)
    }

    /// Unlocks and returns.
    pub(super) fn leave(&mut self, thread: ThreadId, items: &[&str], called: Called) -> &mut Script {
        let step = Step::Unlock { mutex: 0, contents: contents(items) };
        let event = Event { thread, place: None, step: Step::Return { label: Buffers::words(called) } };
        self.step(thread, None, step).recording.note(event, Some(called));
        self
    }

    pub(super) fn stuck(&self, asleep: &[(ThreadId, Call, &Lines)], could_go_on: &[ThreadId]) -> Finding {
        let blocked = |&(thread, call, at): &(ThreadId, Call, &Lines)| Blocked {
            thread,
            call: Some(call),
            on: On::Condvar(0),
            place: Some(place(at.wait)),
        };
        let blocked = asleep.iter().map(blocked).collect();
        self.fails(&Failure::Stuck { blocked, could_go_on: could_go_on.to_vec(), undone: Vec::new() })
    }

    pub(super) fn breach(&self, thread: ThreadId, called: Called, fault: Fault, holds: &[u32]) -> Finding {
        let breach = Breach { fault, holds: holds.to_vec() };
        self.fails(&Failure::Breach { thread, called: Some(called), breach })
    }

    pub(super) fn fails(&self, failure: &Failure) -> Finding {
        let finding = failed::<Buffers>(&self.scenario, failure, &self.recording, &sources());
        assert!(finding.summary.chars().count() <= 115, "too long for a headline: {}", finding.summary);
        if let Some(misconception) = &finding.misconception {
            assert!(lab().handout(misconception).is_some(), "{misconception} is no entry of the lab's data");
        }
        finding
    }
}

pub(super) const fn accepted(item: u32) -> Called {
    Called { call: Call::Put(item), outcome: Some(Outcome::Accepted) }
}

pub(super) const fn took(item: u32) -> Called {
    Called { call: Call::Take, outcome: Some(Outcome::Took(item)) }
}

fn contents(items: &[&str]) -> Vec<String> {
    items.iter().map(|item| (*item).to_owned()).collect()
}

pub(super) fn place(line: u32) -> Place {
    Place { file: "labs/condvar-buffer-1f/src/buffer.rs".to_owned(), line }
}

pub(super) fn sources() -> Sources {
    Sources::new(BTreeMap::from([("src/buffer.rs".to_owned(), SOURCE.to_owned())]))
}

pub(super) fn lab() -> Lab {
    Course::here().unwrap().select(&["condvar-buffer".to_owned()]).unwrap().remove(0)
}
