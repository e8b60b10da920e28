//! What cargo and the compiler say, line by line, as JSON.

use serde::Deserialize;
use std::path::PathBuf;

/// One line from cargo.
#[derive(Debug, Deserialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
pub(crate) enum Line {
    CompilerMessage {
        manifest_path: PathBuf,
        message: Diagnostic,
    },
    CompilerArtifact {
        manifest_path: PathBuf,
        target: Target,
        /// Whether it was there already.
        fresh: bool,
        executable: Option<PathBuf>,
        filenames: Vec<PathBuf>,
    },
    BuildFinished {},
    #[serde(other)]
    Other,
}

/// What was compiled of a package.
#[derive(Debug, Deserialize)]
pub(crate) struct Target {
    pub(crate) name: String,
    kind: Vec<String>,
}

impl Target {
    /// Whether it is compiled only in order to compile the rest of its package.
    pub(crate) fn is_build_script(&self) -> bool {
        self.kind.iter().any(|kind| kind == "custom-build")
    }
}

/// A message of the compiler.
#[derive(Debug, Deserialize)]
pub(crate) struct Diagnostic {
    pub(crate) message: String,
    code: Option<Code>,
    level: String,
    spans: Vec<Span>,
    children: Vec<Diagnostic>,
    pub(crate) rendered: Option<String>,
}

/// `E0308`, `clippy::disallowed_types`
#[derive(Debug, Deserialize)]
struct Code {
    code: String,
}

/// A place in the source; `expansion` leads out of the macro it is in.
#[derive(Debug, Deserialize)]
struct Span {
    file_name: String,
    line_start: u32,
    expansion: Option<Box<Expansion>>,
}

#[derive(Debug, Deserialize)]
struct Expansion {
    span: Span,
}

impl Diagnostic {
    /// Whether it keeps the crate from being compiled. The line that counts the others says nothing of its own.
    pub(crate) fn is_error(&self) -> bool {
        self.level.starts_with("error") && !self.message.starts_with("aborting due to")
    }

    /// Whether it is a warning.
    pub(crate) fn is_warning(&self) -> bool {
        self.level == "warning"
    }

    /// The lint that it comes from; empty where it comes from none.
    pub(crate) fn lint(&self) -> String {
        self.code.as_ref().map_or_else(String::new, |code| code.code.clone())
    }

    /// The places below `prefix` that it points to: path without the prefix, and line. Its own come before its notes'.
    pub(crate) fn places(&self, prefix: &str) -> Vec<(String, u32)> {
        let own = self.spans.iter().filter_map(|span| span.place(prefix));
        own.chain(self.children.iter().flat_map(|child| child.places(prefix))).collect()
    }
}

impl Span {
    fn place(&self, prefix: &str) -> Option<(String, u32)> {
        match self.file_name.strip_prefix(prefix) {
            Some(file) => Some((file.to_owned(), self.line_start)),
            None => self.expansion.as_ref()?.span.place(prefix),
        }
    }
}
