//! Functions that use what is off limits. They are compiled without their bodies, so that the file's other functions are
//! graded all the same; nothing of what is off limits is left in the program.

use super::Attempt;
use crate::check::Location;
use crate::lab::Check;
use crate::policy::Violation;
use crate::source;
use std::collections::{BTreeMap, BTreeSet};

/// What was left out of a candidate.
#[derive(Default)]
pub(super) struct Barred {
    violations: Vec<Violation>,
    /// The files without the bodies in which these are.
    pub(super) files: BTreeMap<String, String>,
    tried: bool,
}

impl Barred {
    /// Leaves nothing out any more: what is left does not compile.
    pub(super) fn give_up(&mut self) {
        *self = Barred { tried: true, ..Barred::default() };
    }
}

impl Attempt<'_> {
    /// Leaves out the functions in which violations are, where that can be done. Says whether there are any: the candidate
    /// is then to be compiled once more.
    pub(super) fn bar(&mut self, violations: &[Violation]) -> bool {
        if std::mem::replace(&mut self.barred.tried, true) {
            return false;
        }
        let mut lines: BTreeMap<&String, BTreeSet<u32>> = BTreeMap::new();
        for violation in violations {
            lines.entry(&violation.file).or_default().insert(violation.line);
        }
        let cut = |(file, lines): (&String, _)| {
            Some((file.clone(), source::without_bodies(self.text(file)?, &lines)?))
        };
        let files: BTreeMap<String, String> = lines.into_iter().filter_map(cut).collect();
        let gone = violations.iter().filter(|violation| files.contains_key(&violation.file));
        self.barred.violations = gone.cloned().collect();
        self.barred.files = files;
        !self.barred.files.is_empty()
    }

    /// Whether a violation is an import alone. What makes use of it is a violation by itself, and an import does nothing.
    pub(super) fn is_import(&self, violation: &Violation) -> bool {
        self.text(&violation.file).is_some_and(|text| source::only_imports(text, violation.line))
    }

    /// What is off limits in the function that a check is about.
    pub(super) fn barred_in(&self, check: &Check) -> Option<&Violation> {
        let file = self.file_of(check);
        self.barred.violations.iter().find(|violation| {
            violation.file == file && self.function_of(violation).as_ref() == Some(&check.function)
        })
    }

    /// What is off limits in the function that was left out at a place, and the function's name.
    pub(super) fn barred_at(&self, place: Option<&Location>) -> Option<(String, &Violation)> {
        let at = |place: &Location| self.function_at(&place.file, place.line);
        let found = self.barred.violations.iter().find(|violation| {
            place.is_none_or(|place| place.file == violation.file && at(place) == self.function_of(violation))
        })?;
        Some((self.function_of(found)?, found))
    }

    fn function_of(&self, violation: &Violation) -> Option<String> {
        self.function_at(&violation.file, violation.line)
    }

    fn function_at(&self, file: &str, line: u32) -> Option<String> {
        source::function_at(self.text(file)?, line)
    }
}
