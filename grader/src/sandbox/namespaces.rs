//! A life as process 1 of new namespaces.
//!
//! Whoever makes them stays outside, maps the users, and waits. With the end of either, everything inside ends.

use super::loopback;
use anyhow::{Context, Result, ensure};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{self, Pid};
use std::io::Read;
use std::os::fd::{AsFd, OwnedFd};

const NAMESPACES: libc::c_int = libc::CLONE_NEWUSER
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNET
    | libc::CLONE_NEWNS
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUTS;

/// The number by which programs in the box know their user.
pub(super) const STUDENT: u32 = 1000;
/// Started by root, they are a user that no machine has, in each box another.
const NOBODY_ELSE: u32 = 0x8000_0000;

/// Runs `life` inside and returns the number it ends with. The caller must be single-threaded.
///
/// # Errors
/// Where the kernel does not let this user make the namespaces.
pub(crate) fn run(life: impl FnOnce() -> Result<u8>) -> Result<u8> {
    let (outside, inside) = std::io::pipe().context("no pipe")?;
    let (go, ready) = (OwnedFd::from(outside), OwnedFd::from(inside));
    // SAFETY: without a stack of its own the child goes on with a copy of this one, as after a fork, and this process has
    // no other thread.
    let pid = unsafe { libc::syscall(libc::SYS_clone, NAMESPACES | libc::SIGCHLD, 0, 0, 0, 0) };
    match pid {
        0 => {
            drop(ready);
            let ended = begin(go).and_then(|_watch| life());
            std::process::exit(ended.map_or(1, i32::from))
        }
        pid if pid > 0 => {
            drop(go);
            keep(Pid::from_raw(pid as i32), ready)
        }
        _ => Err(nix::errno::Errno::last()).context("new namespaces"),
    }
}

/// Lets the child go once its users are mapped, and waits for its end.
fn keep(child: Pid, ready: OwnedFd) -> Result<u8> {
    let mapped = map_users(child);
    if mapped.is_ok() {
        unistd::write(&ready, &[1]).context("process 1 has gone")?;
    } else {
        nix::sys::signal::kill(child, Signal::SIGKILL)?;
    }
    let status = waitpid(child, None)?;
    mapped?;
    match status {
        WaitStatus::Exited(_, code) => Ok(code as u8),
        other => anyhow::bail!("process 1 ended early: {other:?}"),
    }
}

/// Two users where the machine's root makes the box: itself, and one for the programs. Else all are the one user there is,
/// of whom programs keep the name and none of the power.
fn map_users(child: Pid) -> Result<()> {
    let (user, group) = (unistd::geteuid(), unistd::getegid());
    let other = NOBODY_ELSE + child.as_raw() as u32;
    let write = |file: &str, map: String| std::fs::write(format!("/proc/{child}/{file}"), map);
    let two = format!("0 0 1\n{STUDENT} {other} 1\n");
    if user.is_root() && write("uid_map", two.clone()).is_ok() && write("gid_map", two).is_ok() {
        return Ok(());
    }
    write("setgroups", "deny".to_owned()).context("groups cannot be given up")?;
    write("uid_map", format!("{STUDENT} {user} 1")).context("users cannot be mapped")?;
    write("gid_map", format!("{STUDENT} {group} 1")).context("groups cannot be mapped")
}

/// The first steps of process 1. Returns what the keeper's end would be seen by.
fn begin(go: OwnedFd) -> Result<OwnedFd> {
    let mut go = std::fs::File::from(go);
    go.read_exact(&mut [0]).context("the keeper has gone")?;
    unistd::setsid()?;
    prctl::set_pdeathsig(Signal::SIGKILL)?;
    let gone = poll(&mut [PollFd::new(go.as_fd(), PollFlags::POLLIN)], PollTimeout::ZERO)?;
    ensure!(gone == 0, "the keeper has gone");
    loopback::up().context("no loopback")?;
    Ok(go.into())
}
