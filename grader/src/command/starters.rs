//! `grader starters`

use crate::cli::Starters;
use crate::course::Course;
use crate::exit_code::ExitCode;
use crate::lab::Lab;
use crate::message;
use crate::starter;
use anyhow::Result;

pub(crate) fn run(course: &Course, arguments: &Starters) -> Result<ExitCode> {
    let labs = course.labs()?;
    if !arguments.check {
        if !arguments.force && holds_work(course, &labs)? {
            return Ok(ExitCode::Lost);
        }
        labs.iter().try_for_each(|lab| starter::write(course, &lab.name))?;
    }
    compare(course, &labs)
}

/// Whether a new cut would overwrite somebody's work; says where.
fn holds_work(course: &Course, labs: &[Lab]) -> Result<bool> {
    let mut told = Vec::new();
    for lab in labs {
        let edited = starter::edited(course, &lab.name)?;
        told.extend(edited.iter().map(|file| message::edited(file)));
        told.extend((!edited.is_empty()).then(|| message::restarts(&lab.name)));
    }
    told.iter().for_each(|sentence| anstream::eprintln!("{sentence}"));
    if !told.is_empty() {
        anstream::eprintln!("{}", message::NOTHING_CUT);
    }
    Ok(!told.is_empty())
}

fn compare(course: &Course, labs: &[Lab]) -> Result<ExitCode> {
    let mut differences = Vec::new();
    for lab in labs {
        differences.extend(starter::differences(course, &lab.name)?);
    }
    for difference in &differences {
        anstream::eprintln!("{difference}");
    }
    if differences.is_empty() {
        return Ok(ExitCode::Full);
    }
    anstream::eprintln!(
        "`grader starters` writes the starters; files without an origin are for you to delete."
    );
    Ok(ExitCode::Lost)
}
