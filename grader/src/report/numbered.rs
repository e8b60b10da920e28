//! The numbered steps of a scripted run.

use super::block::styled;
use crate::look::{DIM, HELP, Look, STRONG, WRONG, pad, paint};
use crate::steps::Step;
use anstyle::Style;
use unicode_width::UnicodeWidthStr;

/// A longer list of steps is cut to its beginning and to what stands this close to a step that failed.
const NEAR: usize = 8;

/// The numbered steps; where there are many, the beginning and what stands before a failure.
pub(super) fn steps(steps: &[Step], look: &Look) -> Vec<String> {
    let fails = |index: usize| (index..steps.len().min(index + NEAR)).any(|near| !steps[near].holds);
    let kept = |index: usize| steps.len() <= 2 * NEAR || index < 3 || fails(index);
    let actors = steps.iter().map(|step| look.cut(&step.actor.to_string(), 12).width()).max().unwrap_or(0);
    let mut lines = Vec::new();
    let mut left_out = 0;
    for (index, described) in steps.iter().enumerate() {
        if kept(index) {
            lines.extend(gap(index, &mut left_out));
            lines.extend(step(index, described, actors, look));
        } else {
            left_out += 1;
        }
    }
    lines.extend(gap(steps.len(), &mut left_out));
    lines
}

/// Says which steps before this one were left out.
fn gap(index: usize, left_out: &mut usize) -> Option<String> {
    let count = std::mem::take(left_out);
    let said = match count {
        0 => return None,
        1 => format!("     (step {index} holds as well)"),
        _ => format!("     (steps {} to {index} hold as well)", index + 1 - count),
    };
    Some(paint(DIM, &said))
}

fn step(index: usize, step: &Step, actors: usize, look: &Look) -> Vec<String> {
    let (mark, style) = if step.holds { (look.glyphs.right, HELP) } else { (look.glyphs.wrong, WRONG) };
    let number = paint(style, mark) + &paint(DIM, &format!("{:>3} ", index + 1));
    let actor = paint(STRONG, &pad(&look.cut(&step.actor.to_string(), 12), actors + 2));
    let indent = 5 + actors + 2;
    let sentence = if step.holds { Style::new() } else { WRONG.bold() };
    let mut lines = styled(sentence, &step.action.to_string(), indent, look);
    if let Some(first) = lines.first_mut() {
        *first = number + &actor + first.trim_start();
    }
    if !step.holds {
        lines.extend(step.details.iter().flat_map(|detail| indented(detail, indent, look)));
    }
    lines
}

/// A line below a step; its own indentation stays, for tables of bytes.
fn indented(detail: &str, indent: usize, look: &Look) -> Vec<String> {
    let own = detail.len() - detail.trim_start_matches(' ').len();
    styled(Style::new(), detail.trim_start_matches(' '), (indent + own).min(look.width / 2), look)
}
