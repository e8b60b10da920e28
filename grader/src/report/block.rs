//! One cause of lost points: what went wrong, the facts, the run, where to read on, and what else it costs.

use super::cause::Cause;
use super::{CheckReport, View, numbered};
use crate::check::Status;
use crate::look::{DIM, HELP, Look, PLACE, STRONG, WRONG, pad, paint};
use crate::timeline::rows::{Detail, Room};
use crate::timeline::text;
use anstyle::Style;
use unicode_width::UnicodeWidthStr;

/// The column at which facts begin, right of their labels.
const FACTS: usize = text::LABEL;
/// Before the lines of a program's output, so that nobody takes them for the grader's.
const THEIRS: &str = "  > ";

/// How much room the pieces of a block have.
#[derive(Clone, Copy)]
struct Size {
    /// Lines of a headline, or of a fact.
    text: usize,
    /// The picture.
    picture: Room,
    /// Lines below a step that failed.
    details: usize,
    /// Steps up to one that failed.
    steps: usize,
    /// Lines of what the program printed.
    output: usize,
    /// Other checks that failed for the same cause.
    others: usize,
}

/// Everything there is.
const FULL: Size = Size {
    text: usize::MAX,
    picture: Room { steps: usize::MAX, endings: usize::MAX, lines: usize::MAX },
    details: usize::MAX,
    steps: 8,
    output: 12,
    others: usize::MAX,
};

/// A piece of a block that can be cut.
#[derive(Clone, Copy)]
enum Piece {
    Text,
    Rows,
    Endings,
    Sentences,
    Details,
    Steps,
    Output,
    Others,
}

/// What is cut, one after the other, until a block is short enough: least what tells most.
const CUTS: [(Piece, usize); 45] = {
    use Piece::*;
    [
        (Others, 6),
        (Details, 10),
        (Endings, 6),
        (Text, 4),
        (Output, 6),
        (Others, 4),
        (Sentences, 4),
        (Rows, 14),
        (Rows, 12),
        (Details, 6),
        (Steps, 6),
        (Output, 4),
        (Others, 3),
        (Endings, 4),
        (Rows, 11),
        (Rows, 10),
        (Text, 3),
        (Sentences, 3),
        (Details, 5),
        (Output, 3),
        (Others, 2),
        (Rows, 9),
        (Rows, 8),
        (Steps, 5),
        (Details, 4),
        (Endings, 3),
        (Text, 2),
        (Rows, 7),
        (Rows, 6),
        (Output, 2),
        (Others, 1),
        (Sentences, 2),
        (Steps, 4),
        (Details, 3),
        (Rows, 5),
        (Endings, 2),
        (Steps, 3),
        (Details, 2),
        (Output, 0),
        (Rows, 4),
        (Rows, 3),
        (Sentences, 1),
        (Endings, 1),
        (Text, 1),
        (Rows, 1),
    ]
};

impl Size {
    fn cut(&mut self, (piece, to): (Piece, usize)) {
        let room = match piece {
            Piece::Text => &mut self.text,
            Piece::Rows => &mut self.picture.steps,
            Piece::Endings => &mut self.picture.endings,
            Piece::Sentences => &mut self.picture.lines,
            Piece::Details => &mut self.details,
            Piece::Steps => &mut self.steps,
            Piece::Output => &mut self.output,
            Piece::Others => &mut self.others,
        };
        *room = to.min(*room);
    }
}

/// The block of a cause, of at most so many lines where there is a limit.
pub(super) fn block(cause: &Cause, most: Option<usize>, look: &Look, view: &View) -> Vec<String> {
    let Some(most) = most else {
        return sized(cause, None, look, view);
    };
    let draft = |cuts: usize| {
        let mut size = FULL;
        CUTS[..cuts].iter().for_each(|cut| size.cut(*cut));
        sized(cause, Some(size), look, view)
    };
    let all: Vec<usize> = (0..=CUTS.len()).collect();
    let needed = all.partition_point(|cuts| draft(*cuts).len() > most);
    draft(needed.min(CUTS.len()))
}

/// In full where no size is given.
fn sized(cause: &Cause, size: Option<Size>, look: &Look, view: &View) -> Vec<String> {
    let (lab, check) = (cause.lab.lab.as_str(), cause.first);
    let detail = size.map_or(Detail::Slice, |size| Detail::Brief(size.picture));
    let size = size.unwrap_or(FULL);
    let paragraphs = [
        vec![header(lab, check, look)],
        styled(STRONG, &look.wrap_to(&check.summary, 0, size.text), 0),
        facts(lab, check, size.text, look, view),
        text::draw(&check.run, detail, look).lines().map(str::to_owned).collect(),
        numbered::steps(check, size.steps, size.details, look),
        output(&check.output, size.output, look),
        read_on(check, look),
        others(cause, size.others, look),
    ];
    let paragraphs: Vec<_> = paragraphs.into_iter().filter(|lines| !lines.is_empty()).collect();
    paragraphs.join(&String::new())
}

/// A label and its lines.
pub(super) fn fact(label: &str, text: &str, look: &Look) -> Vec<String> {
    labelled(label, look.wrap(text, FACTS))
}

/// The same, in at most so many lines.
pub(super) fn short_fact(label: &str, text: &str, most: usize, look: &Look) -> Vec<String> {
    labelled(label, look.wrap_to(text, FACTS, most))
}

fn labelled(label: &str, lines: Vec<String>) -> Vec<String> {
    let start = |line| {
        if line == 0 { paint(STRONG, label) + &pad("", FACTS - label.len()) } else { pad("", FACTS) }
    };
    lines.into_iter().enumerate().map(|(number, line)| start(number) + &line).collect()
}

/// Where to read on, as a fact.
fn read_on(check: &CheckReport, look: &Look) -> Vec<String> {
    let handout = check.handout.iter().map(|handout| format!("handouts/src/{handout}"));
    handout.flat_map(|handout| short_fact("read on", &handout, 1, look)).collect()
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
fn points(check: &CheckReport) -> String {
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

fn facts(lab: &str, check: &CheckReport, most: usize, look: &Look, view: &View) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(check.expected.iter().flat_map(|expected| short_fact("expected", expected, most, look)));
    lines.extend(check.seen.iter().flat_map(|seen| short_fact("seen", seen, most, look)));
    let class = check.class.map(|class| format!("{}: {}", class.name(), class.meaning()));
    lines.extend(class.iter().flat_map(|class| short_fact("known as", class, most, look)));
    lines.extend(look_at(lab, check, most, look, view));
    if check.status == Status::Unchecked {
        lines.extend(fact("meaning", NOT_YOUR_LOSS, look));
    }
    lines
}

const NOT_YOUR_LOSS: &str = "This says nothing about the program: the grader itself could not check it here. The points \
    stay open. Grade once more; if it stays like this, show this text to whoever runs the course.";

/// The place, with its line of source, and the question that the line answers.
fn look_at(lab: &str, check: &CheckReport, most: usize, look: &Look, view: &View) -> Vec<String> {
    let Some(location) = &check.location else {
        return check
            .question
            .iter()
            .flat_map(|question| short_fact("look at", question, most, look))
            .collect();
    };
    let place = look.cut(&view.place(lab, location), look.width - FACTS);
    let room = look.width.saturating_sub(FACTS + place.width() + 3);
    let source = look.cut(check.source.as_deref().unwrap_or_default(), room);
    let line = paint(STRONG, "look at") + "    " + &paint(PLACE.bold(), &place) + "   " + &source;
    let question = check.question.iter().flat_map(|question| look.wrap_to(question, FACTS, most));
    let question = styled(Style::new(), &question.collect::<Vec<_>>(), FACTS);
    std::iter::once(line.trim_end().to_owned()).chain(question).collect()
}

/// What the program wrote: its last lines. Where one comes again and again, it is counted.
pub(super) fn output(output: &str, most: usize, look: &Look) -> Vec<String> {
    let lines: Vec<&str> = output.lines().collect();
    let mut runs: Vec<&[&str]> = lines.chunk_by(|one, other| one == other).collect();
    let shown = runs.split_off(runs.len().saturating_sub(most));
    let before: usize = runs.iter().map(|run| run.len()).sum();
    let title = match before {
        0 if lines.is_empty() => return Vec::new(),
        0 => "your program printed:".to_owned(),
        _ if shown.is_empty() => format!("your program printed {before} lines"),
        _ => format!("your program printed {before} lines, and then:"),
    };
    let shown = shown.into_iter().map(|run| {
        let again = if run.len() > 1 { format!("  ({} times)", run.len()) } else { String::new() };
        let room = look.width - THEIRS.len() - again.len();
        paint(DIM, THEIRS) + &look.cut(run[0], room) + &paint(DIM, &again)
    });
    std::iter::once(paint(STRONG, &title)).chain(shown).collect()
}

/// The other checks that failed for this cause.
fn others(cause: &Cause, most: usize, look: &Look) -> Vec<String> {
    let label = match cause.first.status {
        Status::Unchecked => "also open",
        _ => "same cause",
    };
    let (shown, more) = cause.others.split_at(cause.others.len().min(most));
    let line = |check: &&CheckReport| {
        let points = points(check);
        let room = look.width - FACTS - points.width();
        let name = pad(&look.cut(&format!("{}/{}", cause.lab.lab, check.id), room - 1), room);
        paint(STRONG, label) + &pad("", FACTS - label.len()) + &name + &points
    };
    let rest = (!more.is_empty()).then(|| {
        let other = if shown.is_empty() { "other" } else { "more" };
        let parts = if more.len() == 1 { "part" } else { "parts" };
        fact(label, &format!("{} {other} {parts}", more.len()), look)
    });
    shown.iter().map(line).chain(rest.into_iter().flatten()).collect()
}

/// Lines in a style, indented.
pub(super) fn styled(style: Style, lines: &[String], indent: usize) -> Vec<String> {
    lines.iter().map(|line| pad("", indent) + &paint(style, line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::look::ASCII;

    #[test]
    fn a_line_that_is_printed_again_and_again_is_counted() {
        let look = Look { width: 80, glyphs: &ASCII };
        let shown = |printed: &str, most| {
            let lines = output(printed, most, &look);
            lines.iter().map(|line| anstream::adapter::strip_str(line).to_string()).collect::<Vec<_>>()
        };
        let printed = "waits\nwaits\nwaits\ngoes on\n";
        assert_eq!(shown(printed, 2), ["your program printed:", "  > waits  (3 times)", "  > goes on"]);
        assert_eq!(shown(printed, 1), ["your program printed 3 lines, and then:", "  > goes on"]);
        assert_eq!(shown(printed, 0), ["your program printed 4 lines"]);
    }
}
