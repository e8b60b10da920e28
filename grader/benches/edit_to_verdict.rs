//! Edit to verdict, against the bare compilation of the same drivers after the same edit; and what the checks take.
//!
//! It prints, it does not judge: machines are noisy. The two commands take turns, so that noise meets both. With names of
//! labs, or `all`, it measures these alone.

mod common;

use common::median;
use grader::candidate::{Candidate, HandedOut};
use grader::compile::{Compiler, PATIENCE};
use grader::corpus;
use grader::course::Course;
use grader::grade::Grader;
use grader::lab::Lab;
use grader::sandbox::Level;
use grader::stage::{Package, Stage};
use grader::starter::Files;
use grader::supervisor::{Job, Supervisors};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Names the packages that are only built.
const KEY: &str = "bare";

/// Rounds whose median is printed.
const ROUNDS: usize = 11;

fn main() {
    let course = Course::here().unwrap();
    let labs = course.labs().expect("the labs' data are sound");
    // Cargo adds a flag of its own.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|word| word == name);
    println!("| lab | edit to verdict | bare build | ratio | all checks, one after the other |");
    println!("|---|---|---|---|---|");
    for lab in labs.iter().filter(|lab| wanted(&lab.name)) {
        Bench::new(&course, std::slice::from_ref(lab)).print(&lab.name);
    }
    if wanted("all") {
        Bench::new(&course, &labs).print(&format!("all {} at once", labs.len()));
    }
}

/// Some labs that are edited and graded together.
struct Bench<'a> {
    course: &'a Course,
    labs: &'a [Lab],
    submission: tempfile::TempDir,
}

impl Bench<'_> {
    fn new<'a>(course: &'a Course, labs: &'a [Lab]) -> Bench<'a> {
        let submission = tempfile::tempdir().expect("a directory for the submission");
        Bench { course, labs, submission }
    }

    fn print(&self, name: &str) {
        self.warm_up();
        let rounds: Vec<_> = (0..ROUNDS).map(|round| self.round(round)).collect();
        let verdict = median(rounds.iter().map(|round| round.0));
        let bare = median(rounds.iter().map(|round| round.1));
        let ratio = verdict.as_secs_f64() / bare.as_secs_f64();
        let checks = self.checks();
        println!("| {name} | {verdict:.2?} | {bare:.2?} | {ratio:.2} | {checks:.2?} |");
    }

    /// Compiles everything once, both ways.
    fn warm_up(&self) {
        self.submit(ROUNDS);
        self.grade();
        self.stage(ROUNDS);
        self.build();
    }

    /// An edit and its verdict, the same edit and its bare build.
    fn round(&self, number: usize) -> (Duration, Duration) {
        self.submit(number);
        let verdict = timed(|| self.grade());
        self.stage(number);
        let bare = timed(|| self.build());
        (verdict, bare)
    }

    /// Writes the edited files, and no others, as an editor does.
    fn submit(&self, number: usize) {
        for lab in self.labs {
            for (path, content) in edited(self.course, lab, number) {
                let path = self.submission.path().join(&lab.name).join(path);
                if fs::read(&path).ok().as_ref() != Some(&content) {
                    fs::create_dir_all(path.parent().expect("a directory")).expect("it can be made");
                    fs::write(path, content).expect("the solution can be written");
                }
            }
        }
    }

    fn grade(&self) {
        let mut grader = Command::new(env!("CARGO_BIN_EXE_grader"));
        grader.arg("grade").args(self.labs.iter().map(|lab| &lab.name));
        grader.arg("--submission").arg(self.submission.path()).stdout(Stdio::null());
        let full_marks = grader.status().expect("the grader can be started").success();
        assert!(full_marks, "the answer has to be full marks");
    }

    fn stage(&self, number: usize) {
        let package = |lab| Package { lab, key: KEY.into(), files: edited(self.course, lab, number) };
        let packages: Vec<Package> = self.labs.iter().map(package).collect();
        let stage = Stage::open(self.course, || {}).expect("the stage is free");
        stage.write(&packages).expect("the drivers can be staged");
    }

    /// The plain compiler on what is staged, with a target directory of its own.
    fn build(&self) {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
        cargo.args(["build", "--offline", "--quiet", "--target-dir", "target/bare"]);
        for lab in self.labs {
            cargo.args(["-p".to_owned(), format!("driver-{}-{KEY}", lab.name)]);
        }
        let built = cargo.current_dir(self.course.stage_dir()).status().expect("cargo can be started");
        assert!(built.success(), "the staged drivers compile");
    }

    /// The time of all checks together, as if one came after the other.
    fn checks(&self) -> Duration {
        let candidates = self.labs.iter().map(|lab| Candidate::read(lab, self.submission.path())).collect();
        let program = Path::new(env!("CARGO_BIN_EXE_grader"));
        let level = Level::best(program);
        let supervisors = Supervisors::start(program).expect("they can be started");
        let run = |job: &Job| supervisors.run(level, job);
        let compiler = Compiler::find(PATIENCE);
        let grader = Grader { course: self.course, compiler, run: &run, progress: &|_| {} };
        let stage = Stage::open(self.course, || {}).expect("the stage is free");
        let reports = grader.grade(&stage, candidates).expect("the solutions can be graded");
        Duration::from_millis(
            reports.iter().flat_map(|report| &report.checks).map(|check| check.millis).sum(),
        )
    }
}

/// The solution of a lab, with a statement that has this number before the first one of the function that the first check
/// is about.
fn edited(course: &Course, lab: &Lab, number: usize) -> Files {
    let mut files = corpus::solution(course, lab).expect("the solution is there");
    let function = &lab.checks[0].function;
    let home = HandedOut::of(course, lab).expect("the starter can be cut").homes[function].clone();
    let content = files.get_mut(Path::new(&home)).expect("the file is there");
    let text = String::from_utf8_lossy(content);
    let name = function.rsplit("::").next().unwrap_or(function);
    let begins = [format!("fn {name}("), format!("fn {name}<")];
    let begin = begins.iter().find_map(|begin| text.find(begin)).expect("the function is there");
    let body = begin + text[begin..].find("{\n").expect("it has a body") + 2;
    *content = format!("{}let _edit = {number};\n{}", &text[..body], &text[body..]).into_bytes();
    files
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}
