//! Edit to verdict, against the bare compilation of the same drivers after the same edit; and what the checks take.
//!
//! It prints, it does not judge: machines are noisy. The two commands take turns, so that noise meets both.

use grader::candidate::{Candidate, HandedOut};
use grader::compile::{Compiler, PATIENCE};
use grader::corpus;
use grader::course::Course;
use grader::grade::Grader;
use grader::lab::Lab;
use grader::stage::Stage;
use grader::supervisor::{self, Job};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Rounds whose median is printed.
const ROUNDS: usize = 11;

fn main() {
    let course = Course::of_this_grader();
    let labs = course.labs().expect("the labs' data are sound");
    println!("| lab | edit to verdict | bare build | ratio | all checks, one after the other |");
    println!("|---|---|---|---|---|");
    for lab in &labs {
        Bench::new(&course, std::slice::from_ref(lab)).print(&lab.name);
    }
    Bench::new(&course, &labs).print(&format!("all {} at once", labs.len()));
}

/// Some labs that are edited and graded together.
struct Bench<'a> {
    course: &'a Course,
    labs: &'a [Lab],
    edits: Vec<Edit>,
    submission: tempfile::TempDir,
}

/// Where a lab is edited: in the function that its first check is about.
struct Edit {
    lab: String,
    file: String,
    function: String,
}

impl Edit {
    fn of(course: &Course, lab: &Lab) -> Edit {
        let given = HandedOut::of(course, lab).expect("the starter can be cut");
        let function = &lab.checks[0].function;
        let name = function.rsplit("::").next().unwrap_or(function);
        Edit { lab: lab.name.clone(), file: given.homes[function].clone(), function: format!("fn {name}") }
    }

    /// Puts a statement with a number before the first one of the function.
    fn make(&self, labs: &Path, package: &str, number: usize) {
        let path = labs.join(package).join(&self.file);
        let text = fs::read_to_string(&path).expect("the file is there");
        let mut lines: Vec<&str> = text.lines().filter(|line| !line.contains("let _edit")).collect();
        let begins = lines.iter().position(|line| self.begins(line)).expect("the function is there");
        let body =
            begins + lines[begins..].iter().position(|line| line.ends_with('{')).expect("it has a body");
        let statement = format!("        let _edit = {number};");
        lines.insert(body + 1, &statement);
        fs::write(path, lines.join("\n")).expect("the file can be written");
    }

    fn begins(&self, line: &str) -> bool {
        line.split_once(&self.function).is_some_and(|(_, rest)| rest.starts_with(['(', '<']))
    }
}

impl Bench<'_> {
    fn new<'a>(course: &'a Course, labs: &'a [Lab]) -> Bench<'a> {
        let submission = tempfile::tempdir().expect("a directory for the submission");
        for lab in labs {
            for (path, content) in corpus::solution(course, lab).expect("the solution is there") {
                let path = submission.path().join(&lab.name).join(path);
                fs::create_dir_all(path.parent().expect("a directory")).expect("it can be made");
                fs::write(path, content).expect("the solution can be copied");
            }
        }
        let edits = labs.iter().map(|lab| Edit::of(course, lab)).collect();
        Bench { course, labs, edits, submission }
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
        self.grade();
        self.edit_staged(ROUNDS);
        self.build();
    }

    /// An edit and its verdict, the same edit and its bare build.
    fn round(&self, number: usize) -> (Duration, Duration) {
        for edit in &self.edits {
            edit.make(self.submission.path(), &edit.lab, number);
        }
        let verdict = timed(|| self.grade());
        self.edit_staged(number + 2 * ROUNDS);
        let bare = timed(|| self.build());
        (verdict, bare)
    }

    fn grade(&self) {
        let mut grader = Command::new(env!("CARGO_BIN_EXE_grader"));
        grader.arg("grade").args(self.labs.iter().map(|lab| &lab.name));
        grader.arg("--submission").arg(self.submission.path()).stdout(Stdio::null());
        let full_marks = grader.status().expect("the grader can be started").success();
        assert!(full_marks, "the answer has to be full marks");
    }

    /// The plain compiler on what is staged, with a target directory of its own.
    fn build(&self) {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
        cargo.args(["build", "--offline", "--quiet", "--target-dir", "target/bare"]);
        for package in self.packages() {
            cargo.args(["-p".to_owned(), format!("driver-{package}")]);
        }
        let built = cargo.current_dir(self.course.stage_dir()).status().expect("cargo can be started");
        assert!(built.success(), "the staged drivers compile");
    }

    fn edit_staged(&self, number: usize) {
        for (edit, package) in self.edits.iter().zip(self.packages()) {
            edit.make(&self.course.stage_dir().join("labs"), &package, number);
        }
    }

    /// The names of the packages that are staged, in the order of the labs.
    fn packages(&self) -> Vec<String> {
        let path = self.course.stage_dir().join("Cargo.toml");
        let manifest: toml::Table = fs::read_to_string(path).expect("staged").parse().expect("a manifest");
        let members = manifest["workspace"]["members"].as_array().expect("a list").iter();
        let members = members.map(|member| member.as_str().expect("a path"));
        members.filter_map(|member| member.strip_prefix("labs/")).map(str::to_owned).collect()
    }

    /// The time of all checks together, as if one came after the other.
    fn checks(&self) -> Duration {
        let candidates = self.labs.iter().map(|lab| Candidate::read(lab, self.submission.path())).collect();
        let run = |job: &Job| supervisor::run(Path::new(env!("CARGO_BIN_EXE_grader")), job);
        let compiler = Compiler::find(PATIENCE);
        let grader = Grader { course: self.course, compiler, run: &run, progress: &|_| {} };
        let stage = Stage::open(self.course, || {}).expect("the stage is free");
        let reports = grader.grade(&stage, candidates).expect("the solutions can be graded");
        Duration::from_millis(
            reports.iter().flat_map(|report| &report.checks).map(|check| check.millis).sum(),
        )
    }
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<_> = times.collect();
    times.sort();
    times[times.len() / 2]
}
