//! How many of the wrong variants of the labs on processes are told differently from run to run, with other load beside
//! them, and where.
//!
//! It prints, it does not judge: what is chance in the program itself, such as which child is first, is told as it was.

use grader::candidate::Candidate;
use grader::check::{Finding, Status};
use grader::compile::{Compiler, PATIENCE};
use grader::corpus::{self, Fate, Variant};
use grader::course::Course;
use grader::grade::Grader;
use grader::lab::Lab;
use grader::report::LabReport;
use grader::sandbox::Level;
use grader::stage::Stage;
use grader::supervisor::{Job, Supervisors};
use similar::TextDiff;
use std::path::Path;

/// So often is each told, at the same time.
const RUNS: usize = 3;

const LABS: [&str; 4] = ["pipes", "sockets-v1", "fork-server", "threaded-server"];

fn main() {
    let course = Course::here().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_grader"));
    let supervisors = Supervisors::start(program).expect("they can be started");
    let level = Level::best(program);
    println!("| lab | wrong variants | told differently |");
    println!("|---|---|---|");
    for lab in course.labs().expect("sound data").iter().filter(|lab| LABS.contains(&lab.name.as_str())) {
        let (count, told) = tell(&course, lab, &|job| compared(&supervisors, level, job));
        println!("| {} | {count} | {} |", lab.name, told.len());
        told.iter().for_each(|difference| eprintln!("{difference}"));
    }
}

/// How many there are, and the differences.
fn tell(course: &Course, lab: &Lab, run: &(dyn Fn(&Job) -> Finding + Sync)) -> (usize, Vec<String>) {
    let variants = corpus::variants(course, lab).expect("a sound corpus");
    let (names, candidates): (Vec<&str>, Vec<Candidate>) =
        variants.iter().filter_map(|variant| Some((variant.name.as_str(), wrong(lab, variant)?))).unzip();
    let compiler = Compiler::find(PATIENCE).for_many();
    let grader = Grader { course, compiler, run, progress: &|_| {} };
    let stage = Stage::open(course, || {}).expect("a stage");
    let reports = grader.grade(&stage, candidates).expect("they are built");
    let differs = |(name, report): (&&str, LabReport)| {
        let check = report.checks.into_iter().find(|check| check.summary.starts_with("@@"))?;
        Some(format!("{name}, {}:\n{}", check.id, check.summary))
    };
    (names.len(), names.iter().zip(reports).filter_map(differs).collect())
}

/// A wrong variant, and the check that has to catch it.
fn wrong<'l>(lab: &'l Lab, variant: &Variant) -> Option<Candidate<'l>> {
    let Fate::Caught { by, .. } = &variant.fate else { return None };
    Some(Candidate::made(lab, &variant.name, &variant.files).only(|check| check.id == *by))
}

/// Passes where all runs tell the same; else it says what is told differently.
fn compared(supervisors: &Supervisors, level: Level, job: &Job) -> Finding {
    let tell = || serde_json::to_string_pretty(&supervisors.run(level, job)).expect("it is data");
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
