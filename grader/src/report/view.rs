//! What a reader wants to see of a report, and from where.

use super::Change;
use crate::check::Location;
use std::path::PathBuf;

/// What is shown of a report.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// Every block in full, however long the report gets.
    pub all: bool,
    /// The directory that holds the labs, as seen from where the command was typed; none where they lie nowhere.
    pub labs: Option<PathBuf>,
    /// What has changed since the last grading, where there was one.
    pub change: Option<Change>,
}

impl View {
    /// A place as an editor opens it.
    pub(super) fn place(&self, lab: &str, at: &Location) -> String {
        let file = match &self.labs {
            Some(labs) => labs.join(lab).join(&at.file).display().to_string(),
            None => at.file.clone(),
        };
        format!("{file}:{}", at.line)
    }
}
