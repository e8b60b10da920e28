//! A tree of files of another machine, and the way into it.

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{chdir, chroot};
use std::fs;
use std::io;
use std::path::Path;

/// What the tree gets of this machine, besides devices and `/proc`: nothing that is installed, but the toolchain and
/// what cargo has downloaded. In the tree, and on this machine.
pub(crate) fn show(root: &Path, inside: &str, outside: &Path) -> io::Result<()> {
    let place = root.join(inside.trim_start_matches('/'));
    fs::create_dir_all(&place)?;
    let none = None::<&str>;
    mount(Some(outside), &place, none, MsFlags::MS_BIND | MsFlags::MS_REC, none)?;
    let read_only = MsFlags::MS_BIND | MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY;
    Ok(mount(none, &place, none, read_only, none)?)
}
