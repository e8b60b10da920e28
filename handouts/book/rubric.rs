//! What each check of a lab is worth, as the last section of its chapter.

use grader::lab::{Check, Lab};

pub(crate) fn section(lab: &Lab) -> String {
    let rows: String = lab.checks.iter().map(|check| row(lab, check)).collect();
    format!("\n\n## The checks and their points\n\n| check | about | points |\n|---|---|--:|\n{rows}")
}

fn row(lab: &Lab, check: &Check) -> String {
    format!("| {} | `{}` | {} |\n", title(lab, check), check.function, check.points)
}

/// A link to what lies behind most failures.
fn title(lab: &Lab, check: &Check) -> String {
    match check.misconception.as_deref().and_then(|name| lab.handout(name)) {
        Some(place) => format!("[{}]({place})", check.title),
        None => check.title.clone(),
    }
}
