//! Ending processes, by number: of one program, or of everything below the supervisor.

use crate::observe::{self, proc::Stat};
use nix::sys::signal::{self, Signal, killpg};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid, waitpid};
use nix::unistd::Pid;
use std::collections::BTreeMap;

/// Kills a program that leads a session of its own, its group at one stroke (a fork in progress cannot slip away), then
/// its descendants that have left the group.
pub(crate) fn kill_tree(root: Pid) {
    let mut everyone = observe::tree(root.as_raw());
    // A process that was already reaped has given its number back.
    everyone.retain(|pid| Stat::of(*pid).is_some_and(|stat| ours(&stat, *pid, root)));
    let _ = everyone.contains(&root.as_raw()).then(|| killpg(root, Signal::SIGKILL));
    everyone.into_iter().for_each(kill_one);
}

fn ours(stat: &Stat, pid: i32, root: Pid) -> bool {
    pid != root.as_raw() || stat.session == root.as_raw()
}

/// Kills these processes, as far as they still run, and says their commands.
pub(crate) fn kill(processes: &[i32]) -> Vec<String> {
    let living =
        processes.iter().filter_map(|&pid| Some((pid, Stat::of(pid).filter(|stat| !stat.zombie())?)));
    let end = |(pid, stat): (i32, Stat)| {
        kill_one(pid);
        stat.command
    };
    living.map(end).collect()
}

/// Ends every descendant of this process and reaps it. Returns the commands of those that still ran.
pub(crate) fn kill_descendants() -> Vec<String> {
    let own = std::process::id() as i32;
    let mut killed = BTreeMap::new();
    loop {
        let living = observe::descendants(own).into_iter().filter_map(|pid| Some((pid, Stat::of(pid)?)));
        for (pid, stat) in living.filter(|(_, stat)| !stat.zombie()) {
            kill_one(pid);
            killed.insert(pid, stat.command);
        }
        if !reap() {
            return killed.into_values().collect();
        }
    }
}

/// Reaps orphans that have ended: a program whose serving processes are nobody's children leaves that to whoever adopts
/// them. `watched` are the processes whose end is asked for elsewhere.
pub(crate) fn reap_orphans(watched: impl Fn(Pid) -> bool) {
    let ended = || waitid(Id::All, WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT);
    while let Ok(Some(pid)) = ended().map(|status| status.pid())
        && !watched(pid)
    {
        let _ = waitpid(pid, Some(WaitPidFlag::WNOHANG));
    }
}

/// Whoever has ended meanwhile is no concern.
fn kill_one(pid: i32) {
    let _ = signal::kill(Pid::from_raw(pid), Signal::SIGKILL);
}

/// Waits for a child, whichever, and takes all others that have ended by then; says whether there was one to wait for.
fn reap() -> bool {
    let found = waitpid(None, Some(WaitPidFlag::__WALL)).is_ok();
    let more = || waitpid(None, Some(WaitPidFlag::__WALL | WaitPidFlag::WNOHANG));
    while more().is_ok_and(|status| status != WaitStatus::StillAlive) {}
    found
}
