//! The bug corpus: wrong and unusual correct variants of a lab's solution, written as edits.

use crate::class::Class;
use crate::course::Course;
use crate::lab::Lab;
use crate::starter::{Files, files_below};
use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A variant of a solution.
#[derive(Clone, Debug)]
pub struct Variant {
    /// What is wrong with it, or unusual about it, as a name.
    pub name: String,
    /// The solution's files, edited.
    pub files: Files,
    /// What has to come of it.
    pub fate: Fate,
}

/// What has to come of a variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The check `by` does not pass, and `says` these words.
    Caught {
        /// The id of a check.
        by: String,
        /// Words that the student is told.
        says: String,
        /// A part of the line that the student is sent to, where that is laid down.
        at: Option<String>,
        /// The class of the failure, where that is laid down.
        class: Option<Class>,
    },
    /// Every check passes.
    FullMarks,
}

/// A table of `wrong.toml` or `correct.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    caught_by: Option<String>,
    says: Option<String>,
    at: Option<String>,
    class: Option<Class>,
    why: Option<String>,
    file: Option<PathBuf>,
    replace: Option<String>,
    with: Option<String>,
    whole: Option<PathBuf>,
    edits: Option<Vec<Edit>>,
}

/// How a variant comes from the solution.
enum Change {
    Edits(Vec<Edit>),
    Whole { file: PathBuf, whole: PathBuf },
}

/// An edit of a lab's files.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// `src/buffer.rs`
    pub file: PathBuf,
    /// What stands in it exactly once.
    pub replace: String,
    /// What is to stand there instead.
    pub with: String,
}

/// The solution of a lab.
pub fn solution(course: &Course, lab: &Lab) -> Result<Files> {
    files_below(&course.solution_dir(&lab.name))
}

/// Every variant of a lab's solution: the wrong ones, then the correct ones.
pub fn variants(course: &Course, lab: &Lab) -> Result<Vec<Variant>> {
    let mut variants = read(course, lab, "wrong.toml", |entry| caught(entry, lab))?;
    variants.extend(read(course, lab, "correct.toml", full_marks)?);
    let mut names = BTreeSet::new();
    let again = variants.iter().find(|variant| !names.insert(&variant.name));
    ensure!(again.is_none(), "a wrong and a correct variant of {} have the same name", lab.name);
    Ok(variants)
}

fn read(
    course: &Course,
    lab: &Lab,
    list: &str,
    fate: impl Fn(&Entry) -> Result<Fate>,
) -> Result<Vec<Variant>> {
    let (solution, dir) = (solution(course, lab)?, course.bugs_dir(&lab.name));
    let path = dir.join(list);
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let entries: BTreeMap<String, Entry> =
        toml::from_str(&text).with_context(|| format!("{} is no list of variants", path.display()))?;
    let variant = |(name, entry): (String, Entry)| {
        let fate = fate(&entry).with_context(|| format!("{}: {name}", path.display()))?;
        let files = entry.change().and_then(|change| change.apply(&solution, &dir));
        let files = files.with_context(|| format!("{}: {name} cannot be made", path.display()))?;
        Ok(Variant { name, files, fate })
    };
    entries.into_iter().map(variant).collect()
}

fn caught(entry: &Entry, lab: &Lab) -> Result<Fate> {
    let (Some(by), Some(says), None) = (&entry.caught_by, &entry.says, &entry.why) else {
        bail!("a wrong variant has `caught_by` and `says`, and no `why`");
    };
    ensure!(lab.check(by).is_some(), "there is no check {by}");
    Ok(Fate::Caught { by: by.clone(), says: says.clone(), at: entry.at.clone(), class: entry.class })
}

fn full_marks(entry: &Entry) -> Result<Fate> {
    match (&entry.why, &entry.caught_by, &entry.says, &entry.at, entry.class) {
        (Some(_), None, None, None, None) => Ok(Fate::FullMarks),
        _ => bail!("a correct variant has `why`, and none of `caught_by`, `says`, `at` and `class`"),
    }
}

impl Entry {
    fn change(self) -> Result<Change> {
        match (self.file, self.replace, self.with, self.whole, self.edits) {
            (Some(file), Some(replace), Some(with), None, None) => {
                Ok(Change::Edits(vec![Edit { file, replace, with }]))
            }
            (None, None, None, None, Some(edits)) => Ok(Change::Edits(edits)),
            (Some(file), None, None, Some(whole), None) => Ok(Change::Whole { file, whole }),
            _ => bail!("it needs `file`, `replace` and `with`, or `edits`, or `file` and `whole`"),
        }
    }
}

impl Change {
    fn apply(&self, solution: &Files, dir: &Path) -> Result<Files> {
        let mut files = solution.clone();
        match self {
            Change::Edits(edits) => edits.iter().try_for_each(|edit| edit.apply(&mut files))?,
            Change::Whole { file, whole } => {
                let path = dir.join(whole);
                let content =
                    std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
                ensure!(files.contains_key(file), "the solution has no {}", file.display());
                files.insert(file.clone(), content);
            }
        }
        Ok(files)
    }
}

impl Edit {
    /// Makes the edit.
    ///
    /// # Errors
    /// Where there is no such file, or what is to be replaced is not there exactly once.
    pub fn apply(&self, files: &mut Files) -> Result<()> {
        let Some(content) = files.get_mut(&self.file) else { bail!("there is no {}", self.file.display()) };
        let text =
            std::str::from_utf8(content).with_context(|| format!("{} is not text", self.file.display()))?;
        let count = text.matches(&self.replace).count();
        ensure!(count == 1, "{} has {count} times {:?}, not once", self.file.display(), self.replace);
        *content = text.replace(&self.replace, &self.with).into_bytes();
        Ok(())
    }
}
