//! Edit to verdict, against the bare compilation of the same driver after the same edit; and what the checks take.
//!
//! It prints, it does not judge: machines are noisy. The two commands take turns, so that noise meets both.

use grader::candidate::Candidate;
use grader::compile::{Compiler, PATIENCE};
use grader::course::Course;
use grader::grade::Grader;
use grader::stage::Stage;
use grader::supervisor::{self, Job};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Rounds whose median is printed.
const ROUNDS: usize = 11;

/// A lab, the file that is edited, and the function whose first line is.
const EDITS: &[(&str, &str, &str)] = &[
    ("condvar-buffer", "src/buffer.rs", "pub fn put("),
    ("semaphore-buffer", "src/buffer.rs", "pub fn put("),
    ("sockets-v1", "src/server.rs", "pub fn serve_client("),
];

fn main() {
    println!("| lab | edit to verdict | bare build | ratio | all checks, one after the other |");
    println!("|---|---|---|---|---|");
    for &(lab, file, function) in EDITS {
        let bench = Bench::new(lab, file, function);
        bench.warm_up();
        let rounds: Vec<_> = (0..ROUNDS).map(|round| bench.round(round)).collect();
        let verdict = median(rounds.iter().map(|round| round.0));
        let bare = median(rounds.iter().map(|round| round.1));
        let ratio = verdict.as_secs_f64() / bare.as_secs_f64();
        let checks = bench.checks();
        println!("| {lab} | {verdict:.2?} | {bare:.2?} | {ratio:.2} | {checks:.2?} |");
    }
}

struct Bench {
    course: Course,
    lab: &'static str,
    file: &'static str,
    function: &'static str,
    submission: tempfile::TempDir,
}

impl Bench {
    fn new(lab: &'static str, file: &'static str, function: &'static str) -> Bench {
        let course = Course::of_this_grader();
        let submission = tempfile::tempdir().expect("a directory for the submission");
        let source = course.solution_dir(lab).join("src");
        let target = submission.path().join(lab).join("src");
        fs::create_dir_all(&target).expect("the submission can be written");
        for entry in fs::read_dir(source).expect("the solution is there").flatten() {
            if entry.path().is_file() {
                fs::copy(entry.path(), target.join(entry.file_name())).expect("the solution can be copied");
            }
        }
        Bench { course, lab, file, function, submission }
    }

    /// Compiles everything once, both ways.
    fn warm_up(&self) {
        self.grade();
        self.edit_staged(ROUNDS);
        self.build();
    }

    /// An edit and its verdict, the same edit and its bare build.
    fn round(&self, number: usize) -> (Duration, Duration) {
        let edited = self.submission.path().join(self.lab).join(self.file);
        edit(&edited, self.function, number);
        let verdict = timed(|| self.grade());
        self.edit_staged(number + 2 * ROUNDS);
        let bare = timed(|| self.build());
        (verdict, bare)
    }

    fn grade(&self) {
        let mut grader = Command::new(env!("CARGO_BIN_EXE_grader"));
        grader.args(["grade", self.lab, "--submission"]).arg(self.submission.path()).stdout(Stdio::null());
        assert!(
            grader.status().expect("the grader can be started").success(),
            "the answer has to be full marks"
        );
    }

    /// The plain compiler on what is staged, with a target directory of its own.
    fn build(&self) {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
        cargo.args(["build", "--offline", "--quiet", "--target-dir", "target/bare", "-p"]);
        cargo.arg(format!("driver-{}", self.package())).current_dir(self.course.stage_dir());
        assert!(cargo.status().expect("cargo can be started").success(), "the staged driver compiles");
    }

    fn edit_staged(&self, number: usize) {
        let lab = self.course.stage_dir().join("labs").join(self.package());
        edit(&lab.join(self.file), self.function, number);
    }

    /// The name of the one package that is staged.
    fn package(&self) -> String {
        let path = self.course.stage_dir().join("Cargo.toml");
        let manifest: toml::Table = fs::read_to_string(path).expect("staged").parse().expect("a manifest");
        let member = manifest["workspace"]["members"][0].as_str().expect("a path");
        Path::new(member).file_name().expect("a name").to_string_lossy().into_owned()
    }

    /// The time of all checks together, as if one came after the other.
    fn checks(&self) -> Duration {
        let labs = self.course.select(&[self.lab.to_owned()]).expect("the lab is there");
        let candidates = labs.iter().map(|lab| Candidate::read(lab, self.submission.path())).collect();
        let run = |job: &Job| supervisor::run(Path::new(env!("CARGO_BIN_EXE_grader")), job);
        let compiler = Compiler::find(PATIENCE);
        let grader = Grader { course: &self.course, compiler, run: &run, progress: &|_| {} };
        let stage = Stage::open(&self.course, || {}).expect("the stage is free");
        let reports = grader.grade(&stage, candidates).expect("the solution can be graded");
        Duration::from_millis(reports[0].checks.iter().map(|check| check.millis).sum())
    }
}

/// Puts a statement with a number before the first one of a function.
fn edit(path: &Path, function: &str, number: usize) {
    let text = fs::read_to_string(path).expect("the file is there");
    let mut lines: Vec<&str> = text.lines().filter(|line| !line.contains("let _edit")).collect();
    let begins = lines.iter().position(|line| line.contains(function)).expect("the function is there");
    let body = begins + lines[begins..].iter().position(|line| line.ends_with('{')).expect("it has a body");
    let statement = format!("        let _edit = {number};");
    lines.insert(body + 1, &statement);
    fs::write(path, lines.join("\n")).expect("the file can be written");
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
