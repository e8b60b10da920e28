//! A panic in a driver, as part of a finding.

use super::explored::cut;
use crate::check::{Location, Status};
use crate::scene::Failed;
use std::path::Path;

/// Characters that a headline may have.
const HEADLINE: usize = 115;

/// How `todo!()` begins its message.
const TODO: &str = "not yet implemented";

/// What an untouched `todo!()` says is to be done, if that is what panicked with this message.
pub(super) fn left_to_do(message: &str) -> Option<&str> {
    Some(message.strip_prefix(TODO)?.trim_start_matches([':', ' ']))
}

/// What a driver reported of a panic.
#[derive(Debug)]
pub(super) struct Panic {
    pub(super) message: String,
    pub(super) file: String,
    pub(super) line: u32,
}

impl Panic {
    /// The student's line, where the lab's sources lie in `source`; none for a panic inside a library.
    ///
    /// The compiler names a file of the lab by its path in the staging workspace.
    pub(super) fn location(&self, source: &Path) -> Option<Location> {
        let file = self.file.split_once(&format!("{}/", source.file_name()?.to_str()?))?.1;
        Some(Location { file: file.to_owned(), line: self.line })
    }

    /// Whether it is the driver that could not go on.
    fn in_driver(&self) -> bool {
        self.file.contains("grader/driver")
    }

    /// Whether it is neither the student's line nor the driver's.
    pub(super) fn in_library(&self, source: &Path) -> bool {
        self.location(source).is_none() && !self.in_driver()
    }

    /// What it said.
    pub(super) fn sentence(&self) -> String {
        format!("The {}.", self.words(None))
    }

    /// Makes the panic the cause of a failure, and what the check saw of it the consequence.
    pub(super) fn explain(&self, failed: Failed, source: &Path) -> Failed {
        if let Some(rest) = left_to_do(&self.message) {
            return Failed::new(Status::Todo, format!("not started: {rest}"));
        }
        let location = self.location(source);
        if location.is_none() && self.in_driver() {
            return Failed::unchecked(format!(
                "The grader's driver could not set the stage: {}",
                self.message
            ));
        }
        let question = Some("What does this line take for granted?".into());
        Failed {
            status: Status::Fail,
            summary: cut(&format!("The {}.", self.words(location.as_ref())), HEADLINE),
            seen: Some(failed.summary),
            question,
            ..failed
        }
    }

    fn words(&self, location: Option<&Location>) -> String {
        let place = location.map(|place| format!(" at {}, line {}", place.file, place.line));
        format!("program panicked{}: {}", place.unwrap_or_default(), self.message)
    }
}
