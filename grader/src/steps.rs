//! The steps of a scripted run: every action and expectation of the grader's clients, as recorded sentences.

use serde::{Deserialize, Serialize};

/// One numbered step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Who acts: `client 1`, `grader`, `server`.
    pub actor: String,
    /// What was done, or what was expected: `sends 5 bytes: "hello"`, `expects the same 5 bytes back`.
    pub sentence: String,
    /// Whether the step came out as it had to.
    pub holds: bool,
    /// Lines below the sentence: what came instead, a comparison of bytes, who is blocked where.
    pub details: Vec<String>,
}
