//! What the box costs: a program started and waited for at each level, and a lab compiled inside and outside.
//!
//! It prints, it does not judge: machines are noisy. The levels take turns, so that noise meets all of them.

use grader::check::{Finding, Status};
use grader::process::{Launch, Limits};
use grader::sandbox::{self, Level};
use grader::scene::{Failed, Scene};
use grader::supervisor::{ARGUMENT, Job, run, supervise};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Rounds whose median is printed.
const SPAWNS: usize = 101;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some(ARGUMENT) => return supervise(play),
        Some(sandbox::PROBE) => return sandbox::probe(),
        _ => {}
    }
    let own = std::env::current_exe().expect("an executable");
    let levels = Level::possible(&own);
    println!("| level | a program that does nothing, under its supervisor | more than plain |");
    println!("|---|---|---|");
    let times = in_turns(&levels, SPAWNS, |level| spawn(&own, level));
    for (level, time) in levels.iter().zip(&times) {
        let plain = times.last().expect("every machine has the last level");
        println!("| {} | {time:.2?} | {:.2?} |", level.name(), time.saturating_sub(*plain));
    }
    ExitCode::SUCCESS
}

/// The median time of each level.
fn in_turns(levels: &[Level], rounds: usize, mut once: impl FnMut(Level)) -> Vec<Duration> {
    let mut times = vec![Vec::new(); levels.len()];
    for _ in 0..rounds {
        for (level, times) in levels.iter().zip(&mut times) {
            let start = Instant::now();
            once(*level);
            times.push(start.elapsed());
        }
    }
    times.into_iter().map(median).collect()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn spawn(own: &Path, level: Level) {
    let (lab, check) = ("bench".to_owned(), "nothing".to_owned());
    let job = Job { lab, check, driver: own.to_owned(), source: PathBuf::new(), limits: Limits::default() };
    let finding = run(own, level, &job);
    assert_eq!(finding.status, Status::Pass, "{}", finding.summary);
}

fn play(_: &Job, scene: &mut Scene) -> Finding {
    scene.judge(nothing)
}

fn nothing(scene: &mut Scene) -> Result<String, Failed> {
    let program = scene.start(Launch::program("true", "/usr/bin/true"))?;
    scene.expect_end_of(program)?;
    Ok(String::new())
}
