//! How many schedules the reference buffer of the course needs, and how many the explorer runs in a second.
//!
//! It prints, and judges nothing: `cargo bench -p explore`.

use explore::sync::{Condvar, Mutex};
use explore::{Coverage, Program, Search, Summary, forget, search, thread};
use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Producers and consumers with one mutex and one condition variable.
struct Buffer {
    queue: Mutex<VecDeque<u64>>,
    changed: Condvar,
    capacity: usize,
}

impl Buffer {
    fn put(&self, item: u64) {
        let mut queue = self.queue.lock().unwrap();
        while queue.len() == self.capacity {
            queue = self.changed.wait(queue).unwrap();
        }
        queue.push_back(item);
        self.changed.notify_all();
    }

    fn take(&self) -> u64 {
        let mut queue = self.queue.lock().unwrap();
        while queue.is_empty() {
            queue = self.changed.wait(queue).unwrap();
        }
        let item = queue.pop_front().unwrap();
        self.changed.notify_all();
        item
    }
}

/// So many threads put, and take, so many items each.
#[derive(Clone)]
struct Scenario {
    name: &'static str,
    capacity: usize,
    producers: u64,
    puts: u64,
    consumers: u64,
    takes: u64,
    /// What the judge remembers: a bit for each item put, and for each taken.
    passed: Arc<AtomicU64>,
}

impl Scenario {
    fn new(name: &'static str, capacity: usize, putting: [u64; 2], taking: [u64; 2]) -> Scenario {
        let ([producers, puts], [consumers, takes]) = (putting, taking);
        Scenario { name, capacity, producers, puts, consumers, takes, passed: Arc::default() }
    }

    fn pass(&self, item: u64) {
        self.passed.fetch_or(1 << item, Ordering::Relaxed);
    }

    fn produce(&self, buffer: &Buffer, producer: u64) {
        for turn in 0..self.puts {
            forget(producer << 8 | turn);
            let item = producer * self.puts + turn;
            buffer.put(item);
            self.pass(item);
        }
        forget(u64::MAX);
    }

    fn consume(&self, buffer: &Buffer, consumer: u64) {
        for turn in 0..self.takes {
            forget((self.producers + consumer) << 8 | turn);
            self.pass(32 + buffer.take());
        }
        forget(u64::MAX);
    }
}

impl Program for Scenario {
    fn run(&self) {
        self.passed.store(0, Ordering::Relaxed);
        let queue = Mutex::new(VecDeque::new());
        let buffer = Arc::new(Buffer { queue, changed: Condvar::new(), capacity: self.capacity });
        for producer in 0..self.producers {
            let (scenario, buffer) = (self.clone(), Arc::clone(&buffer));
            thread::spawn(move || scenario.produce(&buffer, producer));
        }
        for consumer in 0..self.consumers {
            let (scenario, buffer) = (self.clone(), Arc::clone(&buffer));
            thread::spawn(move || scenario.consume(&buffer, consumer));
        }
    }

    fn fingerprint(&self) -> u64 {
        self.passed.load(Ordering::Relaxed)
    }
}

fn run(scenario: &Scenario, limits: Search) -> (Summary, Duration) {
    let program = Rc::new(scenario.clone());
    let begin = Instant::now();
    let summary = search(limits, program, &mut |_| (), &mut |_, _| ControlFlow::Continue(()));
    (summary, begin.elapsed())
}

fn row(scenario: &Scenario, bound: Option<u32>, spurious: u32) {
    let (summary, time) = run(scenario, Search { bound, spurious, ..Search::default() });
    let bound = bound.map_or("none".to_owned(), |bound| bound.to_string());
    let covered = match summary.coverage {
        Coverage::All => "all",
        Coverage::Bound => "bound",
        Coverage::Part => "part",
    };
    let Scenario { name, .. } = scenario;
    let Summary { schedules, states, .. } = summary;
    let ms = time.as_secs_f64() * 1000.0;
    println!("{name:10} {spurious:8} {bound:>6} {schedules:10} {states:8} {covered:>8} {ms:9.1}");
}

/// Schedules a second, over about a second.
fn rate(scenario: &Scenario) -> f64 {
    let limits = Search { bound: Some(2), spurious: 1, ..Search::default() };
    let (mut schedules, mut time) = (0, Duration::ZERO);
    while time < Duration::from_secs(1) {
        let (summary, more) = run(scenario, limits);
        schedules += summary.schedules;
        time += more;
    }
    schedules as f64 / time.as_secs_f64()
}

fn main() {
    let two_two = Scenario::new("2p2c", 1, [2, 2], [2, 2]);
    let scenarios = [
        Scenario::new("1p1c", 1, [1, 2], [1, 2]),
        Scenario::new("1p2c", 1, [1, 2], [2, 1]),
        Scenario::new("2p1c", 1, [2, 1], [1, 2]),
        Scenario::new("2p1c-cap2", 2, [2, 2], [1, 4]),
        two_two.clone(),
    ];
    println!("scenario   spurious  bound  schedules   states  covered        ms");
    for scenario in &scenarios {
        for (bound, spurious) in [(Some(2), 0), (Some(2), 1), (None, 0), (None, 1)] {
            row(scenario, bound, spurious);
        }
    }
    println!("\n2p2c, bound 2, one spurious wakeup: {:.0} schedules a second", rate(&two_two));
}
