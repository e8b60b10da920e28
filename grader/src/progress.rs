//! A line that says how far a long grading, or a first build, has come: rewritten on a terminal, repeated now and then
//! elsewhere.

use crate::grade::Progress;
use crate::message;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Counts what is done.
pub(crate) struct Meter {
    bar: ProgressBar,
    total: Counts,
    done: Mutex<Counts>,
    terminal: bool,
}

/// Candidates compiled, and checks run.
#[derive(Clone, Copy, Default)]
struct Counts {
    compiled: usize,
    checked: usize,
}

/// Without a terminal, a line is printed once per so many steps.
const STEPS_PER_LINE: usize = 50;

impl Meter {
    /// For so many candidates and checks.
    pub(crate) fn new(compiled: usize, checked: usize) -> Meter {
        let bar = ProgressBar::new((compiled + checked) as u64);
        bar.set_style(ProgressStyle::with_template("{bar:30} {msg}").expect("the template is well formed"));
        let terminal = std::io::stderr().is_terminal();
        Meter { bar, total: Counts { compiled, checked }, done: Mutex::default(), terminal }
    }

    /// One step more.
    pub(crate) fn step(&self, progress: Progress) {
        let mut done = self.done.lock().expect("counting does not panic");
        match progress {
            Progress::Compiled => done.compiled += 1,
            Progress::Checked => done.checked += 1,
        }
        let words = self.words(&done);
        self.bar.set_message(words.clone());
        self.bar.inc(1);
        if !self.terminal && (done.compiled + done.checked).is_multiple_of(STEPS_PER_LINE) {
            eprintln!("{words}");
        }
    }

    /// Takes the line away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn words(&self, done: &Counts) -> String {
        let total = &self.total;
        format!(
            "compiled {} of {}, checked {} of {}",
            done.compiled, total.compiled, done.checked, total.checked
        )
    }
}

/// The packages that are compiled before the labs can be: dozens the first time, then none.
pub(crate) struct FirstBuild {
    bar: ProgressBar,
    compiled: AtomicUsize,
    terminal: bool,
}

/// Without a terminal, a line is printed once per so many packages.
const PACKAGES_PER_LINE: usize = 10;

impl FirstBuild {
    pub(crate) fn new() -> FirstBuild {
        let bar = ProgressBar::new_spinner();
        FirstBuild { bar, compiled: AtomicUsize::new(0), terminal: std::io::stderr().is_terminal() }
    }

    /// One package more.
    pub(crate) fn compiled(&self, package: &str) {
        let count = self.compiled.fetch_add(1, Ordering::Relaxed);
        if self.terminal {
            self.bar.enable_steady_tick(Duration::from_millis(100));
            self.bar.set_message(format!(
                "{} Compiled so far: {}, {package} last.",
                message::FIRST_BUILD,
                count + 1
            ));
        } else if count == 0 {
            eprintln!("{}", message::FIRST_BUILD);
        } else if count.is_multiple_of(PACKAGES_PER_LINE) {
            eprintln!("compiled {count} packages, {package} last");
        }
    }
}

impl Drop for FirstBuild {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
