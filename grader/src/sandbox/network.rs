//! A network with nothing but a loopback.

use anyhow::{Context, Result};
use nix::sched::{CloneFlags, unshare};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket};
use std::io;
use std::net::{Ipv4Addr, UdpSocket};
use std::os::fd::AsRawFd;

/// Gives the calling process such a network of its own. It must be process 1 of new namespaces, see
/// [`in_namespaces`](super::in_namespaces).
///
/// # Errors
/// Where the machine has no room for another network.
pub(crate) fn own() -> Result<()> {
    unshare(CloneFlags::CLONE_NEWNET).context("no network of its own")?;
    switch_loopback_on().context("no loopback")
}

/// Its addresses, 127.0.0.1 and ::1, come with that.
fn switch_loopback_on() -> io::Result<()> {
    let socket = socket(AddressFamily::Inet, SockType::Datagram, SockFlag::SOCK_CLOEXEC, None)?;
    // SAFETY: zeros are a request without a name and flags.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    request.ifr_name[..2].copy_from_slice(&[b'l' as libc::c_char, b'o' as libc::c_char]);
    request.ifr_ifru.ifru_flags = libc::IFF_UP as libc::c_short;
    // SAFETY: the request lives through the call, and is what this call takes.
    let done = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS, &raw const request) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Whether programs can reach each other on this machine. Where the loopback is down, it has its address, but no way leads there.
pub(crate) fn has_loopback() -> bool {
    let reached =
        UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|socket| socket.connect(socket.local_addr()?));
    reached.is_ok()
}
