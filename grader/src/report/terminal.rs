//! A grading as text, for people: lab by lab what holds and what does not, then every failure in full, then the sum and
//! the next thing to do.

use super::block::{block, fact, output, points, titled};
use super::next::sum;
use super::{CheckReport, LabReport, LabStatus, Report};
use crate::check::Status;
use crate::escape;
use crate::look::{DIM, HELP, Look, STRONG, WRONG, pad, paint};
use std::io::Write;
use unicode_width::UnicodeWidthStr;

/// Prints a report to standard output, with colours where they are wanted and understood.
pub fn print(report: &Report) -> std::io::Result<()> {
    anstream::stdout().write_all(render(report, &Look::of_stdout()).as_bytes())
}

/// The report as text with colours.
pub fn render(report: &Report, look: &Look) -> String {
    let mut text: String = report.labs.iter().map(|lab| render_lab(lab, look)).collect();
    text += &rule(look.glyphs.heavy_rule, look);
    for line in sum(report, look) {
        text += &(line + "\n");
    }
    text
}

/// One lab: header, what the compiler said, a line per check, and the failures in full.
pub fn render_lab(lab: &LabReport, look: &Look) -> String {
    let mut text = rule(look.glyphs.heavy_rule, look) + &header(lab, look) + "\n";
    for message in &lab.messages {
        let ours = !message.contains('\n');
        let shown =
            if ours { look.wrap(message, 0).join("\n") } else { escape::coloured(message.trim_end()) };
        text += &format!("\n{shown}\n");
    }
    text += "\n";
    for line in checks(lab, look) {
        text += &(line + "\n");
    }
    text += "\n";
    for group in failures(lab) {
        text += &failure(lab, &group, look);
    }
    text
}

fn rule(glyph: &str, look: &Look) -> String {
    paint(DIM, &glyph.repeat(look.width)) + "\n"
}

fn header(lab: &LabReport, look: &Look) -> String {
    let (said, style) = match lab.status {
        LabStatus::Graded if lab.score == lab.max_score => ("", HELP),
        LabStatus::Graded => ("", STRONG),
        LabStatus::Todo => ("not started  ", DIM),
        LabStatus::DoesNotCompile => ("does not compile  ", WRONG),
        LabStatus::Unchecked => ("could not be graded  ", STRONG),
    };
    let points = format!("{said}{} of {} points", lab.score, lab.max_score);
    titled(&lab.lab, &points, style.bold(), look)
}

/// A line per check, and what there is to say of them all.
fn checks(lab: &LabReport, look: &Look) -> Vec<String> {
    let shown = lab.checks.iter().filter(|check| was_graded(lab, check));
    let lines = shown.flat_map(|check| line(check, look).into_iter().chain(evidence(lab, check, look)));
    match lab.status {
        LabStatus::Graded => lines.chain(searched(lab, look)).collect(),
        LabStatus::Todo => lines.chain(begin(lab, look)).collect(),
        LabStatus::DoesNotCompile => not_graded(lab, look).into_iter().chain(lines).collect(),
        LabStatus::Unchecked if lab.checks.is_empty() => fact("meaning", COULD_NOT_BE_GRADED, look),
        LabStatus::Unchecked => lines.collect(),
    }
}

/// Whether a check came to an outcome of its own, and not to that of a file that does not compile.
fn was_graded(lab: &LabReport, check: &CheckReport) -> bool {
    let failed = matches!(check.status, Status::Fail | Status::Limit);
    lab.status != LabStatus::DoesNotCompile || !failed || has_evidence(check)
}

/// What a passed check rests on: shown where it is the only one that was asked for.
fn evidence(lab: &LabReport, check: &CheckReport, look: &Look) -> Vec<String> {
    if lab.checks.len() > 1 || check.status != Status::Pass {
        return Vec::new();
    }
    let summary = look.wrap(&check.summary, 2).into_iter().map(|line| format!("  {}", paint(DIM, &line)));
    summary.chain(output(&check.output, look)).collect()
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

const COULD_NOT_BE_GRADED: &str = "This says nothing about the program: the grader itself failed here, and the points stay \
    open. Grade once more; if it stays like this, show this text to whoever runs the course.";

/// A check with its title in full, and what it earned.
fn line(check: &CheckReport, look: &Look) -> Vec<String> {
    let (mark, said, style) = match check.status {
        Status::Pass => (look.glyphs.right, "", HELP),
        Status::Fail => (look.glyphs.wrong, "", WRONG),
        Status::Todo => (look.glyphs.not_begun, "not started  ", DIM),
        Status::Limit => (look.glyphs.wrong, "stopped  ", WRONG),
        Status::Unchecked => ("?", "not checked  ", STRONG),
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

/// The first thing to do in a lab that is not begun.
fn begin(lab: &LabReport, look: &Look) -> Vec<String> {
    let Some(first) = lab.checks.iter().find(|check| check.status == Status::Todo) else {
        return Vec::new();
    };
    let task = first.summary.trim_start_matches("not started: ");
    let mut lines = vec![String::new()];
    let place = first.location.as_ref().map(|at| format!("{}:{}", at.file, at.line));
    let place = place.unwrap_or_else(|| "the first part".to_owned());
    lines.extend(fact("begin with", &format!("{place}: {task}"), look));
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

/// The checks to show in full, those with the same cause together.
fn failures(lab: &LabReport) -> Vec<Vec<&CheckReport>> {
    let mut groups: Vec<Vec<&CheckReport>> = Vec::new();
    for check in lab.checks.iter().filter(|check| is_shown(lab, check)) {
        match groups.iter_mut().find(|group| same_cause(group[0], check)) {
            Some(group) => group.push(check),
            None => groups.push(vec![check]),
        }
    }
    groups
}

/// Whether there is more to say of a check than its line does, and than what stands above all lines.
fn is_shown(lab: &LabReport, check: &CheckReport) -> bool {
    matches!(check.status, Status::Fail | Status::Limit | Status::Unchecked)
        && was_graded(lab, check)
        && !is_told(lab, check)
}

/// Whether what is wrong stands above all lines: a file that was refused.
pub(super) fn is_told(lab: &LabReport, check: &CheckReport) -> bool {
    !check.summary.is_empty() && lab.messages.iter().any(|message| message.ends_with(&check.summary))
}

fn has_evidence(check: &CheckReport) -> bool {
    check.location.is_some()
        || check.seen.is_some()
        || !check.steps.is_empty()
        || !check.run.events.is_empty()
}

/// Whether two checks failed for one reason: at one place, and in the same words, threads and items aside.
fn same_cause(one: &CheckReport, other: &CheckReport) -> bool {
    let names = |c: &char| c.is_ascii_digit() || matches!(c, 'C' | 'P' | 'T');
    let words = |check: &CheckReport| check.summary.chars().filter(|c| !names(c)).collect::<String>();
    one.status == other.status && one.location == other.location && words(one) == words(other)
}

/// The label of checks that failed for a reason already told.
const SAME_CAUSE: &str = "same cause ";

fn failure(lab: &LabReport, group: &[&CheckReport], look: &Look) -> String {
    let mut text = rule(look.glyphs.rule, look) + &block(&lab.lab, group[0], look);
    if group.len() > 1 {
        text += "\n";
    }
    for check in &group[1..] {
        let points = points(check);
        let room = look.width - SAME_CAUSE.len() - points.width();
        let name = pad(&look.cut(&format!("{}/{}", lab.lab, check.id), room - 1), room);
        text += &format!("{}{name}{points}\n", paint(STRONG, SAME_CAUSE));
    }
    text + "\n"
}
