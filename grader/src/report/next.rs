//! The end of a report: the sum, what has changed, and the next thing to do.

use super::block::fact;
use super::cause::causes;
use super::{CheckReport, LabReport, LabStatus, Report, View};
use crate::check::Status;
use crate::look::{Look, STRONG, paint};

/// The last lines: the points of all labs, what has changed since the last grading, and what to do next.
pub(super) fn sum(report: &Report, look: &Look, view: &View) -> Vec<String> {
    let points = format!("{} of {} points", report.score, report.max_score);
    let open: u32 =
        all_checks(report).filter(|(_, c)| c.status == Status::Unchecked).map(|(_, c)| c.max_score).sum();
    let said = match open {
        0 if report.score == report.max_score => ": all that was asked for was seen to hold".to_owned(),
        0 => String::new(),
        _ => format!("; {open} could not be checked and stay open"),
    };
    let mut lines = vec![paint(STRONG, &points) + &said];
    lines.extend(next(report, look, view));
    lines.extend(view.change.iter().flat_map(|change| fact("changed", &change.sentence(), look)));
    lines
}

fn all_checks(report: &Report) -> impl Iterator<Item = (&LabReport, &CheckReport)> {
    report.labs.iter().flat_map(|lab| lab.checks.iter().map(move |check| (lab, check)))
}

/// What to do next: make it compile, then the first cause, then what is not begun.
fn next(report: &Report, look: &Look, view: &View) -> Vec<String> {
    let refused = |lab: &&LabReport| lab.status == LabStatus::DoesNotCompile && !lab.messages.is_empty();
    if let Some(lab) = report.labs.iter().find(refused) {
        let mut lines = fact("next", &format!("the first message about {}", lab.lab), look);
        lines.extend(grade_again(&lab.lab, look));
        return lines;
    }
    let costly = report.labs.iter().flat_map(causes).find(|cause| cause.costs() > 0);
    let costly = costly.map(|cause| (cause.lab, cause.first));
    let first = |wanted: &[Status]| all_checks(report).find(|(_, check)| wanted.contains(&check.status));
    let found = costly.or_else(|| first(&[Status::Fail, Status::Limit])).or_else(|| first(&[Status::Todo]));
    found.map(|(lab, check)| task(lab, check, look, view)).unwrap_or_default()
}

fn grade_again(name: &str, look: &Look) -> Vec<String> {
    fact("then", &format!("`make grade LAB={name}`"), look)
}

/// One check as the next thing to do.
fn task(lab: &LabReport, check: &CheckReport, look: &Look, view: &View) -> Vec<String> {
    let name = format!("{}/{}", lab.lab, check.id);
    let place = check.location.as_ref().map(|at| format!(", {}", view.place(&lab.lab, at)));
    let mut lines = fact("next", &format!("{name}{}", place.unwrap_or_default()), look);
    if lab.status != LabStatus::Todo && !check.in_messages {
        lines.extend(fact("a hint", &format!("`make hint LAB={name}`"), look));
    }
    lines.extend(grade_again(if lab.not_run > 0 { &name } else { &lab.lab }, look));
    lines
}
