//! A fresh Debian's tree of files, and the way into it.

use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{chdir, pivot_root};
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

const SUITE: &str = "stable";
/// Seconds: what is slower has no network to speak of.
const LIMIT: &str = "900";
/// Where the old tree is for a moment.
const OLD: &str = "old";

/// Unpacks a Debian with nothing but what it cannot do without, and these packages. Says why that is not possible.
pub(crate) fn unpack(root: &Path, packages: &[String]) -> Result<(), String> {
    let mut command = Command::new("timeout");
    command
        .args([LIMIT, "debootstrap", "--variant=minbase"])
        .arg(format!("--include={}", packages.join(",")))
        .arg(SUITE)
        .arg(root);
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("debootstrap: {error}"))?;
    match output.status.success() {
        true => Ok(()),
        false => {
            let log = String::from_utf8_lossy(&output.stdout).into_owned();
            Err(format!("debootstrap: {}", log.lines().last().unwrap_or("it failed")))
        }
    }
}

/// Mounts of its own for this process and all that comes of it: they end with the last of these.
pub(crate) fn own_mounts() -> io::Result<()> {
    unshare(CloneFlags::CLONE_NEWNS)?;
    let none = None::<&str>;
    Ok(mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none)?)
}

/// Shows a directory of this machine at another place as well, read-only.
pub(crate) fn show(outside: &Path, place: &Path) -> io::Result<()> {
    fs::create_dir_all(place)?;
    let none = None::<&str>;
    mount(Some(outside), place, none, MsFlags::MS_BIND, none)?;
    let read_only = MsFlags::MS_BIND | MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY;
    Ok(mount(none, place, none, read_only, none)?)
}

/// Shows it there no more.
pub(crate) fn hide(place: &Path) -> io::Result<()> {
    Ok(umount2(place, MntFlags::MNT_DETACH)?)
}

/// Makes a program one that is not there, as far as anybody can start it.
pub(crate) fn cover(program: &Path) -> io::Result<()> {
    let none = None::<&str>;
    Ok(mount(Some("/dev/null"), program, none, MsFlags::MS_BIND, none)?)
}

/// Makes `root` the tree of this process; `shown` is in it at its own path.
pub(crate) fn enter(root: &Path, shown: &Path) -> io::Result<()> {
    own_mounts()?;
    let (none, inside) = (None::<&str>, |path: &Path| root.join(path.strip_prefix("/").unwrap_or(path)));
    let bind = MsFlags::MS_BIND | MsFlags::MS_REC;
    mount(Some(root), root, none, bind, none)?;
    mount(Some("tmpfs"), &inside(Path::new("/tmp")), Some("tmpfs"), MsFlags::empty(), Some("mode=1777"))?;
    for path in [Path::new("/dev"), Path::new("/proc"), shown] {
        fs::create_dir_all(inside(path))?;
        mount(Some(path), &inside(path), none, bind, none)?;
    }
    fs::create_dir_all(root.join(OLD))?;
    pivot_root(root, &root.join(OLD))?;
    chdir("/")?;
    umount2(&Path::new("/").join(OLD), MntFlags::MNT_DETACH)?;
    fs::remove_dir(Path::new("/").join(OLD))
}
