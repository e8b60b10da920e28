//! Whose process is whose: everything below the grader, divided among the programs that it started.

use super::proc::{self, Stat};

/// A process and its threads.
pub(crate) struct Member {
    pub(super) pid: i32,
    /// The main thread comes first.
    pub(super) threads: Vec<i32>,
}

/// Everything below the grader, at one moment.
pub(crate) struct Families {
    /// Each program's processes: its own, its descendants, and orphans of its session, which are the grader's children now.
    pub(crate) programs: Vec<Vec<Member>>,
    /// What belongs to none: it outlived its own, or left its session.
    pub(crate) strays: Vec<Member>,
}

impl Families {
    /// Divides what runs now among the programs whose own processes these are. An orphan that has ended is no zombie of a
    /// program's: it is the grader's to reap. The grader's own process has one thread.
    pub(crate) fn of(roots: &[i32]) -> Families {
        let programs = roots.iter().map(|root| line(*root)).collect();
        let mut families = Families { programs, strays: Vec::new() };
        let own = std::process::id() as i32;
        for child in proc::children_of(own, &[own]).into_iter().filter(|child| !roots.contains(child)) {
            let stat = Stat::of(child);
            let session = stat.as_ref().map(|stat| stat.session);
            match roots.iter().position(|root| Some(*root) == session) {
                None => families.strays.extend(line(child)),
                Some(_) if stat.is_some_and(|stat| stat.zombie()) => {}
                Some(index) => families.programs[index].extend(line(child)),
            }
        }
        families
    }
}

/// A program's processes.
pub(crate) fn tree(root: i32) -> Vec<i32> {
    pids(Families::of(&[root]).programs.into_iter().flatten())
}

/// What runs below the grader and belongs to none of these programs.
pub(crate) fn strays(roots: &[i32]) -> Vec<i32> {
    pids(Families::of(roots).strays.into_iter())
}

/// The descendants of a process, itself not included, parents before children.
pub(crate) fn descendants(pid: i32) -> Vec<i32> {
    pids(line(pid).into_iter().skip(1))
}

/// A process and its descendants, parents before children.
fn line(root: i32) -> Vec<Member> {
    let mut found = vec![Member { pid: root, threads: proc::threads(root) }];
    let mut next = 0;
    while let Some(Member { pid, threads }) = found.get(next) {
        let mut below = proc::children_of(*pid, threads);
        below.retain(|pid| found.iter().all(|member| member.pid != *pid));
        found.extend(below.into_iter().map(|pid| Member { pid, threads: proc::threads(pid) }));
        next += 1;
    }
    found
}

fn pids(members: impl Iterator<Item = Member>) -> Vec<i32> {
    members.map(|member| member.pid).collect()
}
