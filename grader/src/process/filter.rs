//! A filter of system calls that ends a program which aims a signal at the grader, or at every process there is; or a
//! limit or a priority, which would hold the grader up as well.
//!
//! Seccomp, classic BPF: for the calls that act on a process by number, that argument is compared with the processes that
//! must not be hit: the supervisor, the grader, their process groups, and -1. Whoever aims there is ended by the kernel
//! with SIGSYS before anything is sent: the machine is safe, and the ending is the evidence. Everything else passes at
//! the cost of a few comparisons. Calls of a foreign architecture, which have other numbers, end the program as well.
//! A program that cannot be given the filter is not started.

use std::io;

#[cfg(target_arch = "x86_64")]
const ARCHITECTURE: u32 = 0xc000_003e;
#[cfg(target_arch = "aarch64")]
const ARCHITECTURE: u32 = 0xc000_00b7;

const LOAD: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
const EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
const AT_LEAST: u16 = (libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K) as u16;
const GO_ON: u16 = (libc::BPF_JMP | libc::BPF_JA) as u16;
const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;

/// Offsets in `struct seccomp_data`; process numbers are 32 bits wide, so the low half of the argument is all of it.
const NUMBER_AT: u32 = 0;
const ARCHITECTURE_AT: u32 = 4;
const FIRST_ARGUMENT_AT: u32 = if cfg!(target_endian = "little") { 16 } else { 20 };
const SECOND_ARGUMENT_AT: u32 = FIRST_ARGUMENT_AT + 8;

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

/// A filter, ready to be installed between fork and exec.
pub(super) struct Filter {
    program: Vec<libc::sock_filter>,
}

impl Filter {
    /// Keeps these from being hit: positive for processes, negative for groups, -1 for all.
    pub(super) fn protecting(targets: &[i32]) -> Filter {
        let calls = (BY_FIRST.len() + BY_SECOND.len()) as u8;
        let count = targets.len() as u8;
        let mut program = vec![
            step(LOAD, ARCHITECTURE_AT, 0, 0),
            step(EQUAL, ARCHITECTURE, 1, 0),
            step(RETURN, libc::SECCOMP_RET_KILL_PROCESS, 0, 0),
            step(LOAD, NUMBER_AT, 0, 0),
            // To the last step, which kills; else on.
            step(AT_LEAST, FOREIGN_NUMBERS, calls + 1 + 3 + count + 1, 0),
        ];
        // To the step that loads the argument in question.
        let (firsts, seconds) =
            (BY_FIRST.into_iter().zip(0..), BY_SECOND.into_iter().zip(BY_FIRST.len() as u8..));
        program.extend(firsts.map(|(call, at)| step(EQUAL, call as u32, calls - at, 0)));
        program.extend(seconds.map(|(call, at)| step(EQUAL, call as u32, calls - at + 2, 0)));
        program.push(step(RETURN, libc::SECCOMP_RET_ALLOW, 0, 0));
        program.push(step(LOAD, FIRST_ARGUMENT_AT, 0, 0));
        program.push(step(GO_ON, 1, 0, 0));
        program.push(step(LOAD, SECOND_ARGUMENT_AT, 0, 0));
        program.extend((0..count).map(|at| step(EQUAL, targets[usize::from(at)] as u32, count - at, 0)));
        program.push(step(RETURN, libc::SECCOMP_RET_ALLOW, 0, 0));
        program.push(step(RETURN, libc::SECCOMP_RET_KILL_PROCESS, 0, 0));
        Filter { program }
    }

    /// Installs the filter in the calling process, for good, and for all its descendants. Needs `no_new_privs`.
    /// Allocates nothing: may be called between fork and exec.
    pub(super) fn install(&self) -> io::Result<()> {
        let length = self.program.len() as u16;
        let program = libc::sock_fprog { len: length, filter: self.program.as_ptr().cast_mut() };
        // SAFETY: the program is `len` instructions long and lives through the call, which copies it.
        let result = unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, 0, &program) };
        if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }
}

fn step(code: u16, k: u32, jt: u8, jf: u8) -> libc::sock_filter {
    libc::sock_filter { code, jt, jf, k }
}
