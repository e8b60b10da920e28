//! Phrases that several diagnoses share.

use super::run::Run;

/// " in line 24", or nothing where the line is not the student's.
pub(super) fn in_line(run: &Run, index: usize) -> String {
    let place = run.event(index).place.as_ref().and_then(|place| run.sources.location(place));
    place.map_or(String::new(), |place| format!(" in line {}", place.line))
}

/// "1 item", "2 items".
pub(super) fn items(number: usize) -> String {
    if number == 1 { "1 item".to_owned() } else { format!("{number} items") }
}

/// How full the buffer is just after an event: "1 of 2 items".
pub(super) fn of_capacity(run: &Run, index: usize) -> String {
    format!("{} of {}", run.moments[index].items.len(), items(run.scenario.capacity))
}

/// What a thread would have done, had it been woken at an event: "C1 would have found an item and taken 10."
pub(super) fn would_have(run: &Run, name: &str, call: &str, index: usize) -> String {
    let moment = &run.moments[index];
    match (argument(call), moment.items.first()) {
        (Some(_), _) if moment.closed => {
            format!("{name} would have found the buffer closed and returned its item.")
        }
        (Some(item), _) => format!("{name} would have found room and put {item}."),
        (None, Some(item)) => format!("{name} would have found an item and taken {item}."),
        (None, None) => format!("{name} would have found the buffer closed and returned None."),
    }
}

/// The item of `put(11)`; none for a take.
pub(super) fn argument(call: &str) -> Option<&str> {
    call.strip_prefix("put(")?.split(')').next()
}

/// A sentence cut to what a headline may have.
pub(super) fn cut(text: &str, most: usize) -> String {
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= most {
        return line.to_owned();
    }
    let kept: String = line.chars().take(most - 1).collect();
    format!("{}…", kept.trim_end())
}
