//! Words of a traced program's memory.

use nix::sys::uio::{RemoteIoVec, process_vm_readv};
use nix::unistd::Pid;
use std::io::IoSliceMut;

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
    let mut bytes = [0; 8];
    let remote = RemoteIoVec { base: usize::try_from(address).ok()?, len: bytes.len() };
    let read = process_vm_readv(thread, &mut [IoSliceMut::new(&mut bytes)], &[remote]);
    (read == Ok(8)).then_some(bytes)
}
