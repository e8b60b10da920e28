//! A build that came to nothing although nothing of a submission's is at fault: what cargo and the compiler said of it.

use crate::escape;
use std::fmt;
use std::path::{Path, PathBuf};

/// What cargo tells of its progress, which is no trouble.
const PROGRESS: [&str; 9] =
    ["Adding", "Blocking", "Building", "Checking", "Compiling", "Dirty", "Finished", "Fresh", "Locking"];
/// What it warns of in the staged manifest, which is the grader's own.
const OF_MANIFEST: &str = "warning: profile package spec";

/// Why cargo made no program of a package.
#[derive(Debug)]
pub(crate) struct Trouble {
    package: String,
    stage: PathBuf,
    /// The compiler's messages on packages of the course, in colour, and then what cargo wrote.
    said: String,
}

impl Trouble {
    pub(crate) fn new(package: String, stage: &Path, errors: &[String], log: &str) -> Trouble {
        let is_news = |line: &&str| {
            let status =
                line.starts_with(' ') && PROGRESS.iter().any(|verb| line.trim_start().starts_with(verb));
            !status && !line.starts_with(OF_MANIFEST)
        };
        let news = log.lines().filter(is_news).map(str::to_owned);
        let said = errors.iter().map(|error| error.trim_end().to_owned()).chain(news);
        Trouble { package, stage: stage.to_owned(), said: said.collect::<Vec<_>>().join("\n") }
    }

    /// What was said, line by line, fit for a terminal.
    pub(crate) fn shown(&self) -> String {
        escape::coloured(self.said.trim_end())
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "cargo could not compile {}, and the submission is not the reason. No points are lost. Below is what cargo \
             says. `make doctor` says what this machine lacks. If nothing is missing, remove {} and grade again: the grader \
             makes it anew.",
            self.package,
            self.stage.display()
        )
    }
}

impl std::error::Error for Trouble {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_come_first_and_progress_is_left_out() {
        let log = "warning: profile package spec `toml` in profile `dev` did not match any packages\n   \
                   Compiling ours v0.1.0 (/t/ours)\nerror: could not compile `ours` (lib)\n";
        let trouble =
            Trouble::new("tiny".into(), Path::new("/t"), &["error[E0308]: no\n\u{1b}[2J\n".into()], log);
        assert_eq!(trouble.shown(), "error[E0308]: no\n\\u{1b}[2J\nerror: could not compile `ours` (lib)");
    }
}
