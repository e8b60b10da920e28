//! How wide the columns of a drawing are, so that everything fits the reader's terminal.

use super::rows::{Content, Row};
use super::{Event, LaneId, ObjectId, ObjectKind, Timeline};
use crate::look::Look;
use unicode_width::UnicodeWidthStr;

/// The columns of a drawing, from left to right: mark and number, lanes, state, source.
pub(super) struct Columns {
    /// Mark, number, space.
    pub(super) left: usize,
    /// The lanes that are drawn.
    pub(super) lanes: Vec<LaneId>,
    /// Their widths; in a list, the one width.
    pub(super) widths: Vec<usize>,
    /// The lanes that are not drawn, because nothing of theirs is shown and there are many.
    pub(super) hidden: Vec<LaneId>,
    /// Whether the lanes share one column, each step with its lane's name: there are too many to stand side by side.
    pub(super) list: bool,
    /// The width of names in a list.
    pub(super) names: usize,
    /// The longest label.
    pub(super) label: usize,
    /// The objects whose state stands beside each step.
    pub(super) state: Vec<Beside>,
    /// The file all places are in; none if there are several.
    pub(super) file: Option<String>,
    /// The width of line numbers.
    pub(super) number: usize,
    /// What is left for the source, line number included.
    pub(super) source: usize,
}

impl Columns {
    /// Lanes beyond this number are drawn only if a step of theirs is shown.
    const MANY: usize = 5;
    /// Longer names are cut.
    pub(super) const NAME: usize = 12;
    /// A narrower column of source shows line numbers alone.
    pub(super) const WITH_TEXT: usize = 18;
    /// Labels are cut to the first of these lengths with which everything fits.
    const LABELS: [usize; 5] = [14, 12, 10, 8, 6];
    /// Shorter labels are cut for the lanes' sake only: before that, state is left out.
    const READABLE: usize = 10;

    /// The columns for the rows of a timeline.
    pub(super) fn fit(timeline: &Timeline, rows: &[Row], look: &Look) -> Columns {
        let acting =
            |lane: &LaneId| rows.iter().any(|row| acts(timeline, row).is_some_and(|(who, _)| who == *lane));
        let all = 0..timeline.lanes.len();
        let (lanes, hidden) = all.partition(|lane| timeline.lanes.len() <= Columns::MANY || acting(lane));
        let left = 2 + timeline.events.len().to_string().len().max(3);
        let mut columns = Columns { left, lanes, hidden, ..Columns::without_lanes(timeline, rows) };
        let room = look.width.saturating_sub(left + columns.number);
        let widths = |label: usize| -> Vec<usize> {
            columns.lanes.iter().map(|lane| width(timeline, rows, look, *lane, label)).collect()
        };
        let beside = beside(timeline, rows, look);
        let fits = |&(shown, label): &(usize, usize)| {
            let state: usize = beside[..shown].iter().map(|beside| beside.width + 1).sum();
            (shown == 0 || label >= Columns::READABLE) && widths(label).iter().sum::<usize>() + state <= room
        };
        let shown = (0..=beside.len()).rev();
        let mut choices = shown.flat_map(|shown| Columns::LABELS.map(|label| (shown, label)));
        match choices.find(fits) {
            Some((shown, label)) => {
                (columns.label, columns.widths) = (label, widths(label));
                columns.state = beside.into_iter().take(shown).collect();
            }
            None => columns.share(timeline, look),
        }
        columns.source =
            look.width.saturating_sub(left + columns.widths.iter().sum::<usize>() + columns.state_width());
        columns
    }

    fn without_lanes(timeline: &Timeline, rows: &[Row]) -> Columns {
        let mut columns = Columns {
            left: 0,
            lanes: Vec::new(),
            widths: Vec::new(),
            hidden: Vec::new(),
            list: false,
            names: 0,
            label: Columns::LABELS[0],
            state: Vec::new(),
            file: the_file(timeline, rows),
            number: 0,
            source: 0,
        };
        let steps = rows.iter().filter_map(|row| step(timeline, row));
        columns.number =
            steps.filter_map(|event| columns.number(event)).map(|number| number.width()).max().unwrap_or(0);
        columns
    }

    /// Puts all lanes into one column.
    fn share(&mut self, timeline: &Timeline, look: &Look) {
        let name = |lane: &LaneId| look.cut(&timeline.lanes[*lane].name, Columns::NAME).width();
        self.list = true;
        self.names = self.lanes.iter().map(name).max().unwrap_or(0);
        self.widths = vec![self.names + 1 + self.label + 3];
    }

    /// The width of all state that stands beside the steps.
    pub(super) fn state_width(&self) -> usize {
        self.state.iter().map(|beside| beside.width + 1).sum()
    }

    /// The place of a step: its line, with its file if there are several.
    pub(super) fn number(&self, event: &Event) -> Option<String> {
        let place = event.place.as_ref()?;
        let file = place.file.rsplit('/').next().unwrap_or_default();
        Some(if self.file.is_some() { place.line.to_string() } else { format!("{file}:{}", place.line) })
    }
}

/// An object whose state stands beside each step.
pub(super) struct Beside {
    pub(super) object: ObjectId,
    /// What its column is called.
    pub(super) name: String,
    pub(super) width: usize,
}

/// The objects that can be shown, the most important first.
fn beside(timeline: &Timeline, rows: &[Row], look: &Look) -> Vec<Beside> {
    let objects = timeline.events.first().map_or(&[][..], |event| &event.state);
    let objects: Vec<ObjectId> = objects.iter().map(|reading| reading.object).collect();
    let is_lock = |object: &&ObjectId| timeline.objects[**object].kind == ObjectKind::Mutex;
    let one_lock = objects.iter().filter(is_lock).count() == 1;
    let values = |object: ObjectId| {
        let readings = rows.iter().filter_map(|row| step(timeline, row)).flat_map(|event| &event.state);
        readings
            .filter(move |reading| reading.object == object)
            .map(|reading| look.cut(&reading.value, Beside::MOST))
    };
    let beside = |object: ObjectId| {
        let name = &timeline.objects[object].name;
        let name = if one_lock && is_lock(&&object) { "lock" } else { first_word(name) };
        let name = look.cut(name, Beside::MOST);
        let width = values(object).map(|value| value.width()).max().unwrap_or(0).max(name.width());
        Beside { object, name, width }
    };
    objects.into_iter().map(beside).collect()
}

impl Beside {
    /// Longer names and values are cut.
    pub(super) const MOST: usize = 7;
}

/// `empty` of `empty_slots`, `jobs` of `jobs that wait`.
fn first_word(name: &str) -> &str {
    name.split(['_', '.', ' ']).find(|word| !word.is_empty()).unwrap_or(name)
}

/// The one file that all steps shown are in.
fn the_file(timeline: &Timeline, rows: &[Row]) -> Option<String> {
    let mut files = rows.iter().filter_map(|row| Some(&step(timeline, row)?.place.as_ref()?.file));
    let first = files.next()?;
    files.all(|file| file == first).then(|| first.clone())
}

/// The width of a lane: its longest label, or its name.
fn width(timeline: &Timeline, rows: &[Row], look: &Look, lane: LaneId, most: usize) -> usize {
    let labels = rows.iter().filter_map(|row| acts(timeline, row)).filter(|(who, _)| *who == lane);
    let label = labels.map(|(_, label)| look.cut(label, most).width() + 3).max().unwrap_or(0);
    label.max(look.cut(&timeline.lanes[lane].name, Columns::NAME).width() + 2)
}

/// Who acts in a row, and the words for it.
fn acts<'a>(timeline: &'a Timeline, row: &Row) -> Option<(LaneId, &'a str)> {
    match row.content {
        Content::Missing => timeline.missing.as_ref().map(|missing| (missing.lane, missing.label.as_str())),
        _ => step(timeline, row).map(|event| (event.lane, event.short.as_str())),
    }
}

fn step<'a>(timeline: &'a Timeline, row: &Row) -> Option<&'a Event> {
    match row.content {
        Content::Step(index) => timeline.events.get(index),
        _ => None,
    }
}
