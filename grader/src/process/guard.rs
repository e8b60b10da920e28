//! Filters of system calls that keep the student's code away from the descriptor on which the driver reports: it is a number,
//! [`REPORTING_FD`], and a number is all that many a function of nix asks for.
//!
//! Where schedules are searched, no call can use it, and no descriptor can be passed in a message: a searched thread has no
//! use for either. In the labs on processes the student's threads and the driver's are the same, and the driver writes to
//! its channel; nothing of the student's can close, copy, replace, read or move it. To a program the number is not open: the
//! answer is EBADF, as it is for a loop that closes all descriptors from 3 on.

use crate::seccomp::{AT_LEAST, EQUAL, GO_ON, LOAD, NUMBER_AT, RETURN, argument_at};
use protocol::REPORTING_FD;
use protocol::trace::Instruction;

/// Calls that take a descriptor, and which of their arguments are one. These a driver does not make once the student's code
/// runs.
const UNUSED: &[(libc::c_long, &[u32])] = &[
    (libc::SYS_close, &[0]),
    (libc::SYS_dup, &[0]),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_dup2, &[0, 1]),
    (libc::SYS_dup3, &[0, 1]),
    (libc::SYS_fcntl, &[0]),
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
    (libc::SYS_epoll_ctl, &[2]),
];

/// Calls by which a descriptor could be passed, or used although its number is not among the arguments.
const PASSING: [libc::c_long; 5] =
    [libc::SYS_sendmsg, libc::SYS_sendmmsg, libc::SYS_recvmsg, libc::SYS_recvmmsg, libc::SYS_io_submit];

const NOT_OPEN: u32 = libc::SECCOMP_RET_ERRNO | libc::EBADF as u32;
const REFUSED: u32 = libc::SECCOMP_RET_ERRNO | libc::EPERM as u32;

/// For a thread that searches, and all that comes of it.
pub(super) fn of_search() -> Vec<Instruction> {
    let mut program = vec![(LOAD, 0, 0, NUMBER_AT)];
    PASSING.iter().for_each(|&call| program.extend([(EQUAL, 0, 1, call as u32), (RETURN, 0, 0, REFUSED)]));
    keep_from_ranges(&mut program);
    keep_from(&mut program, &[UNUSED, REPORTING].concat());
    program
}

/// For a driver of a lab on processes, and all that comes of it.
pub(super) fn of_driver() -> Vec<Instruction> {
    let mut program = vec![(LOAD, 0, 0, NUMBER_AT)];
    keep_from(&mut program, UNUSED);
    program
}

/// Answers these calls with EBADF where one of their descriptors is that number, and allows all others. Those that take
/// descriptors in the same places share what looks at them: a filter is translated for every program that is started.
fn keep_from(program: &mut Vec<Instruction>, calls: &[(libc::c_long, &[u32])]) {
    for descriptors in [&[0][..], &[0, 1], &[0, 2], &[2]] {
        let alike: Vec<_> = calls.iter().filter(|(_, taken)| *taken == descriptors).collect();
        for (at, (call, _)) in alike.iter().enumerate() {
            // To the first look, past the calls that follow and the jump over all looks.
            program.push((EQUAL, (alike.len() - at) as u8, 0, *call as u32));
        }
        program.push((GO_ON, 0, 0, 3 * descriptors.len() as u32 + 1));
        for &descriptor in descriptors {
            program.push((LOAD, 0, 0, argument_at(descriptor)));
            program.push((EQUAL, 0, 1, REPORTING_FD as u32));
            program.push((RETURN, 0, 0, NOT_OPEN));
        }
        program.push((RETURN, 0, 0, libc::SECCOMP_RET_ALLOW));
    }
    program.push((RETURN, 0, 0, libc::SECCOMP_RET_ALLOW));
}

/// `close_range` closes whatever lies between two numbers.
fn keep_from_ranges(program: &mut Vec<Instruction>) {
    program.extend([
        (EQUAL, 0, 6, libc::SYS_close_range as u32),
        (LOAD, 0, 0, argument_at(0)),
        (AT_LEAST, 3, 0, REPORTING_FD as u32 + 1),
        (LOAD, 0, 0, argument_at(1)),
        (AT_LEAST, 0, 1, REPORTING_FD as u32),
        (RETURN, 0, 0, NOT_OPEN),
        (RETURN, 0, 0, libc::SECCOMP_RET_ALLOW),
    ]);
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOWED: u32 = libc::SECCOMP_RET_ALLOW;

    /// What a program says to a call with these arguments.
    fn answer(program: &[Instruction], call: libc::c_long, arguments: &[u32]) -> u32 {
        let argument = |at: u32| (0..6).find(|number| argument_at(*number) == at).expect("an argument");
        let (mut at, mut loaded) = (0, 0);
        loop {
            let (code, yes, no, operand) = program[at];
            let skipped = |holds: bool| usize::from(if holds { yes } else { no });
            at += 1 + match code {
                LOAD if operand == NUMBER_AT => {
                    loaded = call as u32;
                    0
                }
                LOAD => {
                    loaded = arguments.get(argument(operand) as usize).copied().unwrap_or_default();
                    0
                }
                EQUAL => skipped(loaded == operand),
                AT_LEAST => skipped(loaded >= operand),
                GO_ON => operand as usize,
                _ => return operand,
            };
        }
    }

    #[test]
    fn the_number_is_refused_wherever_a_call_takes_a_descriptor() {
        let number = REPORTING_FD as u32;
        for (program, kept) in [(of_search(), [UNUSED, REPORTING].concat()), (of_driver(), UNUSED.to_vec())] {
            for (call, descriptors) in kept {
                for &descriptor in descriptors {
                    let mut arguments = [5; 6];
                    assert!(answer(&program, call, &arguments) != NOT_OPEN, "{call}");
                    arguments[descriptor as usize] = number;
                    assert!(answer(&program, call, &arguments) != ALLOWED, "{call} by argument {descriptor}");
                    assert_eq!(answer(&program, libc::SYS_getpid, &arguments), ALLOWED);
                    arguments[descriptor as usize] = number + 1;
                    assert!(answer(&program, call, &arguments) != NOT_OPEN, "{call} of another");
                }
            }
        }
    }

    #[test]
    fn a_driver_can_report_and_a_search_cannot() {
        let write = |program: &[Instruction]| answer(program, libc::SYS_write, &[REPORTING_FD as u32]);
        assert_eq!((write(&of_driver()), write(&of_search())), (ALLOWED, NOT_OPEN));
    }

    #[test]
    fn a_range_is_closed_unless_the_number_lies_in_it() {
        let close = |first, last| answer(&of_search(), libc::SYS_close_range, &[first, last]);
        for (first, last, said) in [
            (3, 899, ALLOWED),
            (901, u32::MAX, ALLOWED),
            (3, u32::MAX, NOT_OPEN),
            (900, 900, NOT_OPEN),
            (3, 900, NOT_OPEN),
        ] {
            assert_eq!(close(first, last), said, "{first} to {last}");
        }
    }

    #[test]
    fn no_descriptor_is_passed_in_a_message_of_a_search() {
        for call in PASSING {
            assert_eq!(answer(&of_search(), call, &[5]), REFUSED);
        }
        assert_eq!(answer(&of_driver(), libc::SYS_sendmsg, &[5]), ALLOWED);
    }
}
