//! The files of `/proc` that say how a process is. Whatever has ended meanwhile reads as nothing.

use super::kept;
use std::fs;
use std::os::unix::fs::{FileExt, MetadataExt};
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
        Stat::parse(&record(&format!("/proc/{pid}/stat"))?)
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

/// The bytes that the reads of a process have brought, and those that its writes have taken.
pub(crate) fn moved(pid: i32) -> Option<u64> {
    let io = record(&format!("/proc/{pid}/io"))?;
    let count = |name: &str| io.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<u64>().ok());
    Some(count("rchar:")? + count("wchar:")?)
}

/// A whole table's text. What names files or sockets may be any bytes, and must not make the others invisible.
pub(crate) fn text(path: &str) -> Option<String> {
    Some(String::from_utf8_lossy(&fs::read(path).ok()?).into_owned())
}

fn number<T: FromStr>(fields: &[&str], index: usize) -> Option<T> {
    fields.get(index)?.parse().ok()
}

/// The threads of a process; the main thread has the process's own number and comes first.
pub(crate) fn threads(pid: i32) -> Vec<i32> {
    /// Of a directory with one thread in it.
    const LINKS: u64 = 3;
    let directory = format!("/proc/{pid}/task");
    match kept::from_file(&directory, |file| Some(file.metadata().ok()?.nlink())) {
        Some(LINKS) => vec![pid],
        _ => numbers_in(&directory),
    }
}

/// All children of a process, zombies included, oldest first as far as numbers tell: each of its threads has its own.
pub(super) fn children_of(pid: i32, threads: &[i32]) -> Vec<i32> {
    let mut children = Vec::new();
    for tid in threads {
        match record(&format!("/proc/{pid}/task/{tid}/children")) {
            Some(list) => {
                children.extend(list.split_ascii_whitespace().filter_map(|pid| pid.parse::<i32>().ok()))
            }
            None => return children_by_scan(pid),
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

/// How a thread has got its turns.
pub(crate) struct Turns {
    /// How often it has been switched away from: as long as this stays, it has not run.
    pub(crate) switches: u64,
    /// Whether it runs, or wants to.
    pub(crate) running: bool,
    /// Whether its tracer holds it: it goes on as soon as that lets it.
    pub(crate) held: bool,
    /// Whether it is stopped, by SIGSTOP or the like.
    pub(crate) stopped: bool,
    /// Whether it will have no turn any more.
    pub(crate) over: bool,
}

pub(crate) fn turns(pid: i32, tid: i32) -> Option<Turns> {
    Turns::parse(&record(&format!("/proc/{pid}/task/{tid}/status"))?)
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
        let is = |letters: &[char]| state.starts_with(letters);
        Some(Turns {
            switches,
            running: is(&['R']),
            held: is(&['t']),
            stopped: is(&['T']),
            over: is(&['Z', 'X']),
        })
    }
}

/// The call in which a thread is blocked, with its arguments, stack and place, as the kernel writes it.
pub(crate) fn call(pid: i32, tid: i32) -> Option<String> {
    record(&format!("/proc/{pid}/task/{tid}/syscall"))
}

/// What a file says that is one record.
fn record(path: &str) -> Option<String> {
    kept::from_file(path, |file| {
        let mut bytes = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            let count = file.read_at(&mut buffer, bytes.len() as u64).ok()?;
            bytes.extend_from_slice(&buffer[..count]);
            // A read that does not fill the buffer was the last.
            if count < buffer.len() {
                // The name of a program may be any bytes.
                return Some(String::from_utf8_lossy(&bytes).into_owned());
            }
        }
    })
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
