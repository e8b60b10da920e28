//! A panic in a driver, as part of a finding.

use crate::check::{Location, Status};
use crate::scene::Failed;

/// The files in which a panic is the student's.
const FILES: &[&str] = &["address.rs", "client.rs", "server.rs", "local.rs"];
/// The files in which it is the driver's.
const DRIVER: &[&str] = &["main.rs", "task.rs", "own.rs", "answer.rs", "channel.rs"];

const TODO: &str = "not yet implemented";

/// What a driver reported of a panic.
#[derive(Debug)]
pub(super) struct Panic {
    pub(super) message: String,
    pub(super) file: String,
    pub(super) line: u32,
}

impl Panic {
    /// The student's line; none for a panic inside a library.
    pub(super) fn location(&self) -> Option<Location> {
        let file = self.file_name();
        FILES.contains(&file).then(|| Location { file: format!("src/{file}"), line: self.line })
    }

    /// Makes the panic the cause of a failure, and what the check saw of it the consequence.
    pub(super) fn explain(&self, failed: Failed) -> Failed {
        if let Some(rest) = self.message.strip_prefix(TODO) {
            let rest = rest.trim_start_matches(": ");
            return Failed::new(Status::Todo, format!("not started: {rest}"));
        }
        if self.location().is_none() && DRIVER.contains(&self.file_name()) {
            return Failed::unchecked(format!(
                "The grader's driver could not set the stage: {}",
                self.message
            ));
        }
        let question = Some("What does this line take for granted?".to_owned());
        Failed {
            status: Status::Fail,
            summary: format!("The {}.", self.words()),
            seen: Some(failed.summary),
            question,
            ..failed
        }
    }

    fn words(&self) -> String {
        let place = self.location().map(|place| format!(" at {}, line {}", place.file, place.line));
        format!("program panicked{}: {}", place.unwrap_or_default(), self.message)
    }

    fn file_name(&self) -> &str {
        self.file.rsplit('/').next().unwrap_or(&self.file)
    }
}
