//! Questions to the kernel about sockets, over a netlink socket.

use crate::process::receive;
use nix::errno::Errno;
use nix::sys::socket::{self, AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType};
use std::cell::RefCell;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

const SOCK_DIAG_BY_FAMILY: u16 = 20;
const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
const NLM_F_REQUEST: u16 = 0x1;
/// Asks for all that match, not for one.
const NLM_F_DUMP: u16 = 0x300;
/// The length of `struct nlmsghdr`.
const HEADER: usize = 16;

/// One attribute out of a row of `struct rtattr`.
pub(super) fn attribute(mut rest: &[u8], wanted: u16) -> Option<&[u8]> {
    while rest.len() >= 4 {
        let length = usize::from(u16::from_ne_bytes([rest[0], rest[1]]));
        let kind = u16::from_ne_bytes([rest[2], rest[3]]);
        let value = rest.get(4..length)?;
        if kind == wanted {
            return Some(value);
        }
        rest = rest.get(length.next_multiple_of(4)..)?;
    }
    None
}

/// Asks for all sockets that match, and collects the payloads of the answers.
pub(super) fn ask_for_all(payload: &[u8]) -> io::Result<Vec<Vec<u8>>> {
    Ok(ask(NLM_F_DUMP, payload)??)
}

/// Asks for one socket; none where the kernel knows none such.
pub(super) fn ask_for_one(payload: &[u8]) -> io::Result<Option<Vec<u8>>> {
    match ask(0, payload)? {
        Err(Errno::ENOENT) => Ok(None),
        answer => Ok(answer?.into_iter().next()),
    }
}

thread_local! {
    /// Kept from one question to the next: nothing is left unread in it.
    static NETLINK: RefCell<Option<OwnedFd>> = const { RefCell::new(None) };
}

fn ask(flags: u16, payload: &[u8]) -> io::Result<nix::Result<Vec<Vec<u8>>>> {
    let netlink = NETLINK.take().map_or_else(open, Ok)?;
    let mut request = ((HEADER + payload.len()) as u32).to_ne_bytes().to_vec();
    request.extend(SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    request.extend((NLM_F_REQUEST | flags).to_ne_bytes());
    request.extend([0; 8]);
    request.extend(payload);
    socket::send(netlink.as_raw_fd(), &request, MsgFlags::empty())?;
    let mut payloads = Vec::new();
    let answer = loop {
        match collect(&netlink, flags, &mut payloads)? {
            Ok(true) => {}
            Ok(false) => break Ok(payloads),
            Err(refusal) => break Err(refusal),
        }
    };
    NETLINK.set(Some(netlink));
    Ok(answer)
}

fn open() -> nix::Result<OwnedFd> {
    let (family, kind) = (AddressFamily::Netlink, SockType::Raw);
    socket::socket(family, kind, SockFlag::SOCK_CLOEXEC, SockProtocol::NetlinkSockDiag)
}

/// Receives one datagram of answers; says whether more are to come, or why there are none.
fn collect(netlink: &OwnedFd, flags: u16, payloads: &mut Vec<Vec<u8>>) -> io::Result<nix::Result<bool>> {
    let mut bytes = Vec::new();
    let recv = |buffer: &mut [u8]| socket::recv(netlink.as_raw_fd(), buffer, MsgFlags::empty());
    receive(recv, |part| bytes.extend_from_slice(part))?;
    let mut rest = bytes.as_slice();
    while rest.len() >= HEADER {
        let size = u32::from_ne_bytes(rest[..4].try_into().expect("four bytes")) as usize;
        let payload = rest.get(HEADER..size).ok_or(io::ErrorKind::InvalidData)?;
        match u16::from_ne_bytes([rest[4], rest[5]]) {
            NLMSG_DONE => return Ok(Ok(false)),
            NLMSG_ERROR => return Ok(Err(refusal(payload))),
            _ => payloads.push(payload.to_vec()),
        }
        rest = rest.get(size.next_multiple_of(4)..).unwrap_or_default();
    }
    Ok(Ok(flags & NLM_F_DUMP != 0))
}

fn refusal(payload: &[u8]) -> Errno {
    let code = payload.get(..4).map_or(0, |code| i32::from_ne_bytes(code.try_into().expect("four bytes")));
    Errno::from_raw(-code)
}
