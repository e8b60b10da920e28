//! Submissions written as data: an edit of a lab, graded, and what is told of it.

#![allow(dead_code, reason = "every test program compiles this file and uses its own part of it")]

pub(crate) mod targets;
pub(crate) mod traces;

use grader::candidate::Candidate;
use grader::check::Finding;
use grader::corpus::{self, Edit};
use grader::course::Course;
use grader::lab::Lab;
use grader::report::{LabReport, Report};
use grader::sandbox::Level;
use grader::starter::{self, Files};
use grader::supervisor::{Job, Supervisors};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// A submission: the lab's solution, or its starter, with edits.
#[derive(Clone, Deserialize)]
pub(crate) struct Edited {
    #[serde(default)]
    base: Base,
    file: Option<PathBuf>,
    replace: Option<String>,
    with: Option<String>,
    #[serde(default)]
    edits: Vec<Edit>,
    /// The only check that is run; all where none is named.
    pub(crate) check: Option<String>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Base {
    #[default]
    Solution,
    Starter,
}

impl Edited {
    /// The submission; `fill` has the last word on what the edits put in.
    pub(crate) fn candidate<'a>(
        &self,
        course: &Course,
        lab: &'a Lab,
        name: &str,
        fill: impl Fn(&str) -> String,
    ) -> Candidate<'a> {
        let mut files = self.base(course, lab);
        for edit in self.edits() {
            let edit = Edit { with: fill(&edit.with), ..edit };
            edit.apply(&mut files).unwrap_or_else(|error| panic!("{}: {name}: {error}", lab.name));
        }
        let candidate = Candidate::made(lab, &format!("submission that {name}"), &files);
        let Some(wanted) = &self.check else { return candidate };
        assert!(lab.check(wanted).is_some(), "{}: {name}: there is no check {wanted}", lab.name);
        candidate.only(|check| check.id == *wanted)
    }

    fn base(&self, course: &Course, lab: &Lab) -> Files {
        match self.base {
            Base::Solution => corpus::solution(course, lab).unwrap(),
            Base::Starter => starter::starter(course, &lab.name).unwrap(),
        }
    }

    /// What is put in, as it is written.
    pub(crate) fn edits(&self) -> Vec<Edit> {
        let mut edits = self.edits.clone();
        if let (Some(file), Some(replace), Some(with)) = (&self.file, &self.replace, &self.with) {
            edits.push(Edit { file: file.clone(), replace: replace.clone(), with: with.clone() });
        }
        assert!(!edits.is_empty(), "a submission has `file`, `replace` and `with`, or `edits`");
        edits
    }
}

/// Reads a list below `grader/tests`.
pub(crate) fn read<T: DeserializeOwned>(list: &str) -> BTreeMap<String, T> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(list);
    let text = std::fs::read_to_string(&path).unwrap();
    toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The grader's own program.
pub(crate) const GRADER: &str = env!("CARGO_BIN_EXE_grader");

/// The strictest level that this machine has, as in grading.
pub(crate) fn level() -> Level {
    static LEVEL: LazyLock<Level> = LazyLock::new(|| Level::best(Path::new(GRADER)));
    *LEVEL
}

/// Runs a check as the grader itself does.
pub(crate) fn supervised(job: &Job) -> Finding {
    static SUPERVISORS: LazyLock<Supervisors> =
        LazyLock::new(|| Supervisors::start(Path::new(GRADER)).unwrap());
    SUPERVISORS.run(level(), job)
}

/// The report of one lab alone.
pub(crate) fn alone(lab: LabReport, sandbox: Level) -> Report {
    Report { version: 1, seed: 1, sandbox, score: lab.score, max_score: lab.max_score, labs: vec![lab] }
}
