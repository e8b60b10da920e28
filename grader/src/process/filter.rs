//! A filter of system calls that ends a program which aims a signal at the grader, or at every process there is; or a
//! limit or a priority, which would hold the grader up as well.
//!
//! Seccomp, classic BPF: for the calls that act on a process by number, that argument is compared with the processes that
//! must not be hit: the supervisor, the grader, their process groups, and -1. Whoever aims there is ended by the kernel
//! with SIGSYS before anything is sent: the machine is safe, and the ending is the evidence. Everything else passes at
//! the cost of a few comparisons. Calls of a foreign architecture, which have other numbers, end the program as well.
//! A program that cannot be given the filter is not started.

use crate::seccomp::{
    ARCHITECTURE_AT, AT_LEAST, EQUAL, FIRST_ARGUMENT_AT, Filter, GO_ON, LOAD, NUMBER_AT, RETURN,
    SECOND_ARGUMENT_AT,
};
use protocol::trace::Instruction;

#[cfg(target_arch = "x86_64")]
const ARCHITECTURE: u32 = 0xc000_003e;
#[cfg(target_arch = "aarch64")]
const ARCHITECTURE: u32 = 0xc000_00b7;

/// The x86-64 kernel takes a second set of calls, numbered from here.
const FOREIGN_NUMBERS: u32 = 0x4000_0000;

/// The calls whose first argument is the process they act on.
const BY_FIRST: [libc::c_long; 10] = [
    libc::SYS_kill,
    libc::SYS_tkill,
    libc::SYS_tgkill,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_tgsigqueueinfo,
    libc::SYS_pidfd_open,
    libc::SYS_prlimit64,
    libc::SYS_sched_setaffinity,
    libc::SYS_sched_setattr,
    libc::SYS_sched_setscheduler,
];
/// Those whose second argument is.
const BY_SECOND: [libc::c_long; 2] = [libc::SYS_setpriority, libc::SYS_ioprio_set];

/// Keeps these from being hit: positive for processes, negative for groups, -1 for all.
pub(super) fn protecting(targets: &[i32]) -> Filter {
    let calls = (BY_FIRST.len() + BY_SECOND.len()) as u8;
    let count = targets.len() as u8;
    let mut program: Vec<Instruction> = vec![
        (LOAD, 0, 0, ARCHITECTURE_AT),
        (EQUAL, 1, 0, ARCHITECTURE),
        (RETURN, 0, 0, libc::SECCOMP_RET_KILL_PROCESS),
        (LOAD, 0, 0, NUMBER_AT),
        // To the last step, which kills; else on.
        (AT_LEAST, calls + 1 + 3 + count + 1, 0, FOREIGN_NUMBERS),
    ];
    // To the step that loads the argument in question.
    let (firsts, seconds) =
        (BY_FIRST.into_iter().zip(0..), BY_SECOND.into_iter().zip(BY_FIRST.len() as u8..));
    program.extend(firsts.map(|(call, at)| (EQUAL, calls - at, 0, call as u32)));
    program.extend(seconds.map(|(call, at)| (EQUAL, calls - at + 2, 0, call as u32)));
    program.push((RETURN, 0, 0, libc::SECCOMP_RET_ALLOW));
    program.push((LOAD, 0, 0, FIRST_ARGUMENT_AT));
    program.push((GO_ON, 0, 0, 1));
    program.push((LOAD, 0, 0, SECOND_ARGUMENT_AT));
    program.extend((0..count).map(|at| (EQUAL, count - at, 0, targets[usize::from(at)] as u32)));
    program.push((RETURN, 0, 0, libc::SECCOMP_RET_ALLOW));
    program.push((RETURN, 0, 0, libc::SECCOMP_RET_KILL_PROCESS));
    Filter::new(&program)
}
