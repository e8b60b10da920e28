/// What one does who is after the driver's socket: takes it by its number, or puts something of his own in its place.
mod seizer {
    use nix::sys::socket::{
        AddressFamily, ControlMessage, ControlMessageOwned, MsgFlags, SockFlag, SockType, recv, recvmsg, send, sendmsg,
        shutdown, socketpair, Shutdown,
    };
    use std::io::{IoSlice, IoSliceMut};
    use std::os::fd::{AsRawFd, OwnedFd, RawFd};

    /// Where every driver has its socket.
    pub const SOCKET: RawFd = 900;

    /// A copy of it, by way of a message to oneself.
    pub fn copy() -> nix::Result<RawFd> {
        let (a, b) = pair()?;
        let rights = [SOCKET];
        let message = [ControlMessage::ScmRights(&rights)];
        sendmsg::<()>(a.as_raw_fd(), &[IoSlice::new(b"x")], &message, MsgFlags::empty(), None)?;
        let mut space = nix::cmsg_space!([RawFd; 1]);
        let mut byte = [0];
        let mut slices = [IoSliceMut::new(&mut byte)];
        let message = recvmsg::<()>(b.as_raw_fd(), &mut slices, Some(&mut space), MsgFlags::empty())?;
        let mut copies = message.cmsgs()?.filter_map(|control| match control {
            ControlMessageOwned::ScmRights(all) => all.first().copied(),
            _ => None,
        });
        copies.next().ok_or(nix::errno::Errno::ENOMSG)
    }

    /// Frees the number, and opens until one's own lies there. The other end of that comes back.
    pub fn replace() -> nix::Result<OwnedFd> {
        let closed = nix::unistd::close(SOCKET);
        let (a, b) = pair()?;
        let placed = nix::fcntl::fcntl(&a, nix::fcntl::FcntlArg::F_DUPFD(SOCKET));
        println!("seizing: {closed:?} {placed:?}");
        std::mem::forget(a);
        closed?;
        placed?;
        Ok(b)
    }

    pub fn pair() -> nix::Result<(OwnedFd, OwnedFd)> {
        socketpair(AddressFamily::Unix, SockType::Stream, None, SockFlag::empty())
    }

    pub fn read(number: RawFd) -> nix::Result<usize> {
        recv(number, &mut [0; 1 << 16], MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_PEEK)
    }

    pub fn write(number: RawFd) -> nix::Result<usize> {
        send(number, b"\"done\"\n", MsgFlags::MSG_NOSIGNAL)
    }

    pub fn end(number: RawFd) -> nix::Result<()> {
        shutdown(number, Shutdown::Both)
    }
}
