//! A lab's data: its files, its lint policy, its checks with points, hints and words.

use anyhow::{Result, ensure};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// A lab.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lab {
    /// `condvar-buffer`; the name of its data file.
    #[serde(skip)]
    pub name: String,
    /// What the lab is about, for a heading.
    pub title: String,
    /// What the student edits, relative to the lab's directory: `src/buffer.rs`.
    pub files: Vec<String>,
    /// What the student's files must not use.
    #[serde(default)]
    pub forbid: Vec<Forbidden>,
    /// The lists of such things that several labs share: `labs/forbid/<name>.toml`.
    #[serde(default)]
    pub forbid_too: Vec<String>,
    /// What is checked.
    #[serde(rename = "check")]
    pub checks: Vec<Check>,
    /// The misunderstandings that failures point to.
    #[serde(default, rename = "misconception")]
    pub misconceptions: BTreeMap<String, Misconception>,
}

/// A list of what is off limits in several labs.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ForbidList {
    pub(crate) forbid: Vec<Forbidden>,
}

/// A type or function that is off limits, by its resolved path: however the student spells it, this is what is meant.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Forbidden {
    /// A type: `std::sync::Mutex`.
    Type {
        /// Its path.
        #[serde(rename = "type")]
        path: String,
        /// Why, as a clause.
        reason: String,
        /// The files in which it is off limits; all where none is named.
        #[serde(default)]
        files: Vec<String>,
    },
    /// A function or method: `std::thread::sleep`.
    Method {
        /// Its path.
        #[serde(rename = "method")]
        path: String,
        /// Why, as a clause.
        reason: String,
        /// The files in which it is off limits; all where none is named.
        #[serde(default)]
        files: Vec<String>,
    },
}

impl Forbidden {
    /// The resolved path.
    pub fn path(&self) -> &str {
        match self {
            Forbidden::Type { path, .. } | Forbidden::Method { path, .. } => path,
        }
    }

    /// Whether it is off limits in a file.
    pub fn holds_in(&self, file: &str) -> bool {
        let (Forbidden::Type { files, .. } | Forbidden::Method { files, .. }) = self;
        files.is_empty() || files.iter().any(|listed| listed == file)
    }

    /// Why it is off limits.
    pub fn reason(&self) -> &str {
        match self {
            Forbidden::Type { reason, .. } | Forbidden::Method { reason, .. } => reason,
        }
    }
}

/// One property that is graded.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// `first-in-first-out`.
    pub id: String,
    /// The points it is worth; those of a lab sum to 100.
    pub points: u32,
    /// The property as a sentence.
    pub title: String,
    /// Where to point when no line is known: `fn` or `Type::fn` of the student's files.
    pub function: String,
    /// The student's files in whose place the grader gives its own for this check.
    #[serde(default)]
    pub given: Vec<String>,
    /// The misunderstanding to name when the finding names none.
    pub misconception: Option<String>,
    /// From a nudge to nearly there; never code.
    pub hints: Vec<String>,
}

/// A misunderstanding.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Misconception {
    /// Where to read on: file and anchor in the handouts.
    pub handout: String,
}

impl Lab {
    /// Reads a lab's data file and refuses one that contradicts itself.
    pub fn parse(name: &str, text: &str) -> Result<Lab> {
        let lab = Lab { name: name.to_owned(), ..toml::from_str(text)? };
        lab.validate()?;
        Ok(lab)
    }

    /// The name of the library that the student's crate becomes: `condvar_buffer`.
    pub fn crate_name(&self) -> String {
        self.name.replace('-', "_")
    }

    /// The points there are to earn.
    pub fn points(&self) -> u32 {
        self.checks.iter().map(|check| check.points).sum()
    }

    /// The check with this id.
    pub fn check(&self, id: &str) -> Option<&Check> {
        self.checks.iter().find(|check| check.id == id)
    }

    /// Where to read on about a misunderstanding.
    pub fn handout(&self, misconception: &str) -> Option<&str> {
        self.misconceptions.get(misconception).map(|entry| entry.handout.as_str())
    }

    fn validate(&self) -> Result<()> {
        ensure!(self.points() == 100, "the points of its checks sum to {}, not to 100", self.points());
        let mut ids = BTreeSet::new();
        for check in &self.checks {
            ensure!(ids.insert(&check.id), "the check {} is there twice", check.id);
            let unknown = check.given.iter().find(|file| !self.files.contains(file));
            ensure!(unknown.is_none(), "the check {} is given files that are not the student's", check.id);
            ensure!(!check.hints.is_empty(), "the check {} has no hint", check.id);
            if let Some(name) = &check.misconception {
                let known = self.misconceptions.contains_key(name);
                ensure!(known, "the check {} names the misconception {name}, which is not there", check.id);
            }
        }
        Ok(())
    }
}
