//! What the student calls the objects of a run.

use super::sources::Sources;
use explore::trace::{Place, Step, Trace};
use std::fmt;

/// The name of a lock or a condition variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::checks) struct Name {
    /// The semaphore of the student's that it is a part of.
    pub(super) owner: Option<String>,
    own: String,
}

impl Name {
    fn alone(own: String) -> Name {
        Name { owner: None, own }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.owner {
            Some(owner) => write!(f, "{owner}.{}", self.own),
            None => f.write_str(&self.own),
        }
    }
}

/// The name of each mutex, by its number in the trace.
pub(super) fn mutexes(trace: &Trace, sources: &Sources) -> Vec<Name> {
    let used = trace.events.iter().filter_map(|event| match event.step {
        Step::Lock { mutex } | Step::Blocked { mutex, .. } => Some(mutex + 1),
        _ => None,
    });
    let count = used.max().unwrap_or(0).max(trace.mutexes.len());
    let name = |number| made(&trace.mutexes, number, "Mutex::new", sources);
    (0..count)
        .map(|number| name(number).unwrap_or_else(|| Name::alone(numbered("mutex", number, count))))
        .collect()
}

/// The name of each condition variable, by its number in the trace.
pub(super) fn condvars(trace: &Trace, sources: &Sources) -> Vec<Name> {
    let used = trace.events.iter().filter_map(|event| match event.step {
        Step::Wait { condvar, .. } | Step::Notify { condvar, .. } => Some(condvar + 1),
        _ => None,
    });
    let count = used.max().unwrap_or(0).max(trace.condvars.len());
    let name = |number| made(&trace.condvars, number, "Condvar::new", sources);
    let name = |number| name(number).or_else(|| waited_on(trace, sources, number).map(Name::alone));
    (0..count)
        .map(|number| name(number).unwrap_or_else(|| Name::alone(numbered("condvar", number, count))))
        .collect()
}

/// The name of each atomic, by its number in the trace.
pub(super) fn atomics(trace: &Trace, sources: &Sources) -> Vec<String> {
    let count = trace.atomics.len();
    let name = |number| made(&trace.atomics, number, "AtomicU64::new", sources);
    (0..count)
        .map(|number| name(number).map_or_else(|| numbered("atomic", number, count), |name| name.to_string()))
        .collect()
}

/// The name of each semaphore of the explorer, by its number in the trace.
pub(super) fn semaphores(trace: &Trace, sources: &Sources) -> Vec<String> {
    let used = trace.events.iter().filter_map(|event| match event.step {
        Step::NoPermit { semaphore } | Step::P { semaphore, .. } | Step::V { semaphore, .. } => {
            Some(semaphore + 1)
        }
        _ => None,
    });
    let count = used.max().unwrap_or(0).max(trace.semaphores.len());
    let name = |number| made(&trace.semaphores, number, "Semaphore::new", sources);
    (0..count)
        .map(|number| {
            name(number).map_or_else(|| numbered("semaphore", number, count), |name| name.to_string())
        })
        .collect()
}

/// The name of each unprotected value, by its number in the trace.
pub(super) fn cells(trace: &Trace, sources: &Sources) -> Vec<String> {
    let used = trace.events.iter().filter_map(|event| match event.step {
        Step::Enter { cell } | Step::Leave { cell, .. } => Some(cell + 1),
        _ => None,
    });
    let count = used.max().unwrap_or(0).max(trace.cells.len());
    let name = |number| made(&trace.cells, number, "Unprotected::new", sources);
    (0..count)
        .map(|number| name(number).map_or_else(|| numbered("value", number, count), |name| name.to_string()))
        .collect()
}

fn numbered(what: &str, number: usize, count: usize) -> String {
    if count == 1 { what.to_owned() } else { format!("{what} {}", number + 1) }
}

/// The name that the line gives where an object was made. Where the line made more objects than it says, it is part of
/// something that was made several times: `empty_slots.permits`.
fn made(places: &[Place], number: usize, maker: &str, sources: &Sources) -> Option<Name> {
    let place = places.get(number)?;
    let same = |places: &[Place]| places.iter().filter(|other| *other == place).count();
    let (earlier, all) = (same(&places[..number]), same(places));
    let line = sources.line_at(place)?;
    let at_once = line.matches(maker).count();
    if at_once == 0 || all <= at_once {
        return declared(line, maker, earlier).map(Name::alone);
    }
    let owner = owner(place, earlier / at_once, all / at_once, sources)?;
    Some(Name { owner: Some(owner), own: declared(line, maker, earlier % at_once)? })
}

/// The name of what was made by the `nth` of so many calls of the function that a place is in.
fn owner(place: &Place, nth: usize, calls: usize, sources: &Sources) -> Option<String> {
    let maker = sources.function_at(place)?;
    let call = format!("{maker}(");
    let lines: Vec<&str> = sources.lines().collect();
    let found = lines.iter().flat_map(|line| (0..line.matches(&call).count()).map(|at| (*line, at)));
    let found: Vec<_> = found.collect();
    let (line, at) = found.get(nth).filter(|_| found.len() == calls)?;
    declared(line, &call, *at)
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

#[cfg(test)]
mod tests {
    use super::*;
    use explore::trace::Event;
    use std::collections::BTreeMap;

    fn words(names: Vec<Name>) -> Vec<String> {
        names.iter().map(Name::to_string).collect()
    }

    fn place(line: u32) -> Place {
        Place { file: "labs/condvar-buffer-1f/src/buffer.rs".to_owned(), line }
    }

    #[test]
    fn objects_have_the_names_that_the_student_gave_them() {
        let line = "not_full: Condvar::new(), not_empty: Condvar::new()\nlet c: Condvar = Default::default();\n\
                    guard = self.bell.wait(guard)";
        let sources = Sources::new(BTreeMap::from([("src/buffer.rs".to_owned(), line.to_owned())]));
        let wait = Step::Wait { condvar: 2, mutex: 0, contents: Vec::new() };
        let trace = Trace {
            condvars: vec![place(1), place(1), place(2), place(9)],
            events: vec![Event { thread: 1, place: Some(place(3)), step: wait }],
            ..Trace::default()
        };
        assert_eq!(words(condvars(&trace, &sources)), ["not_full", "not_empty", "bell", "condvar 4"]);
    }

    #[test]
    fn parts_of_what_was_made_several_times_have_the_name_of_the_whole() {
        let files = [
            (
                "src/semaphore.rs",
                "impl Semaphore {\nfn new() -> Semaphore {\nSemaphore { permits: Mutex::new(0), given: Condvar::new() }\n}\n}",
            ),
            (
                "src/buffer.rs",
                "// a: Semaphore::new(0)\nfull: Semaphore::new(0), empty: Semaphore::new(1),\nlet mutex = Semaphore::new(1);",
            ),
        ];
        let sources = Sources::new(files.map(|(name, text)| (name.to_owned(), text.to_owned())).into());
        let made = |times: usize| {
            vec![Place { file: "labs/semaphore-buffer-1f/src/semaphore.rs".to_owned(), line: 3 }; times]
        };
        let trace = |times| Trace { mutexes: made(times), condvars: made(times), ..Trace::default() };
        assert_eq!(words(mutexes(&trace(3), &sources)), ["full.permits", "empty.permits", "mutex.permits"]);
        assert_eq!(condvars(&trace(3), &sources)[2].to_string(), "mutex.given");
        assert_eq!(words(mutexes(&trace(1), &sources)), ["permits"]);
        // Not all of them were made by the lines that are there to be seen.
        assert_eq!(mutexes(&trace(4), &sources)[1].to_string(), "mutex 2");
    }
}
