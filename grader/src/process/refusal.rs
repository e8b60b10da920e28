//! A second filter of system calls, which lets a few fail with EPERM: what the driver keeps from the student's code is in
//! the same memory, and what a ring of requests does is evidence for nobody.

use std::io;

const LOAD: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
const EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;
/// Where `struct seccomp_data` has the call's number. Foreign ones the other filter sees to.
const NUMBER_AT: u32 = 0;

const REFUSED: [libc::c_long; 5] = [
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_pidfd_getfd,
    libc::SYS_io_uring_setup,
];

/// Installs it in the calling process, for good, and for all its descendants. Needs `no_new_privs`. Allocates nothing: may
/// be called between fork and exec.
pub(super) fn install() -> io::Result<()> {
    const COUNT: usize = REFUSED.len();
    let mut program = [step(RETURN, libc::SECCOMP_RET_ALLOW, 0); COUNT + 3];
    program[0] = step(LOAD, NUMBER_AT, 0);
    for (at, call) in REFUSED.into_iter().enumerate() {
        program[1 + at] = step(EQUAL, call as u32, (COUNT - at) as u8);
    }
    program[COUNT + 2] = step(RETURN, libc::SECCOMP_RET_ERRNO | libc::EPERM as u32, 0);
    let program = libc::sock_fprog { len: program.len() as u16, filter: program.as_mut_ptr() };
    // SAFETY: the program is as long as it says and lives through the call, which copies it.
    let done = unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, 0, &program) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Goes on with the next step where the comparison does not hold.
const fn step(code: u16, k: u32, jt: u8) -> libc::sock_filter {
    libc::sock_filter { code, jt, jf: 0, k }
}
