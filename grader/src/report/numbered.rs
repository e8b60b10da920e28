//! The steps of a scripted run. They are numbered where no picture is: there, the rows have the numbers.

use super::CheckReport;
use super::block::styled;
use crate::look::{DIM, HELP, Look, STRONG, WRONG, pad, paint};
use crate::steps::Step;
use crate::timeline::Timeline;
use anstyle::Style;
use std::ops::Range;
use unicode_width::UnicodeWidthStr;

/// How many steps at the beginning are shown.
const FIRST: usize = 3;

/// The steps of a check: the beginning, and at most `near` up to the first that failed, with at most so many lines of
/// details. Beside a picture, that one alone: its rows show the others.
pub(super) fn steps(check: &CheckReport, near: usize, details: usize, look: &Look) -> Vec<String> {
    let (steps, drawn) = (&check.steps, !check.run.events.is_empty());
    let failed = steps.iter().position(|step| !step.holds);
    let kept = |index: usize| match failed {
        Some(failed) if drawn => index == failed,
        _ if drawn => false,
        Some(failed) if (index..index + near).contains(&failed) => true,
        _ => steps.len() <= 2 * near || index < FIRST.min(near),
    };
    let actors = steps.iter().map(|step| look.cut(&step.actor.to_string(), 12).width()).max().unwrap_or(0);
    let shown = Shown { drawn, actors, details, look };
    let mut lines = Vec::new();
    let mut left_out = 0;
    for index in (0..steps.len()).filter(|index| kept(*index)) {
        lines.extend(gap(steps, left_out..index).filter(|_| !drawn));
        lines.extend(shown.step(index, &steps[index], &check.run));
        left_out = index + 1;
    }
    lines.extend(gap(steps, left_out..steps.len()).filter(|_| !drawn));
    lines
}

/// Says which steps were left out.
fn gap(steps: &[Step], left_out: Range<usize>) -> Option<String> {
    let hold = steps[left_out.clone()].iter().all(|step| step.holds);
    let said = match (left_out.len(), hold) {
        (0, _) => return None,
        (1, true) => format!("(step {} holds as well)", left_out.end),
        (1, false) => format!("(step {} is not shown)", left_out.end),
        (_, true) => format!("(steps {} to {} hold as well)", left_out.start + 1, left_out.end),
        (_, false) => format!("(steps {} to {} are not shown)", left_out.start + 1, left_out.end),
    };
    Some(paint(DIM, &format!("     {said}")))
}

/// How a step is shown.
struct Shown<'a> {
    /// Beside a picture, without a number.
    drawn: bool,
    actors: usize,
    details: usize,
    look: &'a Look,
}

impl Shown<'_> {
    fn step(&self, index: usize, step: &Step, run: &Timeline) -> Vec<String> {
        let look = self.look;
        let (mark, style) = if step.holds { (look.glyphs.right, HELP) } else { (look.glyphs.wrong, WRONG) };
        let number = if self.drawn { String::new() } else { format!("{:>3}", index + 1) };
        let actor = paint(STRONG, &pad(&look.cut(&step.actor.to_string(), 12), self.actors + 2));
        let indent = 2 + number.len() + self.actors + 2;
        let sentence = if step.holds { Style::new() } else { WRONG.bold() };
        let mut lines =
            styled(sentence, &look.wrap_to(&step.action.to_string(), indent, self.lines()), indent);
        if let Some(first) = lines.first_mut() {
            *first = paint(style, mark) + &paint(DIM, &format!("{number} ")) + &actor + first.trim_start();
        }
        if !step.holds {
            lines.extend(self.details(step, run, indent));
        }
        lines
    }

    /// The lines below a step, without those that the picture has.
    fn details(&self, step: &Step, run: &Timeline, indent: usize) -> Vec<String> {
        let details = step.details.iter().filter(|detail| !is_drawn(run, detail));
        let mut lines: Vec<String> = details.flat_map(|detail| self.indented(detail, indent)).collect();
        if lines.len() > self.details {
            let more = lines.split_off(self.details.saturating_sub(1)).len();
            lines.push(
                pad("", indent)
                    + &paint(DIM, &format!("({more} more {})", if more == 1 { "line" } else { "lines" })),
            );
        }
        lines
    }

    /// A line below a step; its own indentation stays, for tables of bytes.
    fn indented(&self, detail: &str, indent: usize) -> Vec<String> {
        let own = detail.len() - detail.trim_start_matches(' ').len();
        let indent = (indent + own).min(self.look.width / 2);
        let lines = self.look.wrap_to(detail.trim_start_matches(' '), indent, self.lines());
        styled(Style::new(), &lines, indent)
    }

    /// How many lines a sentence may have.
    fn lines(&self) -> usize {
        self.details.div_ceil(2)
    }
}

/// Whether a picture shows this line below one of its rows, or as an ending: no line stands twice.
fn is_drawn(run: &Timeline, line: &str) -> bool {
    run.events.iter().any(|event| event.note.as_deref() == Some(line))
        || run.endings.iter().any(|ending| line.ends_with(&ending.sentence))
}
