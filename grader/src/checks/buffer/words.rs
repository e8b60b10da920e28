//! Phrases that several diagnoses share.

use super::Run;
use protocol::buffer::Call;

/// "1 item", "2 items".
pub(super) fn items(number: usize) -> String {
    if number == 1 { "1 item".to_owned() } else { format!("{number} items") }
}

/// How full the buffer is just after an event: "1 of 2 items".
pub(super) fn of_capacity(run: &Run, index: usize) -> String {
    format!("{} of {}", run.moments[index].items.len(), items(run.capacity()))
}

/// What a thread would have done, had it been woken at an event: "C1 would have found an item and taken 10."
pub(super) fn would_have(run: &Run, name: &str, call: Call, index: usize) -> String {
    let moment = &run.moments[index];
    match (call.item(), moment.items.first()) {
        (Some(_), _) if moment.closed => {
            format!("{name} would have found the buffer closed and returned its item.")
        }
        (Some(item), _) => format!("{name} would have found room and put {item}."),
        (None, Some(item)) => format!("{name} would have found an item and taken {item}."),
        (None, None) => format!("{name} would have found the buffer closed and returned None."),
    }
}
