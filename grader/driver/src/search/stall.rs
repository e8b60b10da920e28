//! The thread that reports, and notices an execution that does not come back: it says which one, and ends the driver.
//!
//! The thread that searches runs the student's code, behind a fence that keeps it from the driver's descriptors. So it has
//! everything said by this one, and waits until it has been said: whatever the student's code does next, it comes after that.

use explore::Schedule;
use nix::time::{ClockId, clock_gettime};
use protocol::driver::Reporter;
use protocol::search::{Explored, Phase, Question, Result, ResultOf, Stall};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Processor time after which an execution has stalled. A sound one takes microseconds.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the watch looks.
const LOOK: Duration = Duration::from_millis(100);

/// The way to the thread that reports, for the one that searches.
pub(super) struct Watched<L: Explored> {
    orders: Sender<Order<L>>,
    carried_out: Receiver<Option<Question>>,
    executions: Arc<Executions>,
    muted: AtomicBool,
}

/// What the thread that reports is told to do.
enum Order<L: Explored> {
    Send(Box<ResultOf<L>>),
    /// To wait for what the grader asks.
    Hear,
    /// To say the last word.
    Done,
}

/// What both threads know of the executions.
#[derive(Default)]
struct Executions {
    present: Mutex<Option<(usize, Phase, Schedule)>>,
    begun: AtomicU64,
}

/// Starts the thread that reports, and fences the calling thread in, which is to run the student's code.
pub(super) fn watch<L: Explored>(mut reporter: Reporter<L>) -> Watched<L> {
    let fence = reporter.fence();
    let (orders, received) = channel();
    let (carries_out, carried_out) = channel();
    let executions = Arc::new(Executions::default());
    let watch = Watch { reporter, orders: received, carries_out, executions: Arc::clone(&executions) };
    std::thread::spawn(move || watch.work());
    fence.into_iter().for_each(|fence| fence.put_up());
    Watched { orders, carried_out, executions, muted: AtomicBool::new(false) }
}

impl<L: Explored> Watched<L> {
    /// Sends a result.
    pub(super) fn send(&self, result: ResultOf<L>) {
        self.order(Order::Send(Box::new(result)));
    }

    /// Waits for what the grader asks; none where it asks nothing more.
    pub(super) fn hear(&self) -> Option<Question> {
        self.order(Order::Hear)
    }

    /// Says that the job was carried out to its end.
    pub(super) fn done(&self) {
        self.order(Order::Done);
    }

    fn order(&self, order: Order<L>) -> Option<Question> {
        self.orders.send(order).ok()?;
        self.carried_out.recv().ok().flatten()
    }

    /// An execution begins.
    pub(super) fn begins(&self, scenario: usize, phase: Phase, schedule: &Schedule) {
        *self.executions.present.lock().expect("nobody panics with it") =
            Some((scenario, phase, schedule.clone()));
        self.executions.begun.fetch_add(1, Ordering::Relaxed);
    }

    /// From now on what the student's code prints goes nowhere: it has been seen once, and the search repeats it
    /// thousands of times.
    pub(super) fn mute(&self) {
        if !self.muted.swap(true, Ordering::Relaxed)
            && let Ok(null) = std::fs::File::options().write(true).open("/dev/null")
        {
            let _ = nix::unistd::dup2_stdout(null.as_fd());
            let _ = nix::unistd::dup2_stderr(null.as_fd());
        }
    }
}

/// The thread that reports.
struct Watch<L: Explored> {
    reporter: Reporter<L>,
    orders: Receiver<Order<L>>,
    carries_out: Sender<Option<Question>>,
    executions: Arc<Executions>,
}

/// How the present execution stands.
struct Standing {
    /// Its number.
    begun: u64,
    /// The processor time that was used when it was first seen.
    since: Duration,
    /// How many looks in a row the thread that searches was asleep.
    asleep: u32,
    /// Whether it has had something done since the last look.
    ordered: bool,
}

impl Standing {
    fn of(begun: u64) -> Standing {
        Standing { begun, since: processor_time(), asleep: 0, ordered: false }
    }
}

impl<L: Explored> Watch<L> {
    fn work(mut self) {
        let mut standing = Standing::of(0);
        let mut looked = Instant::now();
        loop {
            match self.orders.recv_timeout(LOOK.saturating_sub(looked.elapsed())) {
                Ok(order) => {
                    let question = self.carry_out(order);
                    let _ = self.carries_out.send(question);
                    // The other thread waited for this, and for nothing else.
                    standing.ordered = true;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            // An execution that reports step after step may be one that does not come back.
            if looked.elapsed() >= LOOK {
                self.look(&mut standing);
                looked = Instant::now();
            }
        }
    }

    fn carry_out(&mut self, order: Order<L>) -> Option<Question> {
        match order {
            Order::Send(result) => self.reporter.send(*result),
            Order::Hear => return self.reporter.hear(),
            Order::Done => self.reporter.done(),
        }
        None
    }

    fn look(&mut self, standing: &mut Standing) {
        let begun = self.executions.begun.load(Ordering::Relaxed);
        if begun != standing.begun || begun == 0 {
            *standing = Standing::of(begun);
            return self.reporter.send(Result::Alive);
        }
        let busy = std::mem::take(&mut standing.ordered);
        standing.asleep = if !busy && main_thread_sleeps() { standing.asleep + 1 } else { 0 };
        if processor_time().saturating_sub(standing.since) >= PATIENCE {
            self.stalled(Stall::Spins);
        } else if standing.asleep == 5 {
            self.stalled(Stall::Waits);
        }
    }

    /// Says which execution does not come back, and ends the driver.
    fn stalled(&mut self, how: Stall) {
        if let Some((scenario, phase, schedule)) =
            self.executions.present.lock().expect("nobody panics with it").take()
        {
            self.reporter.send(Result::Stalled { scenario, phase, schedule, how });
        }
        self.reporter.done();
        std::process::exit(0);
    }
}

fn processor_time() -> Duration {
    clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).map(Duration::from).unwrap_or_default()
}

/// Whether the thread that searches waits in the kernel.
fn main_thread_sleeps() -> bool {
    let id = std::process::id();
    let stat = std::fs::read_to_string(format!("/proc/self/task/{id}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with('S'))
}
