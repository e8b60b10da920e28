//! Filters of system calls that keep the student's code away from the driver's descriptors: those are numbers from
//! [`DRIVER_FDS`] on, and a number is all that many a function of nix asks for.
//!
//! Where schedules are searched, no call can use such a number, and no descriptor can be passed in a message: a searched
//! thread has no use for either. In the labs on processes the student's threads and the driver's are the same, and the
//! driver writes to its channel; nobody can close, copy, replace, read or move what is at such a number. To a program
//! these numbers are not open: the answer is EBADF, as it is for a loop that closes all descriptors from 3 on.

use crate::seccomp::{AT_LEAST, EQUAL, LOAD, NUMBER_AT, RETURN, argument_at};
use protocol::DRIVER_FDS;
use protocol::trace::Instruction;

/// Calls that take a descriptor, and which of their arguments are one. These a driver does not make once the student's code
/// runs.
const UNUSED: &[(libc::c_long, &[u32])] = &[
    (libc::SYS_close, &[0]),
    (libc::SYS_dup, &[0]),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_dup2, &[0, 1]),
    (libc::SYS_dup3, &[0, 1]),
    (libc::SYS_ioctl, &[0]),
    (libc::SYS_read, &[0]),
    (libc::SYS_pread64, &[0]),
    (libc::SYS_readv, &[0]),
    (libc::SYS_preadv, &[0]),
    (libc::SYS_preadv2, &[0]),
    (libc::SYS_recvfrom, &[0]),
    (libc::SYS_recvmsg, &[0]),
    (libc::SYS_recvmmsg, &[0]),
    (libc::SYS_sendmsg, &[0]),
    (libc::SYS_sendmmsg, &[0]),
    (libc::SYS_sendfile, &[0, 1]),
    (libc::SYS_splice, &[0, 2]),
    (libc::SYS_tee, &[0, 1]),
    (libc::SYS_vmsplice, &[0]),
    (libc::SYS_copy_file_range, &[0, 2]),
    (libc::SYS_shutdown, &[0]),
    (libc::SYS_setsockopt, &[0]),
    (libc::SYS_getsockopt, &[0]),
    (libc::SYS_connect, &[0]),
    (libc::SYS_bind, &[0]),
    (libc::SYS_listen, &[0]),
    (libc::SYS_accept, &[0]),
    (libc::SYS_accept4, &[0]),
];

/// Those by which a driver reports.
const REPORTING: &[(libc::c_long, &[u32])] = &[
    (libc::SYS_write, &[0]),
    (libc::SYS_pwrite64, &[0]),
    (libc::SYS_writev, &[0]),
    (libc::SYS_pwritev, &[0]),
    (libc::SYS_pwritev2, &[0]),
    (libc::SYS_sendto, &[0]),
    // A range that reaches so far.
    (libc::SYS_close_range, &[1]),
    (libc::SYS_epoll_ctl, &[2]),
];

/// Calls by which a descriptor could be passed, or used although its number is not among the arguments.
const PASSING: [libc::c_long; 5] =
    [libc::SYS_sendmsg, libc::SYS_sendmmsg, libc::SYS_recvmsg, libc::SYS_recvmmsg, libc::SYS_io_submit];

const NOT_OPEN: u32 = libc::SECCOMP_RET_ERRNO | libc::EBADF as u32;
/// What `fcntl` answers where the number is beyond the limit of descriptors.
const TOO_LARGE: u32 = libc::SECCOMP_RET_ERRNO | libc::EINVAL as u32;
const REFUSED: u32 = libc::SECCOMP_RET_ERRNO | libc::EPERM as u32;

/// For a thread that searches, and all that comes of it.
pub(super) fn of_search() -> Vec<Instruction> {
    let mut program = vec![(LOAD, 0, 0, NUMBER_AT)];
    PASSING.iter().for_each(|&call| program.extend([(EQUAL, 0, 1, call as u32), (RETURN, 0, 0, REFUSED)]));
    UNUSED
        .iter()
        .chain(REPORTING)
        .for_each(|(call, descriptors)| keep_from(&mut program, *call, descriptors));
    finish(program)
}

/// For a driver of a lab on processes, and all that comes of it.
pub(super) fn of_driver() -> Vec<Instruction> {
    let mut program = vec![(LOAD, 0, 0, NUMBER_AT)];
    UNUSED.iter().for_each(|(call, descriptors)| keep_from(&mut program, *call, descriptors));
    finish(program)
}

/// `fcntl` can also copy a descriptor to a number of the driver's.
fn keep_from_copying(program: &mut Vec<Instruction>) {
    let at_least = |argument| [(LOAD, 0, 0, argument_at(argument)), (AT_LEAST, 0, 1, DRIVER_FDS as u32)];
    program.push((EQUAL, 0, 10, libc::SYS_fcntl as u32));
    program.extend(at_least(0));
    program.push((RETURN, 0, 0, NOT_OPEN));
    program.push((LOAD, 0, 0, argument_at(1)));
    program.push((EQUAL, 1, 0, libc::F_DUPFD as u32));
    program.push((EQUAL, 0, 3, libc::F_DUPFD_CLOEXEC as u32));
    program.extend(at_least(2));
    program.push((RETURN, 0, 0, TOO_LARGE));
    program.push((RETURN, 0, 0, libc::SECCOMP_RET_ALLOW));
}

/// Answers a call with EBADF where one of these arguments is a number of the driver's. Leaves the call's number loaded, where
/// it is another call.
fn keep_from(program: &mut Vec<Instruction>, call: libc::c_long, descriptors: &[u32]) {
    let steps = 3 * descriptors.len() as u8 + 1;
    program.push((EQUAL, 0, steps, call as u32));
    for &descriptor in descriptors {
        program.push((LOAD, 0, 0, argument_at(descriptor)));
        program.push((AT_LEAST, 0, 1, DRIVER_FDS as u32));
        program.push((RETURN, 0, 0, NOT_OPEN));
    }
    program.push((RETURN, 0, 0, libc::SECCOMP_RET_ALLOW));
}

fn finish(mut program: Vec<Instruction>) -> Vec<Instruction> {
    keep_from_copying(&mut program);
    program.push((RETURN, 0, 0, libc::SECCOMP_RET_ALLOW));
    program
}
