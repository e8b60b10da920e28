//! The tree of files inside a box: what a view names, where the machine has it, and nothing else.

use super::View;
use crate::umask;
use anyhow::{Context, Result};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::unistd;
use std::ffi::CString;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// Where the machine's tree is while the new one is built.
const MACHINE: &str = "/machine";
/// What programs may keep in files, together with what they hold in memory otherwise.
const ROOM: &str = "mode=1777,size=80m,nr_inodes=16k";
const SECURE: MsFlags = MsFlags::MS_NOSUID.union(MsFlags::MS_NODEV);

/// Makes the view the tree of the calling process, which is process 1 of namespaces of its own. `/tmp` is empty and may be
/// written to; no name but `localhost` is known; nobody inside can make namespaces in turn.
pub(crate) fn enter(view: &View) -> Result<()> {
    Root::make(view)?.close()
}

/// A tree in the making: the machine is still there beside it.
pub(crate) struct Root {
    writable: Vec<PathBuf>,
}

impl Root {
    /// The tree of the calling process from now on, with what the view names in its place.
    pub(crate) fn make(view: &View) -> Result<Root> {
        umask::set();
        replace_root().context("no tree of its own")?;
        let (tmp, proc) = (make_dir("/tmp")?, make_dir("/proc")?);
        mount(Some("tmpfs"), &tmp, Some("tmpfs"), SECURE, Some(ROOM)).context("no /tmp")?;
        mount(Some("proc"), &proc, Some("proc"), SECURE | MsFlags::MS_NOEXEC, None::<&str>)
            .context("no /proc")?;
        fs::write("/proc/sys/user/max_user_namespaces", "0").context("namespaces cannot be forbidden")?;
        let mut root = Root { writable: vec![tmp] };
        root.show(view)?;
        Ok(root)
    }

    /// Puts what another view names into its place as well.
    pub(crate) fn show(&mut self, view: &View) -> Result<()> {
        for path in view.readable.iter().chain(&view.writable) {
            show(path).with_context(|| format!("{} cannot be shown", path.display()))?;
        }
        self.writable.extend_from_slice(&view.writable);
        Ok(())
    }

    /// Leaves the machine behind, and what is to be read can no longer be written.
    pub(crate) fn close(self) -> Result<()> {
        write_own_files().context("no /etc")?;
        umount2(MACHINE, MntFlags::MNT_DETACH).context("the machine's tree stays")?;
        fs::remove_dir(MACHINE)?;
        set_writable(Path::new("/"), false).context("the tree stays writable")?;
        let mut there = self.writable.iter().filter(|path| path.exists());
        there.try_for_each(|path| set_writable(path, true)).context("the tree stays closed")
    }
}

/// An empty tree, in which the old one is a directory.
fn replace_root() -> Result<()> {
    let none = None::<&str>;
    mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none)?;
    mount(Some("tmpfs"), "/tmp", Some("tmpfs"), SECURE, Some("mode=755,size=1m"))?;
    let inside = Path::new("/tmp").join(&MACHINE[1..]);
    fs::create_dir(&inside)?;
    unistd::pivot_root("/tmp", &inside)?;
    Ok(unistd::chdir("/")?)
}

/// Shows something of the machine at its own path.
fn show(path: &Path) -> Result<()> {
    let Ok(below) = path.strip_prefix("/") else { return Ok(()) };
    let origin = Path::new(MACHINE).join(below);
    let Ok(kind) = fs::symlink_metadata(&origin) else { return Ok(()) };
    if kind.is_symlink() {
        return Ok(symlink(fs::read_link(&origin)?, path)?);
    }
    if kind.is_dir() {
        fs::create_dir_all(path)?;
    } else {
        fs::create_dir_all(path.parent().context("a file lies in a directory")?)?;
        fs::File::create(path)?;
    }
    let none = None::<&str>;
    Ok(mount(Some(&origin), path, none, MsFlags::MS_BIND | MsFlags::MS_REC, none)?)
}

/// What the machine's files would tell of the machine.
fn write_own_files() -> Result<()> {
    make_dir("/etc")?;
    fs::write("/etc/hosts", "127.0.0.1 localhost\n::1 localhost ip6-localhost\n")?;
    fs::write("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\nservices: files\n")?;
    symlink("/tmp", "/dev/shm")?;
    Ok(symlink("/proc/self/fd", "/dev/fd")?)
}

fn make_dir(path: &str) -> Result<PathBuf> {
    let made = PathBuf::from(path);
    fs::create_dir_all(&made)?;
    fs::set_permissions(&made, fs::Permissions::from_mode(0o755))?;
    Ok(made)
}

/// `struct mount_attr`
#[repr(C)]
struct Attributes {
    set: u64,
    clear: u64,
    propagation: u64,
    userns: u64,
}

const READ_ONLY: u64 = 1;
const NO_SUID: u64 = 2;

/// Takes the right to write from a tree with all that is mounted in it, or gives it back to one mount.
fn set_writable(path: &Path, writable: bool) -> Result<()> {
    let (set, clear, how) = match writable {
        false => (READ_ONLY | NO_SUID, 0, libc::AT_RECURSIVE),
        true => (0, READ_ONLY, 0),
    };
    let attributes = Attributes { set, clear, propagation: 0, userns: 0 };
    let path = CString::new(path.as_os_str().as_bytes())?;
    // SAFETY: path and attributes live through the call, and the size is that of the attributes.
    let done = unsafe {
        let size = size_of::<Attributes>();
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            path.as_ptr(),
            how,
            &raw const attributes,
            size,
        )
    };
    if done == 0 { Ok(()) } else { Err(std::io::Error::last_os_error().into()) }
}
