//! `grader hint`: one hint at a time, from a nudge to nearly there.

use super::grade::{grade, known_check, submission};
use crate::candidate::Candidate;
use crate::check::Status;
use crate::cli::Hint;
use crate::course::Course;
use crate::exit_code::ExitCode;
use crate::lab::{Check, Lab};
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::path::PathBuf;

pub(crate) fn run(course: &Course, arguments: &Hint) -> Result<ExitCode> {
    let (name, id) = match arguments.part.split_once('/') {
        Some((lab, id)) => (lab, Some(id)),
        None => (arguments.part.as_str(), None),
    };
    let labs = course.select(&[name.to_owned()])?;
    let lab = &labs[0];
    let check = match id {
        Some(id) => Some(known_check(lab, id)?),
        None => first_that_does_not_pass(course, lab)?,
    };
    match check {
        Some(check) => tell(lab, check, given_so_far(course, lab, check)?),
        None => anstream::println!("{}: every check passes; there is nothing to hint at.", lab.name),
    }
    Ok(ExitCode::Full)
}

fn first_that_does_not_pass<'a>(course: &Course, lab: &'a Lab) -> Result<Option<&'a Check>> {
    let reports = grade(course, vec![Candidate::read(lab, &submission(course, None)?)])?;
    let open = reports[0].checks.iter().find(|check| check.status != Status::Pass);
    Ok(open.and_then(|open| lab.check(&open.id)))
}

fn tell(lab: &Lab, check: &Check, given: usize) {
    anstream::println!("{}/{}: {}", lab.name, check.id, check.title);
    for (number, hint) in (1..).zip(&check.hints[..given]) {
        anstream::println!("  {number}. {hint}");
    }
    match check.hints.len() - given {
        0 => anstream::println!("That was the last hint."),
        _ => anstream::println!("Ask again for the next of {} hints.", check.hints.len()),
    }
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
