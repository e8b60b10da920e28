//! The client: reach the server by its name, then talk to it.

use crate::Error;
use std::os::fd::{BorrowedFd, OwnedFd};
// SOLUTION
use crate::address::lookup_host;
use crate::server::write_all;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{self, MsgFlags, Shutdown, SockFlag, getsockopt, send, shutdown, socket, sockopt};
use nix::unistd::read;
use oslab::{AddrInfo, retry};
use std::os::fd::{AsFd, AsRawFd};
// END

/// Connects to a service of a host and returns the connected socket.
///
/// - A host may have several addresses, and not all of them need answer: each is tried in the order of
///   [`lookup_host`](crate::address::lookup_host), with a socket of its own, until one connects.
/// - Blocks until a server answers or every address has failed.
/// - The socket belongs to the caller. Sockets of failed attempts are closed.
/// - Fails with the error of the last attempt when no address answers, or of the look-up.
///
/// A signal (`EINTR`) does not end `connect(2)`: it goes on in the background. Wait with `poll(2)` until the socket is
/// writable, then ask for its `SO_ERROR` (connect(2), on `EINPROGRESS`).
pub fn connect_to(host: &str, port: &str) -> Result<OwnedFd, Error> {
    // SOLUTION
    let mut failure = None;
    for address in lookup_host(host, port)? {
        match connect(&address) {
            Ok(socket) => return Ok(socket),
            Err(error) => failure = Some(error),
        }
    }
    Err(failure.expect("getaddrinfo returns at least one address"))
    // STARTER
    // todo!("look the host up; try its addresses in turn: socket, connect; return the first that answers")
    // END
}

/// Carries bytes both ways until the server ends the conversation: from `input` to the server, and from the server to
/// `output`.
///
/// - Both directions flow at the same time: what the server says appears at once, also while `input` has nothing to
///   say; and a server that answers before it has read everything is listened to meanwhile.
/// - At the end of `input` only the sending direction is closed (`shutdown(2)`): the server sees end of file, and its
///   answers still arrive.
/// - Returns as soon as the server has closed its side and all it sent is written to `output`, even if `input` goes on.
/// - Any bytes, any amount. Signals (`EINTR`) and short counts make no difference.
/// - Fails with the error of the first call that fails, `ECONNRESET` among them. Closes none of the three descriptors.
///
/// `socket` is a connected stream socket; `input` and `output` are anything that can be read and written: a terminal, a
/// pipe, a file.
pub fn run_client(
    socket: BorrowedFd<'_>,
    input: BorrowedFd<'_>,
    output: BorrowedFd<'_>,
) -> Result<(), Error> {
    // SOLUTION
    let mut unsent = Vec::new();
    let mut input_ended = false;
    loop {
        let reading = !input_ended && unsent.is_empty();
        let ready = wait(socket, !unsent.is_empty(), reading.then_some(input)).map_err(Error::of("poll"))?;
        if ready.to_receive && receive(socket, output)?.is_empty() {
            return Ok(());
        }
        if ready.to_send {
            send_some(socket, &mut unsent)?;
        }
        if ready.to_read {
            unsent = read_some(input)?;
            input_ended = unsent.is_empty();
        }
        if ready.to_read && input_ended {
            shutdown(socket.as_raw_fd(), Shutdown::Write).map_err(Error::of("shutdown"))?;
        }
    }
    // STARTER
    // todo!("poll socket and input; copy what is there; half-close at end of input; return at the server's end")
    // END
}
// SOLUTION

/// One attempt to connect, with a socket of the address's own kind. A socket that failed is closed by being dropped.
fn connect(address: &AddrInfo) -> Result<OwnedFd, Error> {
    let socket = socket(address.family, address.socktype, SockFlag::SOCK_CLOEXEC, address.protocol)
        .map_err(Error::of("socket"))?;
    match socket::connect(socket.as_raw_fd(), &address.addr) {
        Err(Errno::EINTR) => wait_connected(&socket),
        result => result,
    }
    .map_err(Error::of("connect"))?;
    Ok(socket)
}

/// Waits for the end of a connect that goes on in the background, and tells how it ended.
fn wait_connected(socket: &OwnedFd) -> nix::Result<()> {
    let mut fds = [PollFd::new(socket.as_fd(), PollFlags::POLLOUT)];
    retry(|| poll(&mut fds, PollTimeout::NONE))?;
    match getsockopt(socket, sockopt::SocketError)? {
        0 => Ok(()),
        errno => Err(Errno::from_raw(errno)),
    }
}

/// What can be done now without blocking.
struct Ready {
    to_receive: bool,
    to_send: bool,
    to_read: bool,
}

/// Blocks until the server has said something (or ended), the socket has room (if `sending`), or the input has something
/// to say (if it is given).
fn wait(socket: BorrowedFd<'_>, sending: bool, input: Option<BorrowedFd<'_>>) -> nix::Result<Ready> {
    let interest = if sending { PollFlags::POLLIN | PollFlags::POLLOUT } else { PollFlags::POLLIN };
    let mut fds = vec![PollFd::new(socket, interest)];
    fds.extend(input.map(|input| PollFd::new(input, PollFlags::POLLIN)));
    retry(|| poll(&mut fds, PollTimeout::NONE))?;
    let happened = fds[0].revents().unwrap_or(PollFlags::empty());
    Ok(Ready {
        // End of file and errors show as POLLHUP and POLLERR, and are what read then returns.
        to_receive: !(happened - PollFlags::POLLOUT).is_empty(),
        to_send: happened.contains(PollFlags::POLLOUT),
        to_read: fds.get(1).and_then(PollFd::any).unwrap_or(false),
    })
}

/// Passes on what the server has said, and returns it; empty at its end of file.
fn receive(socket: BorrowedFd<'_>, output: BorrowedFd<'_>) -> Result<Vec<u8>, Error> {
    let received = read_some(socket)?;
    write_all(output, &received)?;
    Ok(received)
}

fn read_some(from: BorrowedFd<'_>) -> Result<Vec<u8>, Error> {
    let mut buffer = vec![0; 4096];
    let count = retry(|| read(from, &mut buffer)).map_err(Error::of("read"))?;
    buffer.truncate(count);
    Ok(buffer)
}

/// Sends as much as the socket takes now, and keeps the rest. A blocking write would wait until *all* of it has gone, deaf
/// to a server that first wants its answers read.
fn send_some(socket: BorrowedFd<'_>, unsent: &mut Vec<u8>) -> Result<(), Error> {
    let flags = MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_NOSIGNAL;
    match retry(|| send(socket.as_raw_fd(), unsent, flags)) {
        Ok(sent) => unsent.drain(..sent),
        Err(Errno::EAGAIN) => return Ok(()),
        Err(errno) => return Err(Error::of("send")(errno)),
    };
    Ok(())
}
// END
