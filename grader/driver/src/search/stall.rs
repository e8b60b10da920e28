//! Notices an execution that does not come back, says which one, and ends the driver.

use explore::Schedule;
use nix::time::{ClockId, clock_gettime};
use protocol::driver::Reporter;
use protocol::search::{Explored, Phase, Result, Stall};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Processor time after which an execution has stalled. A sound one takes microseconds.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the watch looks.
const LOOK: Duration = Duration::from_millis(100);

/// The reporter, and what the watch has to know.
pub(super) struct Watched<L>(Arc<Shared<L>>);

struct Shared<L> {
    reporter: Mutex<Option<Reporter<L>>>,
    present: Mutex<Option<(usize, Phase, Schedule)>>,
    /// Executions begun.
    begun: AtomicU64,
    muted: AtomicBool,
}

/// Takes over the reporter, starts the watch, and fences the calling thread in, which is to run the student's code.
pub(super) fn watch<L: Explored>(reporter: Reporter<L>) -> Watched<L> {
    let watched = Watched(Arc::new(Shared {
        reporter: Mutex::new(Some(reporter)),
        present: Mutex::new(None),
        begun: AtomicU64::new(0),
        muted: AtomicBool::new(false),
    }));
    let own = watched.clone();
    std::thread::spawn(move || own.look());
    watched.0.reporter.lock().expect("nobody panics with it").iter_mut().for_each(Reporter::put_up_fence);
    watched
}

impl<L> Clone for Watched<L> {
    fn clone(&self) -> Watched<L> {
        Watched(Arc::clone(&self.0))
    }
}

impl<L: Explored> Watched<L> {
    /// Sends a result.
    pub(super) fn send(&self, result: Result<L::Breach>) {
        if let Some(reporter) = &mut *self.0.reporter.lock().expect("nobody panics with it") {
            reporter.send(result);
        }
    }

    /// Says that the job was carried out to its end.
    pub(super) fn done(&self) {
        if let Some(reporter) = self.0.reporter.lock().expect("nobody panics with it").take() {
            reporter.done();
        }
    }

    /// An execution begins.
    pub(super) fn begins(&self, scenario: usize, phase: Phase, schedule: &Schedule) {
        *self.0.present.lock().expect("nobody panics with it") = Some((scenario, phase, schedule.clone()));
        self.0.begun.fetch_add(1, Ordering::Relaxed);
    }

    /// From now on what the student's code prints goes nowhere: it has been seen once, and the search repeats it
    /// thousands of times.
    pub(super) fn mute(&self) {
        if !self.0.muted.swap(true, Ordering::Relaxed)
            && let Ok(null) = std::fs::File::options().write(true).open("/dev/null")
        {
            let _ = nix::unistd::dup2_stdout(null.as_fd());
            let _ = nix::unistd::dup2_stderr(null.as_fd());
        }
    }

    fn look(&self) {
        let (mut begun, mut since, mut asleep) = (0, processor_time(), 0);
        loop {
            std::thread::park_timeout(LOOK);
            let now = self.0.begun.load(Ordering::Relaxed);
            if now != begun || now == 0 {
                (begun, since, asleep) = (now, processor_time(), 0);
                continue;
            }
            asleep = if main_thread_sleeps() { asleep + 1 } else { 0 };
            if processor_time().saturating_sub(since) >= PATIENCE {
                self.stalled(Stall::Spins);
            } else if asleep == 5 {
                self.stalled(Stall::Waits);
            }
        }
    }

    fn stalled(&self, how: Stall) {
        // A search that is busy reporting has not stalled: it holds this lock.
        let Ok(mut reporter) = self.0.reporter.try_lock() else {
            return;
        };
        let Some(mut reporter) = reporter.take() else {
            return;
        };
        if let Some((scenario, phase, schedule)) =
            self.0.present.lock().expect("nobody panics with it").take()
        {
            reporter.send(Result::Stalled { scenario, phase, schedule, how });
        }
        reporter.done();
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
