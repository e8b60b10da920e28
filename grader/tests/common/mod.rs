//! A course of one tiny lab in a directory of its own, and a grader for it that needs no supervisor.

#![allow(dead_code, reason = "every test program compiles this file and uses its own part of it")]

use grader::candidate::Candidate;
use grader::check::{Finding, Status};
use grader::compile::{Compiler, PATIENCE};
use grader::course::Course;
use grader::grade::Grader;
use grader::lab::Lab;
use grader::report::{CheckReport, LabReport};
use grader::stage::Stage;
use grader::starter;
use grader::supervisor::Job;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// The tiny course, and room for submissions beside it.
pub(crate) struct Tiny {
    pub(crate) dir: TempDir,
    pub(crate) course: Course,
    pub(crate) lab: Lab,
}

impl Tiny {
    /// With its starter written to `labs/tiny`.
    pub(crate) fn new() -> Tiny {
        let dir = TempDir::new().unwrap();
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tiny-course"), dir.path());
        let course = Course::at(dir.path());
        starter::write(&course, "tiny").unwrap();
        let lab = course.labs().unwrap().remove(0);
        Tiny { dir, course, lab }
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    /// Lets the driver depend on a package of the course's own with this text, and judge the left one by this expression.
    pub(crate) fn depend_on_helper(&self, text: &str, left_is_right: &str) {
        fs::create_dir_all(self.path("helper/src")).unwrap();
        let manifest = "[package]\nname = \"helper\"\nedition = \"2024\"\n";
        fs::write(self.path("helper/Cargo.toml"), manifest).unwrap();
        fs::write(self.path("helper/src/lib.rs"), text).unwrap();
        let dependencies = "[workspace.dependencies]";
        edit(
            &self.path("Cargo.toml"),
            dependencies,
            &format!("{dependencies}\nhelper = {{ path = \"helper\" }}"),
        );
        edit(&self.path("grader/drivers/tiny/src/main.rs"), "tiny::left() == 1", left_is_right);
    }

    /// A submission that holds the solution.
    pub(crate) fn solved(&self, name: &str) -> Submission {
        let dir = self.path(name);
        copy(&self.path("solutions/tiny"), &dir.join("tiny"));
        Submission { dir }
    }

    pub(crate) fn grade(&self, submission: &Submission) -> LabReport {
        self.grade_with(submission, Compiler::find(PATIENCE).for_many())
    }

    pub(crate) fn grade_with(&self, submission: &Submission, compiler: Compiler) -> LabReport {
        self.grade_on(&Stage::open(&self.course, || {}).unwrap(), submission, compiler)
    }

    pub(crate) fn grade_on(&self, stage: &Stage, submission: &Submission, compiler: Compiler) -> LabReport {
        let grader = Grader { course: &self.course, compiler, run: &fake, progress: &|_| {} };
        grader.grade(stage, vec![Candidate::read(&self.lab, &submission.dir)]).unwrap().remove(0)
    }
}

/// A directory laid out as `labs/` is.
pub(crate) struct Submission {
    pub(crate) dir: PathBuf,
}

impl Submission {
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.dir.join("tiny/src").join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.file(name), content).unwrap();
    }

    pub(crate) fn remove(&self, name: &str) {
        fs::remove_file(self.file(name)).unwrap();
    }
}

/// Stands in for the supervised check: what the driver prints decides.
pub(crate) fn fake(job: &Job) -> Finding {
    let output = Command::new(&job.driver).arg(&job.check).output().unwrap();
    let (printed, panicked) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    match (printed.trim(), panicked.contains("not yet implemented")) {
        ("true", _) => Finding::new(Status::Pass, "It printed true."),
        (_, true) => Finding::new(Status::Todo, "not started"),
        (other, false) => Finding::new(Status::Fail, format!("It printed {other}.")),
    }
}

pub(crate) fn check<'a>(report: &'a LabReport, id: &str) -> &'a CheckReport {
    report.checks.iter().find(|check| check.id == id).unwrap()
}

/// Replaces a text in a file.
pub(crate) fn edit(path: &Path, old: &str, new: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(old), "{} has no {old}", path.display());
    fs::write(path, text.replace(old, new)).unwrap();
}

pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target)
        } else {
            fs::write(target, fs::read(&path).unwrap()).unwrap()
        }
    }
}

/// Whether a text holds nothing but what is seen, line ends, and colours: a terminal can be shown it.
pub(crate) fn is_plain_text(shown: &str) -> bool {
    let seen = |part: &str| part.chars().all(|c| c == '\n' || !c.is_control());
    let without_colour = |part: &str| {
        let rest = part.strip_prefix('[')?.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
        Some(seen(rest.strip_prefix('m')?))
    };
    let mut parts = shown.split('\u{1b}');
    parts.next().is_some_and(seen) && parts.all(|part| without_colour(part) == Some(true))
}
