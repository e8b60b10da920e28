//! The parts of a lab, a line each, and what there is to say of them all.

use super::block::{fact, output};
use super::cause::was_graded;
use super::extent::Parts;
use super::{CheckReport, LabReport, LabStatus, View};
use crate::check::Status;
use crate::look::{DIM, HELP, Look, STRONG, WRONG, pad, paint};
use anstyle::Style;
use unicode_width::UnicodeWidthStr;

/// The parts, as far as they are wanted.
pub(super) fn list(lab: &LabReport, parts: Parts, look: &Look, view: &View) -> Vec<String> {
    let lines = lines(lab, parts, look);
    if parts == Parts::None && !lab.checks.is_empty() {
        return lines;
    }
    let rest = rest(lab);
    match lab.status {
        LabStatus::Unchecked if lab.checks.is_empty() => fact("meaning", COULD_NOT_BE_GRADED, look),
        LabStatus::Graded => [lines, rest, searched(lab, look)].concat(),
        LabStatus::Todo => [lines, rest, begin(lab, look, view)].concat(),
        LabStatus::DoesNotCompile => [not_graded(lab, look), lines, rest].concat(),
        LabStatus::Unchecked => [lines, rest].concat(),
    }
}

const COULD_NOT_BE_GRADED: &str = "This says nothing about the program: the grader itself failed here, and the points stay \
    open. Grade once more; if it stays like this, show this text to whoever runs the course.";

fn lines(lab: &LabReport, parts: Parts, look: &Look) -> Vec<String> {
    let graded = || lab.checks.iter().filter(|check| was_graded(lab, check));
    let is_closed = |check: &&CheckReport| matches!(check.status, Status::Pass | Status::Todo);
    match parts {
        Parts::Each => {
            graded().flat_map(|check| [line(check, look), evidence(lab, check, look)].concat()).collect()
        }
        Parts::Open => {
            let open = graded().filter(|check| !is_closed(check)).flat_map(|check| line(check, look));
            open.chain(counts(graded().filter(is_closed), 0, look)).collect()
        }
        Parts::None => counts(lab.checks.iter(), lab.not_run, look).into_iter().collect(),
    }
}

/// A check with its title in full, and what it earned.
fn line(check: &CheckReport, look: &Look) -> Vec<String> {
    let (mark, style) = mark(check.status, look);
    let said = match check.status {
        Status::Pass | Status::Fail => "",
        Status::Todo => "not started  ",
        Status::Limit => "stopped  ",
        Status::Unchecked => "not checked  ",
    };
    let points = match check.status {
        Status::Unchecked => format!("{said}{} open", check.max_score),
        _ => format!("{said}{} of {}", check.score, check.max_score),
    };
    let room = look.width - points.width() - 3;
    let mut lines = look.wrap(&check.title, look.width - room);
    if let Some(first) = lines.first_mut() {
        *first = pad(first, room + 1) + &paint(style, &points);
    }
    let marks = std::iter::once(paint(style, mark)).chain(std::iter::repeat(" ".to_owned()));
    lines.into_iter().zip(marks).map(|(line, mark)| mark + " " + &line).collect()
}

fn mark(status: Status, look: &Look) -> (&'static str, Style) {
    match status {
        Status::Pass => (look.glyphs.right, HELP),
        Status::Fail | Status::Limit => (look.glyphs.wrong, WRONG),
        Status::Todo => (look.glyphs.not_begun, DIM),
        Status::Unchecked => ("?", STRONG),
    }
}

/// How many parts came to each outcome: one line, if there is any.
fn counts<'a>(checks: impl Iterator<Item = &'a CheckReport>, not_run: usize, look: &Look) -> Option<String> {
    let all: Vec<Status> = checks.map(|check| check.status).collect();
    let outcomes = [
        (Status::Pass, "passed"),
        (Status::Fail, "failed"),
        (Status::Limit, "stopped"),
        (Status::Todo, "not started"),
        (Status::Unchecked, "not checked"),
    ];
    let count = |(status, said): (Status, &str)| {
        let count = all.iter().filter(|other| **other == status).count();
        let (mark, style) = mark(status, look);
        (count > 0).then(|| format!("{} {count} {said}", paint(style, mark)))
    };
    let mut counts: Vec<String> = outcomes.into_iter().filter_map(count).collect();
    counts.extend((not_run > 0).then(|| format!("{not_run} not run")));
    (!counts.is_empty()).then(|| counts.join("   "))
}

/// What a passed check rests on: shown where it is the only one that was asked for.
fn evidence(lab: &LabReport, check: &CheckReport, look: &Look) -> Vec<String> {
    if lab.checks.len() > 1 || check.status != Status::Pass {
        return Vec::new();
    }
    let summary = look.wrap(&check.summary, 2).into_iter().map(|line| format!("  {}", paint(DIM, &line)));
    summary.chain(output(&check.output, PRINTED, look)).collect()
}

/// How many lines of what a program printed stand below a passed check.
const PRINTED: usize = 12;

/// The parts that nobody asked for.
fn rest(lab: &LabReport) -> Vec<String> {
    let said = match lab.not_run {
        0 => return Vec::new(),
        1 => "The other part of this lab was not run.".to_owned(),
        count => format!("The other {count} parts of this lab were not run."),
    };
    vec![paint(DIM, &said)]
}

/// What full marks rest on, in a sentence for all checks.
fn searched(lab: &LabReport, look: &Look) -> Vec<String> {
    let tried: u64 = lab.checks.iter().map(|check| check.schedules).sum();
    if lab.score < lab.max_score || lab.checks.len() < 2 || tried == 0 {
        return Vec::new();
    }
    let said = format!("{tried} schedules were tried, and what the lab promises holds in each of them.");
    std::iter::once(String::new()).chain(look.wrap(&said, 0).iter().map(|line| paint(DIM, line))).collect()
}

/// The first thing to do in a lab that is not begun.
fn begin(lab: &LabReport, look: &Look, view: &View) -> Vec<String> {
    let Some(first) = lab.checks.iter().find(|check| check.status == Status::Todo) else {
        return Vec::new();
    };
    let place = first.location.as_ref().map(|at| view.place(&lab.lab, at));
    let place = place.unwrap_or_else(|| "the first part".to_owned());
    let mut lines = vec![String::new()];
    lines.extend(fact("begin with", &place, look));
    lines.extend(first.source.iter().flat_map(|source| fact("", source, look)));
    lines.extend(fact("read on", &format!("handouts/src/{}.md", lab.lab), look));
    lines
}

/// How much of a lab the compiler's refusal costs.
fn not_graded(lab: &LabReport, look: &Look) -> Vec<String> {
    let lost = lab.checks.iter().filter(|check| !was_graded(lab, check)).count();
    let said = match lost {
        _ if lost == lab.checks.len() => {
            "Nothing of this lab can run before it compiles. The first message comes first.".into()
        }
        0 => return Vec::new(),
        _ => format!("{lost} of {} parts wait for this; the others were graded:", lab.checks.len()),
    };
    look.wrap(&said, 0)
}
