//! `grader hint`: one hint at a time, from a nudge to nearly there.

use super::Supervised;
use super::grade::grade;
use super::submission::submission;
use crate::candidate::Candidate;
use crate::check::Status;
use crate::cli::Hint;
use crate::course::Course;
use crate::exit_code::ExitCode;
use crate::lab::{Check, Lab};
use crate::message;
use crate::report::LabStatus;
use crate::sandbox::Level;
use crate::selection::{Name, known_check};
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::path::PathBuf;

pub(crate) fn run(course: &Course, demanded: Option<Level>, arguments: &Hint) -> Result<ExitCode> {
    let name = arguments.part.as_deref().map(Name::parse);
    let named: Vec<String> = name.iter().map(|name| name.lab.clone()).collect();
    let labs = course.select(&named)?;
    if let Some(id) = name.and_then(|name| name.part) {
        return tell(course, &labs[0], known_check(&labs[0], &id)?);
    }
    let supervised = Supervised::at(demanded)?;
    for lab in &labs {
        eprintln!("{}", message::grading_first(&lab.name));
        let report =
            grade(course, &supervised, vec![Candidate::read(lab, &submission(course, None, &labs)?)])?
                .remove(0);
        if !report.messages.is_empty() {
            let why = match report.status {
                LabStatus::DoesNotCompile => "it does not compile yet",
                _ => "one of its files cannot be graded yet",
            };
            anstream::println!("{}: {why}. `make grade LAB={}` says more.", lab.name, lab.name);
            return Ok(ExitCode::Full);
        }
        let open = report.checks.iter().find(|check| check.status != Status::Pass);
        if let Some(check) = open.and_then(|open| lab.check(&open.id)) {
            return tell(course, lab, check);
        }
        anstream::println!("{}: every check passes; there is nothing to hint at.", lab.name);
    }
    Ok(ExitCode::Full)
}

fn tell(course: &Course, lab: &Lab, check: &Check) -> Result<ExitCode> {
    let given = given_so_far(course, lab, check)?;
    anstream::println!("{}/{}: {}", lab.name, check.id, check.title);
    for (number, hint) in (1..).zip(&check.hints[..given]) {
        anstream::println!("  {number}. {hint}");
    }
    match check.hints.len() - given {
        0 => anstream::println!("That was the last hint."),
        _ => anstream::println!("Ask again for the next of {} hints.", check.hints.len()),
    }
    Ok(ExitCode::Full)
}

/// Counts this question, and says how many hints are to be shown.
fn given_so_far(course: &Course, lab: &Lab, check: &Check) -> Result<usize> {
    let path = memory(course);
    let text = std::fs::read(&path).unwrap_or_default();
    let mut asked: BTreeMap<String, usize> = serde_json::from_slice(&text).unwrap_or_default();
    let count = asked.entry(format!("{}/{}", lab.name, check.id)).or_default();
    *count = (*count + 1).min(check.hints.len());
    let given = *count;
    let action = || format!("cannot write {}", path.display());
    std::fs::create_dir_all(course.stage_dir()).with_context(action)?;
    std::fs::write(&path, serde_json::to_vec(&asked)?).with_context(action)?;
    Ok(given)
}

fn memory(course: &Course) -> PathBuf {
    course.stage_dir().join("hints.json")
}
