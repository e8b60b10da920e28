//! Descriptors handed over a socket, one at a time; or that there is none.

use nix::cmsg_space;
use nix::sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, recvmsg, sendmsg};
use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;

pub(super) fn give(socket: &UnixStream, descriptor: Option<BorrowedFd>) -> io::Result<()> {
    let descriptors: Vec<RawFd> = descriptor.iter().map(AsRawFd::as_raw_fd).collect();
    let handed = ControlMessage::ScmRights(&descriptors);
    let handed = if descriptors.is_empty() { &[][..] } else { std::slice::from_ref(&handed) };
    sendmsg::<()>(socket.as_raw_fd(), &[IoSlice::new(&[0])], handed, MsgFlags::MSG_NOSIGNAL, None)?;
    Ok(())
}

/// None where the other end is closed.
pub(super) fn take(socket: &UnixStream) -> io::Result<Option<Option<OwnedFd>>> {
    let (mut byte, mut space) = ([0], cmsg_space!(RawFd));
    let mut parts = [IoSliceMut::new(&mut byte)];
    let flags = MsgFlags::MSG_CMSG_CLOEXEC;
    let message = recvmsg::<()>(socket.as_raw_fd(), &mut parts, Some(&mut space), flags)?;
    if message.bytes == 0 {
        return Ok(None);
    }
    let handed = message.cmsgs()?.find_map(|message| match message {
        ControlMessageOwned::ScmRights(descriptors) => descriptors.first().copied(),
        _ => None,
    });
    // SAFETY: the kernel has just made it, and nobody else knows of it.
    Ok(Some(handed.map(|descriptor| unsafe { OwnedFd::from_raw_fd(descriptor) })))
}
