//! `grader starters`

use crate::cli::Starters;
use crate::course::Course;
use crate::exit_code::ExitCode;
use crate::starter;
use anyhow::Result;

pub(crate) fn run(course: &Course, arguments: &Starters) -> Result<ExitCode> {
    let mut differences = Vec::new();
    for lab in course.labs()? {
        if !arguments.check {
            starter::write(course, &lab.name)?;
        }
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
