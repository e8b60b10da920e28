//! Every wrong variant of the process labs is told the same in every run, whatever else the machine does: `make soak`.

use grader::candidate::Candidate;
use grader::check::{Finding, Status};
use grader::compile::{Compiler, PATIENCE};
use grader::corpus::{self, Fate, Variant};
use grader::course::Course;
use grader::grade::Grader;
use grader::lab::Lab;
use grader::sandbox::Level;
use grader::stage::Stage;
use grader::supervisor::{self, Job};
use similar::TextDiff;
use std::path::Path;

/// So often is each told, at the same time.
const RUNS: usize = 3;

#[test]
#[ignore = "it takes a minute: `make soak`"]
fn pipes() {
    is_told_the_same("pipes");
}

#[test]
#[ignore = "it takes a minute: `make soak`"]
fn sockets_v1() {
    is_told_the_same("sockets-v1");
}

#[test]
#[ignore = "it takes a minute: `make soak`"]
fn fork_server() {
    is_told_the_same("fork-server");
}

#[test]
#[ignore = "it takes a minute: `make soak`"]
fn threaded_server() {
    is_told_the_same("threaded-server");
}

fn is_told_the_same(lab: &str) {
    let course = Course::of_this_grader();
    let lab = course.labs().expect("sound data").into_iter().find(|known| known.name == lab).expect("a lab");
    let variants = corpus::variants(&course, &lab).expect("a sound corpus");
    let (names, candidates): (Vec<&str>, Vec<Candidate>) =
        variants.iter().filter_map(|variant| Some((variant.name.as_str(), wrong(&lab, variant)?))).unzip();
    let program = Path::new(env!("CARGO_BIN_EXE_grader"));
    let level = Level::best(program);
    let run = |job: &Job| compared(program, level, job);
    let compiler = Compiler::find(PATIENCE).for_many();
    let grader = Grader { course: &course, compiler, run: &run, progress: &|_| {} };
    let stage = Stage::open(&course, || {}).expect("a stage");
    let reports = grader.grade(&stage, candidates).expect("they are built");
    let differ = |(name, report): (&&str, _)| {
        let report: grader::report::LabReport = report;
        let check = report.checks.into_iter().find(|check| check.summary.starts_with("@@"))?;
        Some(format!("{name}, {}:\n{}", check.id, check.summary))
    };
    let told = names.iter().zip(reports).filter_map(differ).collect::<Vec<_>>();
    println!("{}", told.join("\n"));
    assert_eq!(told.len(), 0, "of {}", names.len());
}

/// A wrong variant, and the check that has to catch it.
fn wrong<'l>(lab: &'l Lab, variant: &Variant) -> Option<Candidate<'l>> {
    let Fate::Caught { by, .. } = &variant.fate else { return None };
    Some(Candidate::made(lab, &variant.name, &variant.files).only(|check| check.id == *by))
}

/// Passes where all runs tell the same; else it says what is told differently.
fn compared(program: &Path, level: Level, job: &Job) -> Finding {
    let tell = || serde_json::to_string_pretty(&supervisor::run(program, level, job)).expect("it is data");
    let told: Vec<String> = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..RUNS).map(|_| scope.spawn(tell)).collect();
        runs.into_iter().map(|run| run.join().expect("it does not panic")).collect()
    });
    match told.iter().find(|other| **other != told[0]) {
        None => Finding::new(Status::Pass, "The same every time."),
        Some(other) => {
            let difference = TextDiff::from_lines(&told[0], other);
            Finding::new(Status::Fail, difference.unified_diff().context_radius(4).to_string())
        }
    }
}
