//! Submissions that end badly, one check each: the outcome, the words, the exit code, and that nothing is left of them.

use grader::candidate::Candidate;
use grader::check::{Finding, Status};
use grader::compile::{Compiler, PATIENCE};
use grader::corpus;
use grader::course::Course;
use grader::exit_code::ExitCode;
use grader::grade::Grader;
use grader::lab::Lab;
use grader::report::{CheckReport, LabReport, LabStatus, Report, json};
use grader::sandbox::Level;
use grader::stage::Stage;
use grader::supervisor::{self, Job};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

const GRADER: &str = env!("CARGO_BIN_EXE_grader");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    file: PathBuf,
    replace: String,
    with: String,
    check: String,
    status: Status,
    says: String,
    code: u8,
}

#[test]
fn submissions_that_end_badly_harm_nobody_else() {
    let course = Course::of_this_grader();
    let labs = course.labs().unwrap();
    let expected: Vec<(&Lab, String, Expected)> = labs.iter().flat_map(read).collect();
    let candidates =
        expected.iter().map(|(lab, name, expected)| candidate(&course, lab, name, expected)).collect();
    let stage = Stage::open(&course, || {}).unwrap();
    let compiler = Compiler::find(PATIENCE).for_many();
    let grader = Grader { course: &course, compiler, run: &supervised, progress: &|_| {} };
    let reports = grader.grade(&stage, candidates).unwrap();
    let wrong: Vec<String> =
        expected.iter().zip(reports).filter_map(|(expected, report)| amiss(expected, report)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let left = programs_below(stage.dir());
    assert!(left.is_empty(), "still running: {left:?}");
}

fn read(lab: &Lab) -> Vec<(&Lab, String, Expected)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/submissions/{}.toml", lab.name));
    let entries: BTreeMap<String, Expected> =
        toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    entries.into_iter().map(|(name, expected)| (lab, name, expected)).collect()
}

fn candidate<'a>(course: &Course, lab: &'a Lab, name: &str, expected: &Expected) -> Candidate<'a> {
    let mut files = corpus::solution(course, lab).unwrap();
    let content = files.get_mut(&expected.file).unwrap();
    let text = std::str::from_utf8(content).unwrap();
    assert_eq!(text.matches(&expected.replace).count(), 1, "{}: {name}", lab.name);
    *content = text.replace(&expected.replace, &expected.with).into_bytes();
    Candidate::made(lab, &format!("submission that {name}"), &files).only(|check| check.id == expected.check)
}

fn supervised(job: &Job) -> Finding {
    supervisor::run(Path::new(GRADER), level(), job)
}

/// The strictest level that this machine has, as in grading.
fn level() -> Level {
    static LEVEL: LazyLock<Level> = LazyLock::new(|| Level::best(Path::new(GRADER)));
    *LEVEL
}

/// What is not as expected, with all that the student is told.
fn amiss((lab, name, expected): &(&Lab, String, Expected), report: LabReport) -> Option<String> {
    let check: CheckReport = report.checks[0].clone();
    let compiles = report.status != LabStatus::DoesNotCompile;
    let report = Report {
        version: 1,
        seed: 1,
        sandbox: level(),
        score: report.score,
        max_score: report.max_score,
        labs: vec![report],
    };
    let told = json::render(&report).unwrap();
    let code = ExitCode::from(&report) as u8;
    let staged = told.contains(&format!("labs/{}-", lab.name));
    let holds = compiles
        && check.status == expected.status
        && code == expected.code
        && told.contains(&expected.says)
        && !staged;
    (!holds).then(|| format!("{}: {name}: {:?}, exit code {code}, says\n{told}", lab.name, check.status))
}

/// The programs below a directory that run at this moment.
fn programs_below(dir: &Path) -> Vec<PathBuf> {
    let processes = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let programs = processes.filter_map(|entry| std::fs::read_link(entry.path().join("exe")).ok());
    programs.filter(|program| program.starts_with(dir)).collect()
}
