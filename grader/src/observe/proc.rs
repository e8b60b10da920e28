//! The files of `/proc` that say how a process is. Whatever has ended meanwhile reads as nothing.

use std::fs;
use std::str::FromStr;

/// What `/proc/PID/stat` says of a process, or of a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stat {
    pub(crate) command: String,
    pub(crate) state: char,
    pub(crate) parent: i32,
    pub(crate) session: i32,
    /// User and system time, in clock ticks.
    pub(crate) ticks: u64,
    /// Resident memory, in pages.
    pub(crate) pages: u64,
}

impl Stat {
    pub(crate) fn of(pid: i32) -> Option<Stat> {
        Stat::parse(&text(&format!("/proc/{pid}/stat"))?)
    }

    /// The command stands in brackets and may itself contain brackets and spaces: the last closing one ends it.
    fn parse(line: &str) -> Option<Stat> {
        let (head, tail) = line.rsplit_once(')')?;
        let command = head.split_once('(')?.1.to_owned();
        let fields: Vec<&str> = tail.split_ascii_whitespace().collect();
        Some(Stat {
            command,
            state: fields.first()?.chars().next()?,
            parent: number(&fields, 1)?,
            session: number(&fields, 3)?,
            ticks: number::<u64>(&fields, 11)? + number::<u64>(&fields, 12)?,
            pages: number(&fields, 21)?,
        })
    }

    pub(crate) fn zombie(&self) -> bool {
        matches!(self.state, 'Z' | 'X')
    }
}

/// A file's text. A process chooses its own name and those of its files and sockets, and need not choose UTF-8: it must
/// not become invisible by that.
pub(crate) fn text(path: &str) -> Option<String> {
    let bytes = fs::read(path).ok()?;
    Some(
        String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()),
    )
}

fn number<T: FromStr>(fields: &[&str], index: usize) -> Option<T> {
    fields.get(index)?.parse().ok()
}

/// The threads of a process; the main thread has the process's own number and comes first.
pub(crate) fn threads(pid: i32) -> Vec<i32> {
    numbers_in(&format!("/proc/{pid}/task"))
}

/// All children of a process, zombies included, oldest first as far as numbers tell.
pub(crate) fn children(pid: i32) -> Vec<i32> {
    let lists =
        threads(pid).into_iter().map(|tid| fs::read_to_string(format!("/proc/{pid}/task/{tid}/children")));
    let mut children = Vec::new();
    for list in lists {
        match list {
            Ok(list) => {
                children.extend(list.split_ascii_whitespace().filter_map(|pid| pid.parse::<i32>().ok()))
            }
            Err(_) => return children_by_scan(pid),
        }
    }
    children.sort_unstable();
    children
}

/// For kernels without the list of children.
fn children_by_scan(pid: i32) -> Vec<i32> {
    let all = numbers_in("/proc").into_iter();
    all.filter(|&child| Stat::of(child).is_some_and(|stat| stat.parent == pid)).collect()
}

/// The descendants of a process, itself not included, parents before children.
pub(crate) fn descendants(pid: i32) -> Vec<i32> {
    let mut found = children(pid);
    let mut next = 0;
    while next < found.len() {
        let below = children(found[next]);
        found.extend(below.into_iter().filter(|pid| !found.contains(pid)).collect::<Vec<_>>());
        next += 1;
    }
    found
}

/// How a thread has got its turns.
pub(crate) struct Turns {
    /// How often it has been switched away from: as long as this stays, it has not run.
    pub(crate) switches: u64,
    /// Whether its tracer holds it: it goes on as soon as that lets it.
    pub(crate) held: bool,
}

pub(crate) fn turns(pid: i32, tid: i32) -> Option<Turns> {
    Turns::parse(&text(&format!("/proc/{pid}/task/{tid}/status"))?)
}

impl Turns {
    /// This file is read more often than any other: the two counts are looked for from its end, where they are.
    fn parse(status: &str) -> Option<Turns> {
        let mut switches = 0;
        for behind in status.rsplit("ctxt_switches:\t").take(2) {
            let digits = behind.split(|c: char| !c.is_ascii_digit()).next()?;
            switches += digits.parse::<u64>().ok()?;
        }
        let (_, state) = status.split_once("\nState:\t")?;
        Some(Turns { switches, held: state.starts_with('t') })
    }
}

pub(super) fn numbers_in(directory: &str) -> Vec<i32> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut numbers: Vec<i32> =
        entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    numbers.sort_unstable();
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_may_contain_brackets_and_spaces() {
        let line = "7 (a) b (c) S 3 7 5 0 -1 0 0 0 0 0 11 4 0 0 20 0 1 0 99 4096 25 18446744073709551615";
        let stat = Stat::parse(line).expect("a whole line");
        assert_eq!((stat.command.as_str(), stat.state, stat.parent, stat.session), ("a) b (c", 'S', 3, 5));
        assert_eq!((stat.ticks, stat.pages), (15, 25));
    }
}
