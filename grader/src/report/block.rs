//! One check that gave no points, in full: what went wrong, the facts, the run, and where to read on.

use super::{CheckReport, numbered};
use crate::check::Status;
use crate::look::{DIM, HELP, Look, PLACE, STRONG, WRONG, pad, paint};
use crate::timeline::rows::Detail;
use crate::timeline::text;
use anstyle::Style;
use unicode_width::UnicodeWidthStr;

/// The column at which facts begin, right of their labels.
const FACTS: usize = text::LABEL;
/// More lines of a program's output than this are not shown.
const OUTPUT: usize = 12;
/// Before the lines of a program's output, so that nobody takes them for the grader's.
const THEIRS: &str = "  > ";

/// The block of a check.
pub(super) fn block(lab: &str, check: &CheckReport, look: &Look) -> String {
    let paragraphs = [
        vec![header(lab, check, look)],
        styled(STRONG, &check.summary, 0, look),
        facts(check, look),
        text::draw(&check.run, Detail::Slice, look).lines().map(str::to_owned).collect(),
        numbered::steps(&check.steps, look),
        output(&check.output, look),
        read_on(check, look),
    ];
    let paragraphs = paragraphs.into_iter().filter(|lines| !lines.is_empty());
    paragraphs.map(|lines| lines.join("\n") + "\n").collect::<Vec<_>>().join("\n")
}

/// A label and its lines.
pub(super) fn fact(label: &str, text: &str, look: &Look) -> Vec<String> {
    let lines = look.wrap(text, FACTS).into_iter().enumerate();
    let start = |line| {
        if line == 0 { paint(STRONG, label) + &pad("", FACTS - label.len()) } else { pad("", FACTS) }
    };
    lines.map(|(number, line)| start(number) + &line).collect()
}

/// Where to read on, as a fact.
fn read_on(check: &CheckReport, look: &Look) -> Vec<String> {
    check
        .handout
        .iter()
        .flat_map(|handout| fact("read on", &format!("handouts/src/{handout}"), look))
        .collect()
}

fn header(lab: &str, check: &CheckReport, look: &Look) -> String {
    let (said, style) = match check.status {
        Status::Pass => ("PASS", HELP),
        Status::Fail => ("FAIL", WRONG),
        Status::Todo => ("NOT STARTED", DIM),
        Status::Limit => ("STOPPED", WRONG),
        Status::Unchecked => ("NOT CHECKED", STRONG),
    };
    let points = format!("{said}  {}", points(check));
    titled(&format!("{lab}/{}", check.id), &points, style.bold(), look)
}

/// The points of a check; those of one that could not be checked are not lost.
pub(super) fn points(check: &CheckReport) -> String {
    match check.status {
        Status::Unchecked => format!("{} points open", check.max_score),
        _ => format!("{} of {} points", check.score, check.max_score),
    }
}

/// A name at the left, points at the right.
pub(super) fn titled(name: &str, points: &str, style: Style, look: &Look) -> String {
    let room = look.width - points.width();
    paint(STRONG, &pad(&look.cut(name, room - 1), room)) + &paint(style, points)
}

fn facts(check: &CheckReport, look: &Look) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(check.expected.iter().flat_map(|expected| fact("expected", expected, look)));
    lines.extend(check.seen.iter().flat_map(|seen| fact("seen", seen, look)));
    lines.extend(
        check
            .class
            .iter()
            .flat_map(|class| fact("known as", &format!("{}: {}", class.name(), class.meaning()), look)),
    );
    lines.extend(look_at(check, look));
    if check.status == Status::Unchecked {
        lines.extend(fact("meaning", NOT_YOUR_LOSS, look));
    }
    lines
}

const NOT_YOUR_LOSS: &str = "This says nothing about the program: the grader itself could not check it here. The points \
    stay open. Grade once more; if it stays like this, show this text to whoever runs the course.";

/// The place, with its line of source, and the question that the line answers.
fn look_at(check: &CheckReport, look: &Look) -> Vec<String> {
    let Some(location) = &check.location else {
        return check.question.iter().flat_map(|question| fact("look at", question, look)).collect();
    };
    let place = look.cut(&format!("{}:{}", location.file, location.line), look.width - FACTS);
    let room = look.width.saturating_sub(FACTS + place.width() + 3);
    let source = look.cut(check.source.as_deref().unwrap_or_default(), room);
    let line = paint(STRONG, "look at") + "    " + &paint(PLACE.bold(), &place) + "   " + &source;
    let question = check.question.iter().flat_map(|question| styled(Style::new(), question, FACTS, look));
    std::iter::once(line.trim_end().to_owned()).chain(question).collect()
}

/// What the program wrote: its last lines.
pub(super) fn output(output: &str, look: &Look) -> Vec<String> {
    let lines: Vec<&str> = output.lines().collect();
    let before = lines.len().saturating_sub(OUTPUT);
    let title = match before {
        0 if lines.is_empty() => return Vec::new(),
        0 => "your program printed:".to_owned(),
        _ => format!("your program printed {before} lines, and then:"),
    };
    let shown =
        lines[before..].iter().map(|line| paint(DIM, THEIRS) + &look.cut(line, look.width - THEIRS.len()));
    std::iter::once(paint(STRONG, &title)).chain(shown).collect()
}

/// Wrapped lines in a style, indented.
pub(super) fn styled(style: Style, text: &str, indent: usize, look: &Look) -> Vec<String> {
    look.wrap(text, indent).iter().map(|line| pad("", indent) + &paint(style, line)).collect()
}
