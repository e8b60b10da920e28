//! A timeline as text: a column per lane, a row per step, the line of source beside it.

use super::columns::{Beside, Columns};
use super::rows::{Content, Detail, Line, Row, rows};
use super::{Ending, Event, How, LaneId, Mark, Timeline, slice};
use crate::look::{DIM, HELP, Look, PLACE, STRONG, WRONG, pad, paint};
use anstyle::Style;
use unicode_width::UnicodeWidthStr;

/// Where the words of a label column end: endings align with the facts above the drawing.
pub(crate) const LABEL: usize = 11;

/// Draws a run: the rows, what was left out, and how the lanes ended. Ends in a line end; empty if there is nothing.
pub fn draw(timeline: &Timeline, detail: Detail, look: &Look) -> String {
    let rows = rows(timeline, detail);
    let lines = if let Detail::Brief(room) = detail { room.lines } else { usize::MAX };
    let drawing = Drawing { timeline, look, lines, columns: Columns::fit(timeline, &rows, look) };
    let mut lines: Vec<String> = Vec::new();
    if rows.iter().any(|row| matches!(row.content, Content::Step(_))) {
        lines.push(drawing.head());
        lines.extend(rows.iter().flat_map(|row| drawing.row(row)));
        lines.extend(drawing.left_out(&rows));
    }
    if !lines.is_empty() && !timeline.endings.is_empty() {
        lines.push(String::new());
    }
    lines.extend(drawing.endings(&rows));
    lines.into_iter().map(|line| line + "\n").collect()
}

struct Drawing<'a> {
    timeline: &'a Timeline,
    look: &'a Look,
    /// How many lines a sentence may have.
    lines: usize,
    columns: Columns,
}

impl Drawing<'_> {
    /// The names of the lanes, and of the file.
    fn head(&self) -> String {
        let name = |lane: &LaneId| self.look.cut(&self.timeline.lanes[*lane].name, Columns::NAME);
        let file = self.columns.file.as_deref().unwrap_or_default();
        let mut head = " ".repeat(self.columns.left);
        if self.columns.list {
            head += &" ".repeat(self.columns.widths[0]);
        } else {
            let cell =
                |(lane, width): (&LaneId, &usize)| paint(STRONG, &name(lane)) + &gap(&name(lane), *width);
            head.extend(self.columns.lanes.iter().zip(&self.columns.widths).map(cell));
        }
        let name = |beside: &Beside| paint(DIM, &beside.name) + &gap(&beside.name, beside.width + 1);
        head.extend(self.columns.state.iter().map(name));
        trimmed(head, &paint(DIM, &self.fitting([file, file.rsplit('/').next().unwrap_or_default()])))
    }

    /// The longer of two texts if there is room for it in the column of the source.
    fn fitting(&self, [long, short]: [&str; 2]) -> String {
        let fits = self.look.text(long).width() <= self.columns.source;
        self.look.cut(if fits { long } else { short }, self.columns.source)
    }

    fn row(&self, row: &Row) -> Vec<String> {
        match row.content {
            Content::Step(index) => vec![self.step(index, row)],
            Content::Missing => vec![self.missing(row)],
            Content::Note(index) => self.note(self.timeline.events[index].note.as_deref(), WRONG),
            Content::Helped => self.note(self.timeline.missing.as_ref().map(|m| m.helped.as_str()), HELP),
            Content::Ending(_) => Vec::new(),
        }
    }

    fn step(&self, index: usize, row: &Row) -> String {
        let event = &self.timeline.events[index];
        let (mark, style) = match event.mark {
            Mark::None => (" ", Style::new()),
            Mark::Wrong => (self.look.glyphs.wrong, WRONG),
            Mark::Stuck => (self.look.glyphs.stuck, WRONG),
        };
        let number = format!("{:>width$} ", index + 1, width = self.columns.left - 2);
        let left = paint(style, mark) + &paint(DIM, &number);
        let label_style = if event.mark == Mark::None { style } else { style.bold() };
        trimmed(
            left + &self.lanes(row, event.lane, &event.short, label_style) + &self.state(event),
            &self.source(event),
        )
    }

    fn missing(&self, row: &Row) -> String {
        let Some(missing) = &self.timeline.missing else {
            return String::new();
        };
        let left = paint(HELP, self.look.glyphs.missing) + &" ".repeat(self.columns.left - 1);
        let room = self.columns.state_width() + self.columns.source;
        let here = if room < "missing here".len() { "missing" } else { "missing here" };
        let here = self.look.cut(here, room);
        trimmed(left + &self.lanes(row, missing.lane, &missing.label, HELP), &paint(HELP, &here))
    }

    /// How things stand after a step; what it changed is not dim.
    fn state(&self, event: &Event) -> String {
        let changed = |object| event.deltas.iter().any(|delta| delta.object == object);
        let cell = |beside: &Beside| {
            let reading = event.state.iter().find(|reading| reading.object == beside.object);
            let value = self.look.cut(reading.map_or("", |reading| &reading.value), beside.width);
            let style = if changed(beside.object) { Style::new() } else { DIM };
            paint(style, &value) + &gap(&value, beside.width + 1)
        };
        self.columns.state.iter().map(cell).collect()
    }

    /// The cells of a row: every lane's line, and beside that of the acting lane what it does.
    fn lanes(&self, row: &Row, acting: LaneId, label: &str, style: Style) -> String {
        let label = self.look.cut(label, self.columns.label);
        if self.columns.list {
            let name =
                pad(&self.look.cut(&self.timeline.lanes[acting].name, Columns::NAME), self.columns.names);
            return paint(STRONG, &name)
                + " "
                + &self.cell(row, acting, &label, style, self.columns.widths[0]);
        }
        let cell = |(&lane, &width): (&LaneId, &usize)| {
            self.cell(row, lane, if lane == acting { &label } else { "" }, style, width)
        };
        self.columns.lanes.iter().zip(&self.columns.widths).map(cell).collect()
    }

    fn cell(&self, row: &Row, lane: LaneId, label: &str, style: Style, width: usize) -> String {
        let taken = if self.columns.list { self.columns.names + 1 } else { 0 };
        let ends = matches!(row.after[lane], Line::Gone | Line::Zombie) && !label.is_empty();
        let (glyph, line_style) = self.line(if ends { row.before[lane] } else { row.after[lane] });
        paint(line_style, glyph) + " " + &paint(style, label) + &gap(label, width - 2 - taken)
    }

    fn line(&self, line: Line) -> (&'static str, Style) {
        let glyphs = self.look.glyphs;
        match line {
            Line::Gone => (" ", Style::new()),
            Line::Runs => (glyphs.runs, Style::new()),
            Line::Holds => (glyphs.holds, PLACE),
            Line::Wants => (glyphs.wants, DIM),
            Line::Waits => (glyphs.waits, DIM),
            Line::Stuck => (glyphs.waits, WRONG),
            Line::Zombie => (glyphs.zombie, DIM),
        }
    }

    /// The number of the line, and the line where there is room for it.
    fn source(&self, event: &Event) -> String {
        let Some(number) = self.columns.number(event) else {
            return String::new();
        };
        let room = self.columns.source.saturating_sub(self.columns.number + 1);
        if self.columns.source < Columns::WITH_TEXT {
            return paint(DIM, &self.look.cut(&number, self.columns.source));
        }
        let number = format!("{number:>width$}", width = self.columns.number);
        paint(DIM, &number) + " " + &self.look.cut(event.source.as_deref().unwrap_or_default(), room)
    }

    fn note(&self, text: Option<&str>, style: Style) -> Vec<String> {
        let indent = " ".repeat(self.columns.left);
        let lines = self.look.wrap_to(text.unwrap_or_default(), self.columns.left, self.lines);
        lines.iter().map(|line| indent.clone() + &paint(style, line)).collect()
    }

    /// What is not in the drawing: steps, and lanes of which nothing is shown.
    fn left_out(&self, rows: &[Row]) -> Vec<String> {
        let shown = rows.iter().filter(|row| matches!(row.content, Content::Step(_))).count();
        let all = self.timeline.events.len();
        let mut said = Vec::new();
        if shown < all && shown >= slice::telling(self.timeline) && !self.timeline.omitted.is_empty() {
            said.push(format!("({shown} of {all} shown; {})", self.timeline.omitted));
        } else if shown < all {
            said.push(format!("({shown} of {all} shown)"));
        }
        if !self.columns.hidden.is_empty() {
            let names = self.columns.hidden.iter().map(|lane| self.timeline.lanes[*lane].name.as_str());
            said.push(format!(
                "(took part, but not in these steps: {})",
                names.collect::<Vec<_>>().join(", ")
            ));
        }
        said.iter().flat_map(|text| self.note(Some(text), DIM)).collect()
    }

    /// How the lanes ended, and how many more there are.
    fn endings(&self, rows: &[Row]) -> Vec<String> {
        let all = &self.timeline.endings;
        let is_shown = |ending: &usize| rows.iter().any(|row| row.content == Content::Ending(*ending));
        let shown: Vec<usize> = (0..all.len()).filter(is_shown).collect();
        let more = all.len() - shown.len();
        let rest = (more > 0).then(|| paint(DIM, &format!("({} of {} shown)", shown.len(), all.len())));
        shown.into_iter().flat_map(|ending| self.ending(&all[ending])).chain(rest).collect()
    }

    fn ending(&self, ending: &Ending) -> Vec<String> {
        let (mark, style) = match ending.how {
            How::Stuck => (self.look.glyphs.stuck, WRONG),
            How::AtRest => (self.look.glyphs.at_rest, Style::new()),
            How::Crashed | How::WrongValue => (self.look.glyphs.wrong, WRONG),
        };
        let name = self.look.cut(&self.timeline.lanes[ending.lane].name, Columns::NAME);
        let indent = LABEL.max(name.width() + 3);
        let head = paint(style.bold(), &format!("{mark} {name}")) + &gap(&name, indent - 2);
        let lines = self.look.wrap_to(&ending.sentence, indent, self.lines).into_iter().enumerate();
        lines
            .map(|(i, line)| if i == 0 { head.clone() + &line } else { " ".repeat(indent) + &line })
            .collect()
    }
}

/// The spaces that follow a text in a column.
fn gap(text: &str, columns: usize) -> String {
    " ".repeat(columns.saturating_sub(text.width()))
}

/// Lanes and source as one line, without spaces at its end.
fn trimmed(lanes: String, source: &str) -> String {
    (lanes + source).trim_end().to_owned()
}
