//! A filter of system calls for programs that have no use for a network: `socket` fails with EPERM, and so does a pair of
//! sockets, unless its two ends stay connected with each other. From any other, something could be sent elsewhere.

use crate::seccomp::{EQUAL, Filter, LOAD, NUMBER_AT, RETURN, SECOND_ARGUMENT_AT};

const AND: u16 = (libc::BPF_ALU | libc::BPF_AND | libc::BPF_K) as u16;
/// The part of a socket's type that is no flag.
const KIND: u32 = 0xf;
const REFUSED: u32 = libc::SECCOMP_RET_ERRNO | libc::EPERM as u32;

/// The filter.
pub(super) fn filter() -> Filter {
    Filter::new(&[
        (LOAD, 0, 0, NUMBER_AT),
        // To the refusal.
        (EQUAL, 6, 0, libc::SYS_socket as u32),
        // To the kind of the pair.
        (EQUAL, 1, 0, libc::SYS_socketpair as u32),
        (RETURN, 0, 0, libc::SECCOMP_RET_ALLOW),
        (LOAD, 0, 0, SECOND_ARGUMENT_AT),
        (AND, 0, 0, KIND),
        // To the last step.
        (EQUAL, 2, 0, libc::SOCK_STREAM as u32),
        (EQUAL, 1, 0, libc::SOCK_SEQPACKET as u32),
        (RETURN, 0, 0, REFUSED),
        (RETURN, 0, 0, libc::SECCOMP_RET_ALLOW),
    ])
}
