//! The end of a report: the sum, and the next thing to do.

use super::block::fact;
use super::terminal::is_told;
use super::{CheckReport, LabReport, LabStatus, Report};
use crate::check::Status;
use crate::look::{Look, STRONG, paint};

/// The last lines: the points of all labs, and what to do next.
pub(super) fn sum(report: &Report, look: &Look) -> Vec<String> {
    let points = format!("{} of {} points", report.score, report.max_score);
    let open: u32 =
        all_checks(report).filter(|(_, c)| c.status == Status::Unchecked).map(|(_, c)| c.max_score).sum();
    let said = match open {
        0 if report.score == report.max_score => ": all that was asked for was seen to hold".to_owned(),
        0 => String::new(),
        _ => format!("; {open} could not be checked and stay open"),
    };
    std::iter::once(paint(STRONG, &points) + &said).chain(next(report, look)).collect()
}

fn all_checks(report: &Report) -> impl Iterator<Item = (&LabReport, &CheckReport)> {
    report.labs.iter().flat_map(|lab| lab.checks.iter().map(move |check| (lab, check)))
}

/// What to do next: make it compile, then the first failure, then what is not begun.
fn next(report: &Report, look: &Look) -> Vec<String> {
    if let Some(lab) = report.labs.iter().find(|lab| lab.status == LabStatus::DoesNotCompile) {
        // A sentence of one line is the grader's own: a file that was not read, a declaration that was changed.
        let told = lab.messages.first().filter(|message| !message.contains('\n'));
        let first = format!("the first message of the compiler on {}", lab.lab);
        let mut lines = fact("next", told.unwrap_or(&first), look);
        lines.extend(grade_again(lab, look));
        return lines;
    }
    let first = |wanted: &[Status]| all_checks(report).find(|(_, check)| wanted.contains(&check.status));
    let found = first(&[Status::Fail, Status::Limit]).or_else(|| first(&[Status::Todo]));
    found.map(|(lab, check)| task(lab, check, look)).unwrap_or_default()
}

fn grade_again(lab: &LabReport, look: &Look) -> Vec<String> {
    fact("then", &format!("`make grade LAB={}`", lab.lab), look)
}

/// One check as the next thing to do. The headline stands here again because the end of a long report is read first.
fn task(lab: &LabReport, check: &CheckReport, look: &Look) -> Vec<String> {
    let name = format!("{}/{}", lab.lab, check.id);
    let place = check.location.as_ref().map(|at| format!(", {}:{}", at.file, at.line)).unwrap_or_default();
    let mut lines = fact("next", &format!("{name}{place}"), look);
    if lab.status != LabStatus::Todo {
        lines.extend(fact("", &check.summary, look));
    }
    if lab.status != LabStatus::Todo && !is_told(lab, check) {
        lines.extend(fact("a hint", &format!("`make hint LAB={name}`"), look));
    }
    lines.extend(grade_again(lab, look));
    lines
}
