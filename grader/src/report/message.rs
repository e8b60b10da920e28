//! What stands before the checks of a lab.

use serde::{Deserialize, Serialize};

/// A message about a lab's files; as JSON, its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Message {
    /// A sentence of the grader's, or what the compiler shows, in colour.
    pub text: String,
    /// Who says it.
    #[serde(skip)]
    pub author: Author,
}

/// Who says something about a lab's files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Author {
    /// The grader.
    #[default]
    Grader,
    /// The compiler.
    Compiler,
}

impl Message {
    /// A sentence of the grader's.
    pub fn of_grader(text: impl Into<String>) -> Message {
        Message { text: text.into(), author: Author::Grader }
    }

    /// A message of the compiler's, as it shows it.
    pub fn of_compiler(text: impl Into<String>) -> Message {
        Message { text: text.into(), author: Author::Compiler }
    }
}
