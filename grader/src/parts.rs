//! A candidate in parts: as it is, and once more for each set of files that the grader gives in place of the student's.
//!
//! What is built on a file with a mistake in it can be sound. A check says in its data which files are given to it; the
//! checks that agree in that are graded together, as a candidate of their own, and the reports are put together again.

use crate::candidate::Candidate;
use crate::course::Course;
use crate::lab::Lab;
use crate::message;
use crate::report::{LabReport, LabStatus, Message};
use anyhow::{Context, Result};
use std::collections::BTreeSet;

impl Candidate<'_> {
    /// How many parts it has: so often it is compiled.
    pub(crate) fn parts(&self) -> usize {
        let given: BTreeSet<_> = self.checks.iter().map(|check| &check.given).collect();
        given.len().max(1)
    }
}

/// The parts of a candidate that have something to check; the candidate itself where nothing is to be checked at all.
pub(crate) fn split<'a>(course: &Course, candidate: Candidate<'a>) -> Result<Vec<Candidate<'a>>> {
    let mut parts: Vec<Candidate> = Vec::new();
    for check in &candidate.checks {
        match parts.iter_mut().find(|part| part.given == check.given) {
            Some(part) => part.checks.push(check),
            None => {
                let part = with_given(course, &candidate, &check.given)?;
                parts.push(Candidate { checks: vec![check], ..part });
            }
        }
    }
    if parts.is_empty() {
        parts.push(candidate);
    }
    Ok(parts)
}

fn with_given<'a>(course: &Course, candidate: &Candidate<'a>, given: &[String]) -> Result<Candidate<'a>> {
    let mut part = Candidate { given: given.to_owned(), ..candidate.clone() };
    for file in given {
        let path = course.driver_dir(&candidate.lab.name).join("given").join(file);
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        part.files.insert(file.clone(), Ok(text));
        part.origin = format!("{} with the given {file}", part.origin);
    }
    Ok(part)
}

/// The report on a candidate, from those on its parts and the files given to each.
pub(crate) fn join(lab: &Lab, parts: Vec<(Vec<String>, LabReport)>) -> LabReport {
    let mut parts = parts.into_iter();
    let (_, mut joined) = parts.next().expect("a candidate has a part");
    for (given, part) in parts {
        joined.score += part.score;
        joined.max_score += part.max_score;
        joined.status = joint_status(joined.status, part.status);
        joined.checks.extend(part.checks);
        let mut warnings = part.warnings;
        warnings.retain(|warning| !joined.warnings.contains(warning));
        joined.warnings.extend(warnings);
        let mut more = part.messages;
        more.retain(|message| !joined.messages.contains(message));
        if !more.is_empty() {
            joined.messages.push(Message::of_grader(message::with_given(&given)));
            joined.messages.extend(more);
        }
    }
    let place = |id: &str| lab.checks.iter().position(|check| check.id == id);
    joined.checks.sort_by_key(|check| place(&check.id));
    joined.not_run = lab.checks.len() - joined.checks.len();
    joined
}

fn joint_status(one: LabStatus, other: LabStatus) -> LabStatus {
    match (one, other) {
        (LabStatus::DoesNotCompile, _) | (_, LabStatus::DoesNotCompile) => LabStatus::DoesNotCompile,
        (one, other) if one == other => one,
        _ => LabStatus::Graded,
    }
}
