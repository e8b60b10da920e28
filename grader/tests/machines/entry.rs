//! The way into an environment: this process, and all that it becomes, sees another machine.

use crate::calls::{self, Refusal};
use crate::root;
use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl;
use nix::sys::signal::{SigHandler, SigSet, SigmaskHow, Signal, signal, sigprocmask};
use nix::unistd::{self, Gid, Uid};
use serde::Deserialize;
use std::fs;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// What is different there. What is not named is as on this machine.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Entry {
    /// A fresh Debian's tree of files, with these packages.
    pub(crate) debian: Option<Vec<String>>,
    /// Programs that cannot be started: a name of the toolchain's, or a path.
    without: Vec<String>,
    /// Whether the course lies at a path that nobody would choose.
    pub(crate) odd_path: bool,
    /// The user's number; an ordinary one has no powers.
    pub(crate) user: Option<u32>,
    /// Of root's powers, these are left: their numbers.
    powers: Option<Vec<libc::c_ulong>>,
    /// A network of its own, whose loopback has no IPv6.
    network_without_ipv6: bool,
    /// A user namespace in which no other can be made.
    no_more_namespaces: bool,
    refuse: Vec<Refusal>,
    ignore: Vec<String>,
    block: Vec<String>,
    /// `~/.cargo/config.toml`.
    pub(crate) cargo_config: Option<String>,
    /// Further variables.
    pub(crate) environment: Vec<(String, String)>,
}

impl Entry {
    /// Whether only root can make it.
    pub(crate) fn needs_root(&self) -> bool {
        let made_by_root = [
            self.debian.is_some(),
            !self.without.is_empty(),
            self.user.is_some(),
            self.powers.is_some(),
            self.network_without_ipv6,
            self.no_more_namespaces,
        ];
        made_by_root.contains(&true)
    }

    /// Becomes the command in this environment. `root` is the tree to be entered, and what of this machine is seen there.
    ///
    /// # Errors
    /// Where a step is not possible on this machine.
    pub(crate) fn exec(&self, root: &Path, shown: &Path, command: &mut Command) -> io::Error {
        match self.enter(root, shown) {
            Ok(()) => command.exec(),
            Err(error) => error,
        }
    }

    fn enter(&self, root: &Path, shown: &Path) -> io::Result<()> {
        let course = std::env::current_dir()?;
        if self.debian.is_some() {
            root::enter(root, shown)?;
        }
        if !self.without.is_empty() {
            root::own_mounts()?;
            let mut missing = self.without.iter().map(|name| shown.join("rust/bin").join(name));
            missing.try_for_each(|program| root::cover(&program))?;
        }
        std::env::set_current_dir(course)?;
        if self.network_without_ipv6 {
            own_network()?;
        }
        if self.no_more_namespaces {
            unshare(CloneFlags::CLONE_NEWUSER)?;
            fs::write("/proc/self/setgroups", "deny")?;
            fs::write("/proc/self/uid_map", "0 0 1")?;
            fs::write("/proc/self/gid_map", "0 0 1")?;
            fs::write("/proc/sys/user/max_user_namespaces", "0")?;
        }
        self.powers.iter().for_each(|kept| keep_powers(kept));
        if let Some(user) = self.user {
            unistd::setgroups(&[])?;
            unistd::setresgid(Gid::from_raw(user), Gid::from_raw(user), Gid::from_raw(user))?;
            unistd::setresuid(Uid::from_raw(user), Uid::from_raw(user), Uid::from_raw(user))?;
        }
        // Another user's process has forgotten that.
        prctl::set_pdeathsig(Signal::SIGKILL)?;
        set_signals(&self.ignore, &self.block)?;
        if !self.refuse.is_empty() {
            prctl::set_no_new_privs()?;
            calls::refuse(&self.refuse)?;
        }
        Ok(())
    }
}

fn own_network() -> io::Result<()> {
    unshare(CloneFlags::CLONE_NEWNET)?;
    for which in ["all", "default", "lo"] {
        fs::write(format!("/proc/sys/net/ipv6/conf/{which}/disable_ipv6"), "1")?;
    }
    let socket = std::net::UdpSocket::bind("0.0.0.0:0")?;
    // SAFETY: zeros are a request without a name and flags.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    request.ifr_name[..2].copy_from_slice(&[b'l' as libc::c_char, b'o' as libc::c_char]);
    request.ifr_ifru.ifru_flags = libc::IFF_UP as libc::c_short;
    // SAFETY: the request lives through the call, and is what this call takes.
    let done = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS, &raw const request) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

fn keep_powers(kept: &[libc::c_ulong]) {
    // SAFETY: takes numbers; those beyond the last power are refused.
    let drop = |power: libc::c_ulong| unsafe { libc::prctl(libc::PR_CAPBSET_DROP, power, 0, 0, 0) };
    (0..64).filter(|power| !kept.contains(power)).for_each(|power| _ = drop(power));
}

fn set_signals(ignored: &[String], blocked: &[String]) -> io::Result<()> {
    let named = |name: &String| name.parse::<Signal>();
    for name in ignored {
        // SAFETY: no handler is installed.
        unsafe { signal(named(name)?, SigHandler::SigIgn) }?;
    }
    let blocked = blocked.iter().map(named).collect::<Result<SigSet, _>>()?;
    Ok(sigprocmask(SigmaskHow::SIG_BLOCK, Some(&blocked), None)?)
}
