//! What the box costs: a program started and waited for at each level, and a lab compiled inside and outside.
//!
//! It prints, it does not judge: machines are noisy. The levels take turns, so that noise meets all of them.

mod common;

use common::median;
use grader::check::{Finding, Status};
use grader::compile::{Compiled, Compiler, Outcome, PATIENCE};
use grader::corpus;
use grader::course::Course;
use grader::lab::Lab;
use grader::process::{Launch, Limits};
use grader::sandbox::{self, Level};
use grader::scene::{Failed, Scene};
use grader::stage::{Package, Stage};
use grader::supervisor::{ARGUMENT, Job, Supervisors, supervise};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Rounds whose median is printed.
const SPAWNS: usize = 101;
const COMPILES: usize = 21;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some(ARGUMENT) => return supervise(play),
        Some(sandbox::PROBE) => return sandbox::probe(),
        _ => {}
    }
    let own = std::env::current_exe().expect("an executable");
    let levels = Level::possible(&own);
    spawns(&own, &levels);
    compiles(&levels);
    ExitCode::SUCCESS
}

fn spawns(own: &Path, levels: &[Level]) {
    println!("| level | a program that does nothing, under its supervisor | more than plain |");
    println!("|---|---|---|");
    let supervisors = Supervisors::start(own).expect("they can be started");
    let times = in_turns(levels, SPAWNS, |level| spawn(&supervisors, own, level));
    for (level, time) in levels.iter().zip(&times) {
        let plain = times.last().expect("every machine has the last level");
        println!("| {} | {time:.2?} | {:.2?} |", level.name(), time.saturating_sub(*plain));
    }
}

/// One lab after an edit, as in grading, and without any enclosure.
fn compiles(levels: &[Level]) {
    let course = Course::here().unwrap();
    let lab = course.select(&["pipes".to_owned()]).expect("the lab is there").remove(0);
    let enclosures: Vec<Option<Level>> = levels.iter().copied().map(Some).chain([None]).collect();
    println!("\n| level | a lab compiled after an edit | over none |");
    println!("|---|---|---|");
    let mut number = 0;
    let times = in_turns(&enclosures, COMPILES, |level| {
        number += 1;
        compile(&course, &lab, level, number);
    });
    let bare = times.last().expect("the last one is without enclosure").as_secs_f64();
    for (level, time) in enclosures.iter().zip(&times) {
        let name = level.map_or("none", Level::name);
        println!("| {name} | {time:.2?} | {:.2} |", time.as_secs_f64() / bare);
    }
}

fn compile(course: &Course, lab: &Lab, level: Option<Level>, number: usize) {
    let mut files = corpus::solution(course, lab).expect("the solution is there");
    let edited = files.get_mut(Path::new("src/io.rs")).expect("the file is there");
    edited.extend(format!("\nconst _: usize = {number};\n").bytes());
    // A directory of its own for each, so that each compiles the edit and nothing else.
    let key = format!("bench-{}", level.map_or("none", Level::name));
    let packages = [Package { lab, key, files }];
    let stage = Stage::open(course, || {}).expect("the stage is free");
    let compiler = Compiler::find(PATIENCE);
    let compiler = match level {
        Some(level) => compiler.enclosed(Path::new(env!("CARGO_BIN_EXE_grader")), level),
        None => compiler,
    };
    let each = |_, what: Compiled| assert!(matches!(what.outcome, Outcome::Built(_)), "{what:?}");
    compiler.compile(&stage, &packages, each).expect("it can be compiled");
}

/// The median time of each level.
fn in_turns<T: Copy>(levels: &[T], rounds: usize, mut once: impl FnMut(T)) -> Vec<Duration> {
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

fn spawn(supervisors: &Supervisors, own: &Path, level: Level) {
    let (lab, check) = ("bench".to_owned(), "nothing".to_owned());
    let job = Job {
        lab,
        check,
        driver: own.to_owned(),
        source: PathBuf::new(),
        limits: Limits::default(),
        offline: false,
    };
    let finding = supervisors.run(level, &job);
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
