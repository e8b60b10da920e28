//! Why nothing happens: one sentence per thread, saying in which call it is blocked, on what, and who holds the other end.

use super::descriptor::{Descriptor, Target};
use super::snapshot::{Process, Snapshot, Thread};
use super::syscall::{Blocked, Syscall};
use super::tcp::{self, TcpSocket};
use super::unix;
use crate::check::Location;
use std::net::SocketAddr;

/// A socket of the program's whose other end the grader holds: by inode, and what that end is called.
pub(crate) type Known = (u64, String);

/// What there is to say of one thread: its process, who it is, and what it does.
pub(crate) struct Told {
    pub(crate) pid: i32,
    /// What its process is called: `child 1`.
    pub(crate) process: String,
    /// Which thread of its process it is, counted from 1, where there are several.
    pub(crate) thread: Option<usize>,
    pub(crate) who: String,
    /// The call in which it is blocked.
    pub(crate) blocked: Option<Blocked>,
    /// To follow the name: `is blocked in read(4) at src/server.rs, line 7: it waits for …`.
    pub(crate) does: String,
    /// Whether it waits for the next client.
    pub(crate) at_rest: bool,
    /// The line of the lab in which it waits. Of a process, its first thread's.
    pub(crate) place: Option<Location>,
}

/// Where a thread of a process waits, by their numbers.
pub(crate) type Places<'a> = dyn Fn(i32, i32) -> Option<Location> + 'a;

/// One sentence per thread of these programs; of many that are found alike, one for all. `known` are the connections to the
/// grader's own clients.
pub(crate) fn diagnose(programs: &[Snapshot], known: &[Known], places: &Places<'_>) -> Vec<Told> {
    let grader = Process::look(std::process::id() as i32, "the grader".to_owned());
    let processes = programs.iter().flat_map(|program| &program.processes).collect();
    let connections = tcp::connections().unwrap_or_default();
    let scene = Everybody { processes, grader, known, places, connections };
    together(scene.processes.iter().flat_map(|process| scene.process(process)))
}

/// So many threads that are found alike are told as one.
const MANY: usize = 8;

/// The same, where many are in one call at one line, whatever it is about, with the first of them for all.
fn together(told: impl Iterator<Item = Told>) -> Vec<Told> {
    let call = |told: &Told| told.blocked.as_ref().map(|blocked| blocked.call);
    let alike = |one: &Told, other: &Told| (call(one), &one.place) == (call(other), &other.place);
    let mut groups: Vec<Vec<Told>> = Vec::new();
    for told in told {
        match groups.iter_mut().find(|group| told.blocked.is_some() && alike(&group[0], &told)) {
            Some(group) => group.push(told),
            None => groups.push(vec![told]),
        }
    }
    let few = |group: &Vec<Told>| group.len() < MANY;
    groups.into_iter().flat_map(|group| if few(&group) { group } else { vec![first_of(group)] }).collect()
}

fn first_of(group: Vec<Told>) -> Told {
    let (others, last) = (group.len() - 1, group.last().map_or(String::new(), |told| told.who.clone()));
    let first = group.into_iter().next().expect("a group has a first");
    let does = format!("{}; {others} more are in the same call, up to {last}", first.does);
    Told { does, ..first }
}

struct Everybody<'a> {
    processes: Vec<&'a Process>,
    grader: Option<Process>,
    known: &'a [Known],
    places: &'a Places<'a>,
    connections: Vec<TcpSocket>,
}

impl Everybody<'_> {
    fn process(&self, process: &Process) -> Vec<Told> {
        let (pid, name) = (process.pid, quoted(&process.name));
        if process.zombie {
            let does = "has ended, and its parent has not waited for it".to_owned();
            let process = process.name.clone();
            let thread = None;
            let at_rest = false;
            return vec![Told { pid, process, thread, who: name, blocked: None, does, at_rest, place: None }];
        }
        let several = process.threads.len() > 1;
        let numbered = process.threads.iter().enumerate();
        numbered
            .map(|(index, thread)| {
                let number = several.then_some(index + 1);
                let who = number.map_or(name.clone(), |number| format!("thread {number} of {name}"));
                let place = (self.places)(pid, thread.tid).filter(|_| thread.blocked.is_some());
                let does = self.thread(process, thread, place.as_ref());
                let (process, at_rest) = (process.name.clone(), thread.is_in(Syscall::Accept));
                Told {
                    pid,
                    process,
                    thread: number,
                    who,
                    blocked: thread.blocked.clone(),
                    does,
                    at_rest,
                    place,
                }
            })
            .collect()
    }

    fn thread(&self, process: &Process, thread: &Thread, place: Option<&Location>) -> String {
        let Some(blocked) = &thread.blocked else {
            return "is running: it has not come to rest".to_owned();
        };
        let call = blocked.in_words();
        let line = place.map_or(String::new(), |place| format!(" at {}, line {}", place.file, place.line));
        match self.reason(process, blocked) {
            Some(reason) => format!("is blocked in {call}{line}: {reason}"),
            None => format!("is blocked in {call}{line}"),
        }
    }

    fn reason(&self, process: &Process, blocked: &Blocked) -> Option<String> {
        let held =
            blocked.fd.and_then(|fd| process.descriptors.iter().find(|descriptor| descriptor.fd == fd));
        let reason = match blocked.call {
            Syscall::Accept => "it waits for the next client".to_owned(),
            Syscall::Read | Syscall::Recv | Syscall::RecvMsg => self.reading(held?),
            Syscall::Write | Syscall::Send | Syscall::SendMsg => self.writing(held?),
            Syscall::Splice | Syscall::SendFile => {
                "it carries bytes from there to another descriptor".to_owned()
            }
            Syscall::Wait => format!("it waits for {} to end", self.awaited(blocked)),
            Syscall::Futex => "it waits for a lock, a condition variable or another thread".to_owned(),
            Syscall::Sleep => "it lets time pass".to_owned(),
            Syscall::Poll | Syscall::Select | Syscall::EpollWait if blocked.forever => {
                "it waits for any of several descriptors".to_owned()
            }
            Syscall::Poll | Syscall::Select | Syscall::EpollWait => {
                "it waits for any of several descriptors, or for a time".to_owned()
            }
            Syscall::Pause | Syscall::SigSuspend => "it waits for a signal".to_owned(),
            Syscall::Connect => "its connect is not answered".to_owned(),
            _ => return None,
        };
        Some(reason)
    }

    fn awaited(&self, blocked: &Blocked) -> String {
        let child = blocked.child.and_then(|pid| self.processes.iter().find(|process| process.pid == pid));
        child.map_or("a child".to_owned(), |child| quoted(&child.name))
    }

    fn reading(&self, held: &Descriptor) -> String {
        match &held.target {
            Target::Pipe { inode } => match self.ends(*inode, true) {
                holders if holders.is_empty() => {
                    "it reads from a pipe whose write ends are all closed".to_owned()
                }
                holders => {
                    format!("it waits for bytes or the end of a pipe; the write end is open in {holders}")
                }
            },
            Target::Socket { inode } => match self.other_end(*inode) {
                Some(peer) => format!("it waits for bytes or the end of file from {peer}"),
                None => "it waits for bytes or the end of file from a connection".to_owned(),
            },
            Target::File(path) => format!("it waits for input from {}", path.display()),
            Target::Other(kind) => format!("it waits for {kind}"),
        }
    }

    fn writing(&self, held: &Descriptor) -> String {
        match &held.target {
            Target::Pipe { inode } => match self.ends(*inode, false) {
                holders if holders.is_empty() => "it writes to a pipe that nobody reads".to_owned(),
                holders => format!("the pipe is full until someone reads; the read end is open in {holders}"),
            },
            Target::Socket { inode } => match self.other_end(*inode) {
                Some(peer) => format!("the connection is full until {peer} reads"),
                None => "the connection is full until the other side reads".to_owned(),
            },
            Target::File(path) => format!("it waits for {} to take bytes", path.display()),
            Target::Other(kind) => format!("it waits for {kind}"),
        }
    }

    /// Everyone who holds this end of a pipe, as far as the grader looks: "`parent` as fd 6 and the grader".
    fn ends(&self, wanted: u64, writable: bool) -> String {
        let all = self.processes.iter().copied().chain(&self.grader);
        let holders = all.flat_map(|process| {
            let ends = process.descriptors.iter().filter(move |descriptor| {
                descriptor.target == Target::Pipe { inode: wanted } && descriptor.writable == writable
            });
            ends.map(|descriptor| holder(process, descriptor))
        });
        let mut holders: Vec<String> = holders.collect();
        holders.dedup();
        holders.join(" and ")
    }

    /// Who holds the other end of a socket: one of the grader's clients, another program, or nobody any more.
    fn other_end(&self, inode: u64) -> Option<String> {
        if let Some((_, name)) = self.known.iter().find(|(known, _)| *known == inode) {
            return Some(name.clone());
        }
        let own = self.connections.iter().find(|socket| socket.inode == inode);
        let peer = match own {
            Some(own) => self.inode_between(own.remote, own.local)?,
            None => unix::peer(inode).ok().flatten()?,
        };
        let all = self.processes.iter().copied().chain(&self.grader);
        let mut ends =
            all.flat_map(|process| process.descriptors.iter().map(move |descriptor| (process, descriptor)));
        ends.find(|(_, descriptor)| descriptor.target == Target::Socket { inode: peer })
            .map(|(process, descriptor)| holder(process, descriptor))
    }

    fn inode_between(&self, local: SocketAddr, remote: SocketAddr) -> Option<u64> {
        let found = self.connections.iter().find(|socket| socket.local == local && socket.remote == remote);
        found.map(|socket| socket.inode)
    }
}

fn holder(process: &Process, descriptor: &Descriptor) -> String {
    match process.pid == std::process::id() as i32 {
        true => process.name.clone(),
        false => format!("{} as fd {}", quoted(&process.name), descriptor.fd),
    }
}

fn quoted(name: &str) -> String {
    format!("`{name}`")
}

#[cfg(test)]
mod tests {
    use super::{Blocked, MANY, Syscall, Told, together};

    fn told(who: usize, call: Syscall, fd: Option<i32>) -> Told {
        let blocked = Blocked { call, fd, child: None, forever: true, passes_time: false };
        Told {
            thread: None,
            pid: who as i32,
            process: format!("child {who}"),
            who: format!("`child {who}`"),
            does: format!("is blocked in {}", blocked.in_words()),
            blocked: Some(blocked),
            at_rest: false,
            place: None,
        }
    }

    #[test]
    fn many_that_are_found_alike_are_told_as_one() {
        let crowd = || (1..=MANY).map(|who| told(who, Syscall::Read, Some(4 + who as i32)));
        let with_server = [told(0, Syscall::Wait, None)].into_iter().chain(crowd());
        let said: Vec<String> = together(with_server).into_iter().map(|told| told.does).collect();
        let all = "is blocked in read(5); 7 more are in the same call, up to `child 8`";
        assert_eq!(said, ["is blocked in wait", all]);
        let few: Vec<Told> = together(crowd().skip(1));
        assert_eq!(few.len(), MANY - 1);
    }
}
