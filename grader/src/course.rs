//! The course's tree: where everything is.

use crate::exit_code::ExitCode;
use crate::lab::{ForbidList, Forbidden, Lab};
use crate::message;
use anyhow::{Context, Result, bail};
use std::io::{self, ErrorKind::NotFound};
use std::path::{Path, PathBuf};

/// The tree that holds labs, solutions and grader.
#[derive(Clone, Debug)]
pub struct Course {
    root: PathBuf,
}

impl Course {
    /// The tree that holds the current directory.
    ///
    /// # Errors
    /// Where neither that directory nor one above it is the course's.
    pub fn here() -> Result<Course> {
        let here = std::env::current_dir()
            .map_err(|error| ExitCode::Usage.because(message::no_current_directory(&error)))?;
        let found = here.ancestors().find(|root| lacks(root).is_none());
        found.map(Course::at).ok_or_else(|| ExitCode::Usage.because(message::no_course_around(&here)).into())
    }

    /// The tree that the command line names.
    ///
    /// # Errors
    /// Where there is no course.
    pub(crate) fn named(root: &Path) -> Result<Course> {
        match lacks(root) {
            None => Ok(Course::at(root)),
            Some(lack) => bail!(ExitCode::Usage.because(message::no_course_at(root, &lack))),
        }
    }

    /// The tree at `root`, unchecked.
    pub fn at(root: impl Into<PathBuf>) -> Course {
        let root = root.into();
        Course { root: root.canonicalize().unwrap_or(root) }
    }

    /// The directory at the top.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What the student edits: `labs`, or one lab in it.
    pub fn labs_dir(&self) -> PathBuf {
        self.root.join("labs")
    }

    /// The reference of a lab.
    pub(crate) fn solution_dir(&self, lab: &str) -> PathBuf {
        self.root.join("solutions").join(lab)
    }

    /// The program that is linked with a student's lab.
    pub(crate) fn driver_dir(&self, lab: &str) -> PathBuf {
        self.root.join("grader/drivers").join(lab)
    }

    /// The wrong and the unusual correct solutions of a lab.
    pub(crate) fn bugs_dir(&self, lab: &str) -> PathBuf {
        self.root.join("grader/tests/bugs").join(lab)
    }

    /// Where submissions are staged and compiled.
    pub fn stage_dir(&self) -> PathBuf {
        self.root.join("target/stage")
    }

    /// Every lab, by name.
    pub fn labs(&self) -> Result<Vec<Lab>> {
        self.lab_names()?.iter().map(|name| self.lab(name)).collect()
    }

    /// The labs of these names, in the order of the course; all of them where no name is given.
    pub fn select(&self, names: &[String]) -> Result<Vec<Lab>> {
        let known = self.lab_names()?;
        let names: Vec<String> = names.iter().map(|name| lab_name(name).to_owned()).collect();
        if let Some(unknown) = names.iter().find(|name| !known.contains(name)) {
            let sentence = message::unknown_name("there is no lab named", unknown, "the labs are", &known);
            bail!(ExitCode::Usage.because(sentence));
        }
        let wanted = known.iter().filter(|name| names.is_empty() || names.contains(name));
        wanted.map(|name| self.lab(name)).collect()
    }

    fn lab(&self, name: &str) -> Result<Lab> {
        let path = self.data_dir().join(format!("{name}.toml"));
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let mut lab = Lab::parse(name, &text)
            .with_context(|| format!("{} is not a lab's data file", path.display()))?;
        for list in &lab.forbid_too {
            lab.forbid.extend(self.forbid_list(list)?);
        }
        Ok(lab)
    }

    fn forbid_list(&self, name: &str) -> Result<Vec<Forbidden>> {
        let path = self.data_dir().join("forbid").join(format!("{name}.toml"));
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let list: ForbidList = toml::from_str(&text)
            .with_context(|| format!("{} is no list of what is off limits", path.display()))?;
        Ok(list.forbid)
    }

    fn lab_names(&self) -> Result<Vec<String>> {
        let dir = self.data_dir();
        lab_names(&dir).with_context(|| format!("cannot list {}", dir.display()))
    }

    fn data_dir(&self) -> PathBuf {
        self.root.join(DATA)
    }
}

/// The name of a lab, or of a part of it, that may be typed as a path: `pipes/` and `labs/pipes` are `pipes`.
pub(crate) fn lab_name(typed: &str) -> &str {
    let below = typed.strip_prefix("./").unwrap_or(typed);
    below.strip_prefix("labs/").unwrap_or(below).trim_end_matches('/')
}

/// Where the labs' data files lie.
const DATA: &str = "grader/labs";

/// What a directory lacks to be the course's root. A grading begins with these.
fn lacks(root: &Path) -> Option<Lack> {
    let missing = |path| Some(Lack { path, error: root.join(path).metadata().err()? });
    let labs = || match lab_names(&root.join(DATA)) {
        Ok(names) if names.is_empty() => Some(Lack { path: "grader/labs/LAB.toml", error: NotFound.into() }),
        _ => None,
    };
    ["Cargo.toml", "Cargo.lock", DATA].into_iter().find_map(missing).or_else(labs)
}

/// What is missing, and why.
pub(crate) struct Lack {
    pub(crate) path: &'static str,
    pub(crate) error: io::Error,
}

fn lab_names(dir: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            names.extend(path.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned));
        }
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::lab_name;

    #[test]
    fn a_lab_may_be_typed_as_a_path() {
        for typed in ["pipes", "pipes/", "labs/pipes", "./labs/pipes/"] {
            assert_eq!(lab_name(typed), "pipes", "{typed}");
        }
        assert_eq!(lab_name("labs/pipes/writes-all"), "pipes/writes-all");
        assert_eq!(lab_name("labs"), "labs");
    }
}
