//! One version of one lab, as it was written by somebody: a submission, a solution, a starter, a variant of the corpus.

use crate::course::Course;
use crate::lab::{Check, Lab};
use crate::policy;
use crate::source;
use crate::starter::{self, Files};
use crate::submission::{Refusal, read_file};
use anyhow::Result;
use std::collections::BTreeMap;
use std::path::Path;

/// What is to be graded.
#[derive(Clone)]
pub struct Candidate<'a> {
    /// The lab.
    pub lab: &'a Lab,
    /// Where it comes from: no two candidates have the same.
    pub origin: String,
    /// The lab's directory, as the student would name it: compiler messages point there.
    pub shown: String,
    /// The listed files, or why one cannot be graded.
    pub files: BTreeMap<String, Result<String, Refusal>>,
    /// Those of them that are the grader's own, in place of the student's.
    pub given: Vec<String>,
    /// What is to be checked.
    pub checks: Vec<&'a Check>,
}

impl<'a> Candidate<'a> {
    /// The lab as it lies in a directory that is laid out as `labs/` is.
    pub fn read(lab: &'a Lab, submission: &Path) -> Candidate<'a> {
        let read = |file: &String| {
            let content = read_file(submission, &format!("{}/{file}", lab.name));
            let is_lab = |refusal| match refusal {
                Refusal::NoDirectory(dir) if dir == lab.name => Refusal::NoLab,
                other => other,
            };
            (file.clone(), content.map_err(is_lab))
        };
        let origin = submission.canonicalize().unwrap_or_else(|_| submission.to_owned());
        Candidate {
            lab,
            origin: format!("{} in {}", lab.name, origin.display()),
            shown: submission.join(&lab.name).display().to_string(),
            files: lab.files.iter().map(read).collect(),
            given: Vec::new(),
            checks: lab.checks.iter().collect(),
        }
    }

    /// A version that the course itself has: the listed files are taken from `files`.
    pub fn made(lab: &'a Lab, name: &str, files: &Files) -> Candidate<'a> {
        let take = |file: &String| {
            let content = files.get(Path::new(file)).ok_or(Refusal::Missing);
            let text =
                content.and_then(|bytes| String::from_utf8(bytes.clone()).map_err(|_| Refusal::NotText(1)));
            (file.clone(), text)
        };
        Candidate {
            lab,
            origin: format!("{} as {name}", lab.name),
            shown: format!("{}: {name}", lab.name),
            files: lab.files.iter().map(take).collect(),
            given: Vec::new(),
            checks: lab.checks.iter().collect(),
        }
    }

    /// The same, with the checks cut down to those for which `wanted` holds.
    pub fn only(mut self, wanted: impl Fn(&Check) -> bool) -> Candidate<'a> {
        self.checks.retain(|check| wanted(check));
        self
    }

    /// Refuses files that reach beyond what a listed file may do.
    pub(crate) fn look_at_source(&mut self, given: &Files) {
        let forbids =
            |content: &Vec<u8>| String::from_utf8_lossy(content).contains("#![forbid(unsafe_code)]");
        let no_unsafe = given.get(Path::new("src/lib.rs")).is_some_and(forbids);
        for content in self.files.values_mut() {
            if let Ok(text) = content
                && let Err(refusal) = policy::look(text, no_unsafe)
            {
                *content = Err(refusal);
            }
        }
    }
}

/// The lab as it is handed out.
pub struct HandedOut {
    /// Its files: the given ones, and, where the solutions are at hand, the starters of those that students edit.
    pub files: Files,
    /// Which of the student's files each function belongs to.
    pub homes: BTreeMap<String, String>,
}

impl HandedOut {
    /// Cuts the lab from its solution, whatever was done to `labs/`. Where there are no solutions, `labs/` is all there
    /// is: the files that students edit are no starters then, and stay out.
    pub fn of(course: &Course, lab: &Lab) -> Result<HandedOut> {
        if course.solution_dir(&lab.name).is_dir() {
            let files = starter::starter(course, &lab.name)?;
            return Ok(HandedOut { homes: homes(lab, &files), files });
        }
        let mut files = starter::files_below(&course.labs_dir().join(&lab.name))?;
        files.retain(|path, _| !lab.files.iter().any(|file| path == Path::new(file)));
        Ok(HandedOut { files, homes: BTreeMap::new() })
    }
}

fn homes(lab: &Lab, files: &Files) -> BTreeMap<String, String> {
    let text = |file: &String| String::from_utf8_lossy(&files[Path::new(file)]).into_owned();
    let known = lab.files.iter().filter(|file| files.contains_key(Path::new(file)));
    known
        .flat_map(|file| source::functions(&text(file)).into_keys().map(|name| (name, file.clone())))
        .collect()
}
