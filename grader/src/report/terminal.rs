//! A grading as text, for people: lab by lab what holds and what does not, the first cause in full, then the sum and the
//! next thing to do.

use super::block::{block, fact, short_fact, titled};
use super::cause::{Cause, causes};
use super::extent::{Extent, MOST, Parts};
use super::next::sum;
use super::{LabReport, LabStatus, Report, View, compiler, list};
use crate::look::{DIM, HELP, Look, STRONG, WRONG, paint};
use std::io::Write;

/// Prints a report to standard output, with colours where they are wanted and understood.
pub fn print(report: &Report, view: &View) -> std::io::Result<()> {
    anstream::stdout().write_all(render(report, &Look::of_stdout(), view).as_bytes())
}

/// The report as text with colours.
pub fn render(report: &Report, look: &Look, view: &View) -> String {
    as_long_as_may_be(view, |extent| whole(report, extent, look, view))
}

/// One lab: header, what the compiler said, a line per check, and the causes of what was lost.
pub fn render_lab(lab: &LabReport, look: &Look, view: &View) -> String {
    as_long_as_may_be(view, |extent| section(lab, extent.blocks, extent, look, view))
}

/// As much of a text as fits, or all of it.
fn as_long_as_may_be(view: &View, draft: impl Fn(&Extent) -> Vec<String>) -> String {
    let mut drafts = Extent::SHORTER.iter().map(&draft);
    let lines = match view.all {
        true => draft(&Extent::ALL),
        false => drafts.find(|lines| lines.len() <= MOST).unwrap_or_else(|| draft(&Extent::SHORTEST)),
    };
    lines.join("\n") + "\n"
}

fn whole(report: &Report, extent: &Extent, look: &Look, view: &View) -> Vec<String> {
    let mut lines = Vec::new();
    let mut blocks = extent.blocks;
    for lab in &report.labs {
        lines.extend(section(lab, blocks, extent, look, view));
        blocks -= blocks.min(causes(lab).len());
    }
    lines.push(rule(look.glyphs.heavy_rule, look));
    lines.extend(sum(report, look, view));
    lines
}

fn section(lab: &LabReport, blocks: usize, extent: &Extent, look: &Look, view: &View) -> Vec<String> {
    let causes = causes(lab);
    let (full, others) = causes.split_at(causes.len().min(blocks));
    let paragraphs = [
        compiler::messages(lab, extent.messages, look),
        list::list(lab, extent.parts, look, view),
        full.iter().flat_map(|cause| ruled(cause, extent, look, view)).collect(),
        also(lab, others, extent.causes, look, view),
        compiler::warnings(lab, extent.warnings, look, view),
    ];
    let paragraphs = paragraphs.into_iter().filter(|lines| !lines.is_empty());
    let mut lines = vec![rule(look.glyphs.heavy_rule, look), header(lab, look)];
    for paragraph in paragraphs {
        lines.extend((extent.parts != Parts::None).then(String::new));
        lines.extend(paragraph);
    }
    lines.extend((extent.parts != Parts::None).then(String::new));
    lines
}

fn ruled(cause: &Cause, extent: &Extent, look: &Look, view: &View) -> Vec<String> {
    let mut lines = vec![rule(look.glyphs.rule, look)];
    lines.extend(block(cause, extent.block, look, view));
    lines
}

fn rule(glyph: &str, look: &Look) -> String {
    paint(DIM, &glyph.repeat(look.width))
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

/// The causes that are not shown in full, and how to see them.
fn also(lab: &LabReport, causes: &[Cause], most: usize, look: &Look, view: &View) -> Vec<String> {
    let Some(first) = causes.first() else {
        return Vec::new();
    };
    let (shown, more) = causes.split_at(causes.len().min(most));
    let mut lines: Vec<String> = shown.iter().flat_map(|cause| in_short(cause, look, view)).collect();
    let all = format!("`make grade LAB={} ALL=1`", lab.lab);
    let causes = if more.len() == 1 { "cause" } else { "causes" };
    let rest = format!("{} more {causes}: {all}", more.len());
    if !more.is_empty() {
        lines.extend(short_fact("also", &rest, 1, look));
    }
    if shown.is_empty() {
        return lines;
    }
    let one = format!("`make grade LAB={}/{}`", lab.lab, first.first.id);
    lines.extend(fact("in full", &format!("{one} shows one, {all} all of them"), look));
    lines
}

/// "also  pipes/short-counts, labs/pipes/src/io.rs:41: A call moved a part of the bytes."
fn in_short(cause: &Cause, look: &Look, view: &View) -> Vec<String> {
    let (lab, check) = (&cause.lab.lab, cause.first);
    let place = check.location.as_ref().map(|at| format!(", {}", view.place(lab, at)));
    let said = format!("{lab}/{}{}: {}", check.id, place.unwrap_or_default(), check.summary);
    short_fact("also", &said, 2, look)
}
