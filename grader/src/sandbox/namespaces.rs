//! A life as process 1 of new namespaces.
//!
//! Whoever makes them stays outside, maps the users, and is the keeper.

use super::keeper::Keeper;
use crate::process::leave;
use anyhow::{Context, Result, ensure};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::unistd::{self, Pid};
use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, OwnedFd};

const NAMESPACES: libc::c_int =
    libc::CLONE_NEWUSER | libc::CLONE_NEWPID | libc::CLONE_NEWNS | libc::CLONE_NEWIPC | libc::CLONE_NEWUTS;

/// All users of a machine, as they are.
const EVERYBODY: &str = "0 0 4294967295";
/// From here on there are users that no machine has.
const NOBODY: u32 = 0x8000_0000;
/// The name by which an ordinary user is known inside.
const USER: u32 = 1000;

/// Runs `life` inside and returns the number it ends with. The caller must be single-threaded. Where root calls, `life` is
/// told of a user whom no machine and no other box has, for the programs: the kernel does not count what root's own do.
/// Else all are the one user there is, of whom programs keep the name and none of the power.
///
/// # Errors
/// Where the kernel does not let this user make the namespaces.
pub(crate) fn run(life: impl FnOnce(Option<u32>) -> Result<u8>) -> Result<u8> {
    let keeper = Keeper::new()?;
    let (outside, inside) = std::io::pipe().context("no pipe")?;
    let (go, ready) = (OwnedFd::from(outside), OwnedFd::from(inside));
    // SAFETY: without a stack of its own the child goes on with a copy of this one, as after a fork, and this process has
    // no other thread.
    let pid = unsafe { libc::syscall(libc::SYS_clone, NAMESPACES | libc::SIGCHLD, 0, 0, 0, 0) };
    match pid {
        0 => {
            drop(ready);
            let mut go = File::from(go);
            let ended = keeper.free().and_then(|()| begin(&mut go)).and_then(life);
            leave(ended.unwrap_or(1))
        }
        pid if pid > 0 => {
            drop(go);
            let child = Pid::from_raw(pid as i32);
            let mapped = release(child, &ready);
            let ended = keeper.keep(child);
            mapped.map(|()| ended)
        }
        _ => Err(nix::errno::Errno::last()).context("new namespaces"),
    }
}

/// Lets the child go once its users are mapped.
fn release(child: Pid, ready: &OwnedFd) -> Result<()> {
    let mapped = map_users(child);
    match &mapped {
        Ok(user) => drop(unistd::write(ready, &user.to_ne_bytes())),
        Err(_) => nix::sys::signal::kill(child, Signal::SIGKILL)?,
    }
    mapped.map(drop)
}

/// Returns the user for the programs; 0 where there is no other.
fn map_users(child: Pid) -> Result<u32> {
    let (user, group) = (unistd::geteuid(), unistd::getegid());
    let write = |file: &str, map: &str| std::fs::write(format!("/proc/{child}/{file}"), map);
    if user.is_root() && write("uid_map", EVERYBODY).is_ok() && write("gid_map", EVERYBODY).is_ok() {
        return Ok(NOBODY + child.as_raw() as u32);
    }
    write("setgroups", "deny").context("groups cannot be given up")?;
    write("uid_map", &format!("{USER} {user} 1")).context("users cannot be mapped")?;
    write("gid_map", &format!("{USER} {group} 1")).context("groups cannot be mapped")?;
    Ok(0)
}

/// The first steps of process 1. Returns the user for the programs. As long as `go` is open, the keeper's end is seen.
fn begin(go: &mut File) -> Result<Option<u32>> {
    let mut user = [0; 4];
    go.read_exact(&mut user).context("the keeper has gone")?;
    unistd::setsid()?;
    prctl::set_pdeathsig(Signal::SIGKILL)?;
    let gone = poll(&mut [PollFd::new(go.as_fd(), PollFlags::POLLIN)], PollTimeout::ZERO)?;
    ensure!(gone == 0, "the keeper has gone");
    Ok(Some(u32::from_ne_bytes(user)).filter(|user| *user > 0))
}
