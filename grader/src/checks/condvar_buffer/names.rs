//! What the student calls the locks and condition variables of a run.

use super::sources::Sources;
use explore::trace::{Place, Step, Trace};

/// The name of each mutex, by its number in the trace.
pub(super) fn mutexes(trace: &Trace, sources: &Sources) -> Vec<String> {
    all(&trace.mutexes, "Mutex::new", sources, |_| None, "mutex")
}

/// The name of each condition variable, by its number in the trace.
pub(super) fn condvars(trace: &Trace, sources: &Sources) -> Vec<String> {
    let waits = |condvar| waited_on(trace, sources, condvar);
    all(&trace.condvars, "Condvar::new", sources, waits, "condvar")
}

fn all(
    made: &[Place],
    maker: &str,
    sources: &Sources,
    used: impl Fn(usize) -> Option<String>,
    otherwise: &str,
) -> Vec<String> {
    let name = |(index, place): (usize, &Place)| {
        let earlier_in_line = made[..index].iter().filter(|other| *other == place).count();
        let line = sources.line_at(place).unwrap_or_default();
        declared(line, maker, earlier_in_line).or_else(|| used(index)).unwrap_or_else(|| {
            if made.len() == 1 { otherwise.to_owned() } else { format!("{otherwise} {}", index + 1) }
        })
    };
    made.iter().enumerate().map(name).collect()
}

/// The field or variable that gets the `nth` value made in a line: `changed: Condvar::new()`, `let changed = …`.
fn declared(line: &str, maker: &str, nth: usize) -> Option<String> {
    let (before, _) = line.match_indices(maker).nth(nth)?;
    let before = line[..before].trim_end().strip_suffix([':', '='])?;
    last_word(before)
}

/// The name before `.wait` in a line that waits on the condition variable.
fn waited_on(trace: &Trace, sources: &Sources, number: usize) -> Option<String> {
    trace.events.iter().find_map(|event| match event.step {
        Step::Wait { condvar, .. } if condvar == number => {
            let line = sources.line_at(event.place.as_ref()?)?;
            last_word(&line[..line.find(".wait")?])
        }
        _ => None,
    })
}

fn last_word(text: &str) -> Option<String> {
    let text = text.trim_end();
    let start = text.rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |before| before + 1);
    let word = &text[start..];
    word.starts_with(|c: char| c.is_lowercase() || c == '_').then(|| word.to_owned())
}
