//! Submissions that end badly, one check each: the outcome, the words, the exit code, and that nothing is left of them.

mod trials;

use grader::check::Status;
use grader::compile::{Compiler, PATIENCE};
use grader::course::Course;
use grader::exit_code::ExitCode;
use grader::grade::Grader;
use grader::lab::Lab;
use grader::report::{LabReport, LabStatus, json};
use grader::stage::Stage;
use serde::Deserialize;
use trials::{Edited, alone, level, supervised, traces};

#[derive(Deserialize)]
struct Expected {
    #[serde(flatten)]
    submission: Edited,
    status: Status,
    says: String,
    code: u8,
}

#[test]
fn submissions_that_end_badly_harm_nobody_else() {
    let course = Course::here().unwrap();
    let labs = course.labs().unwrap();
    let expected: Vec<(&Lab, String, Expected)> = labs.iter().flat_map(read).collect();
    let made = expected
        .iter()
        .map(|(lab, name, expected)| expected.submission.candidate(&course, lab, name, str::to_owned));
    let stage = Stage::open(&course, || {}).unwrap();
    let compiler = Compiler::find(PATIENCE).for_many();
    let grader = Grader { course: &course, compiler, run: &supervised, progress: &|_| {} };
    let reports = grader.grade(&stage, made.collect()).unwrap();
    let wrong: Vec<String> =
        expected.iter().zip(reports).filter_map(|(expected, report)| amiss(expected, report)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let left = traces::programs_below(stage.dir());
    assert!(left.is_empty(), "still running: {left:?}");
}

/// A file keeps what other files use of it, without the functions that do not compile; and who declares a function in
/// another way does not have others pay for it.
#[test]
fn a_file_that_does_not_compile_costs_its_own_parts_alone() {
    let broken = [
        (
            "pipes",
            "src/pipeline.rs",
            "pub fn capture(command: &[CString]) -> Result<(Vec<u8>, i32), Error> {",
            "pub fn capture(command: &[CString]) -> Result<(Vec<u8>, i32), Error> {\n    let _: u8 = \"\";",
            45,
        ),
        (
            "sockets-v1",
            "src/server.rs",
            "    let source: SockaddrStorage =",
            "    let _: u8 = \"\";\n    let source: SockaddrStorage =",
            39,
        ),
        ("sockets-v1", "src/address.rs", "pub fn setup_address(", "fn setup_address(", 20),
    ];
    let course = Course::here().unwrap();
    let labs = course.labs().unwrap();
    let made = broken.iter().map(|(lab, file, replace, with, _)| {
        let lab = labs.iter().find(|known| known.name == *lab).unwrap();
        let edit = format!("file = {file:?}\nreplace = {replace:?}\nwith = {with:?}");
        let edited: Edited = toml::from_str(&edit).unwrap();
        edited.candidate(&course, lab, with, str::to_owned)
    });
    let stage = Stage::open(&course, || {}).unwrap();
    let compiler = Compiler::find(PATIENCE).for_many();
    let grader = Grader { course: &course, compiler, run: &supervised, progress: &|_| {} };
    for (report, (lab, file, _, with, points)) in
        grader.grade(&stage, made.collect()).unwrap().iter().zip(broken)
    {
        let lost = report.checks.iter().filter(|check| check.status != Status::Pass);
        let others: Vec<_> =
            lost.filter(|check| !check.summary.contains(file)).map(|check| &check.summary).collect();
        assert!(others.is_empty() && report.score >= points, "{lab}: {with}: {} {others:?}", report.score);
    }
}

fn read(lab: &Lab) -> Vec<(&Lab, String, Expected)> {
    let entries = trials::read(&format!("submissions/{}.toml", lab.name));
    entries.into_iter().map(|(name, expected)| (lab, name, expected)).collect()
}

/// What is not as expected, with all that the student is told.
fn amiss((lab, name, expected): &(&Lab, String, Expected), report: LabReport) -> Option<String> {
    let compiles = report.status != LabStatus::DoesNotCompile;
    let status = report.checks[0].status;
    let report = alone(report, level());
    let told = json::render(&report).unwrap();
    let code = ExitCode::from(&report) as u8;
    let staged = told.contains(&format!("labs/{}-", lab.name));
    let holds = compiles
        && status == expected.status
        && code == expected.code
        && told.contains(&expected.says)
        && !staged;
    (!holds).then(|| format!("{}: {name}: {status:?}, exit code {code}, says\n{told}", lab.name))
}
