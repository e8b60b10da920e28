//! An expectation that did not hold.

use crate::check::{Location, Status};
use nix::errno::Errno;

/// Why a check's body ended early. The step that failed is already recorded in the scene.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// `Fail`, `Limit`, `Todo` or `Unchecked`.
    pub status: Status,
    /// One sentence: what went wrong, or was seen.
    pub summary: String,
    /// What the contract promises here.
    pub expected: Option<String>,
    /// What was observed.
    pub seen: Option<String>,
    /// The error number of a call for which the student's function gave up, where that is what was observed.
    pub errno: Option<Errno>,
    /// A question that the right line answers.
    pub question: Option<Box<str>>,
    /// The misunderstanding behind it: an entry of the lab's data file.
    pub misconception: Option<Box<str>>,
    /// The line to look at, where the evidence names one.
    pub place: Option<Box<Location>>,
}

impl Failed {
    /// A failure of a status, in one sentence.
    pub fn new(status: Status, summary: impl Into<String>) -> Failed {
        Failed {
            status,
            summary: summary.into(),
            expected: None,
            seen: None,
            errno: None,
            question: None,
            misconception: None,
            place: None,
        }
    }

    /// The student's program is wrong, in one sentence.
    pub fn wrong(summary: impl Into<String>) -> Failed {
        Failed::new(Status::Fail, summary)
    }

    /// The grader could not check, and why.
    pub fn unchecked(summary: impl Into<String>) -> Failed {
        Failed::new(Status::Unchecked, summary)
    }
}

/// Gives a failed expectation the check's own words: `scene.expect_end(client).or_say("…").misconception("…")?`.
/// Limits and `unchecked` keep their headline, since it names what ended the run.
pub trait Explain: Sized {
    /// Replaces the headline of a `Fail`; what the headline was becomes `seen`, where nothing is there yet.
    fn or_say(self, headline: &str) -> Self;
    /// Says what the contract promises here.
    fn expected(self, promise: &str) -> Self;
    /// Asks the question that the right line answers.
    fn ask(self, question: &str) -> Self;
    /// Names the misunderstanding.
    fn misconception(self, name: &str) -> Self;
    /// Names the line to look at, where one is known.
    fn at(self, place: impl FnOnce() -> Option<Location>) -> Self;
}

impl Explain for Failed {
    fn or_say(mut self, headline: &str) -> Failed {
        if self.status == Status::Fail {
            let general = std::mem::replace(&mut self.summary, headline.to_owned());
            self.seen.get_or_insert(general);
        }
        self
    }

    fn expected(self, promise: &str) -> Failed {
        Failed { expected: Some(promise.to_owned()), ..self }
    }

    fn ask(self, question: &str) -> Failed {
        Failed { question: Some(question.into()), ..self }
    }

    fn misconception(self, name: &str) -> Failed {
        Failed { misconception: Some(name.into()), ..self }
    }

    fn at(self, place: impl FnOnce() -> Option<Location>) -> Failed {
        Failed { place: place().map(Box::new).or(self.place), ..self }
    }
}

impl<T> Explain for Result<T, Failed> {
    fn or_say(self, headline: &str) -> Self {
        self.map_err(|failed| failed.or_say(headline))
    }

    fn expected(self, promise: &str) -> Self {
        self.map_err(|failed| failed.expected(promise))
    }

    fn ask(self, question: &str) -> Self {
        self.map_err(|failed| failed.ask(question))
    }

    fn misconception(self, name: &str) -> Self {
        self.map_err(|failed| failed.misconception(name))
    }

    fn at(self, place: impl FnOnce() -> Option<Location>) -> Self {
        self.map_err(|failed| failed.at(place))
    }
}
