//! Phrases that several diagnoses share.

use super::Words;
use super::run::Run;
use std::fmt::Display;

/// " in line 24", or nothing where the line is not the student's.
pub(in crate::checks) fn in_line<L: Words>(run: &Run<L>, index: usize) -> String {
    let place = run.event(index).place.as_ref().and_then(|place| run.sources.location(place));
    place.map_or(String::new(), |place| format!(" in line {}", place.line))
}

/// A sentence cut to what a headline may have.
pub(in crate::checks) fn cut(text: &str, most: usize) -> String {
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= most {
        return line.to_owned();
    }
    let kept: String = line.chars().take(most - 1).collect();
    format!("{}…", kept.trim_end())
}

/// A call as sentences name it, or these words where there is none.
pub(in crate::checks) fn or(call: Option<impl Display>, words: &str) -> String {
    call.map_or_else(|| words.to_owned(), |call| call.to_string())
}
