//! A traced program's memory.

use nix::sys::uio::{RemoteIoVec, process_vm_readv};
use nix::unistd::Pid;
use std::io::IoSliceMut;

const PAGE: usize = 4096;

/// The eight bytes at an address.
pub(super) fn word(thread: Pid, address: u64) -> Option<u64> {
    bytes(thread, address).map(u64::from_ne_bytes)
}

/// The two ints at an address: what `pipe` and `socketpair` fill in.
pub(super) fn pair(thread: Pid, address: u64) -> Option<[i32; 2]> {
    let [a, b, c, d, e, f, g, h] = bytes(thread, address)?;
    Some([i32::from_ne_bytes([a, b, c, d]), i32::from_ne_bytes([e, f, g, h])])
}

fn bytes(thread: Pid, address: u64) -> Option<[u8; 8]> {
    from(thread, address, 8).try_into().ok()
}

/// What is there from an address on, at most so many bytes: fewer where the memory ends. The kernel reads a piece wholly
/// or not at all, so each page is a piece.
pub(super) fn from(thread: Pid, address: u64, most: usize) -> Vec<u8> {
    let mut bytes = vec![0; most];
    let mut pieces = Vec::new();
    let (mut base, mut left) = (address as usize, most);
    while left > 0 {
        let len = left.min(PAGE - base % PAGE);
        pieces.push(RemoteIoVec { base, len });
        (base, left) = (base + len, left - len);
    }
    let read = process_vm_readv(thread, &mut [IoSliceMut::new(&mut bytes)], &pieces).unwrap_or(0);
    bytes.truncate(read);
    bytes
}
