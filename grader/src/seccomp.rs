//! Filters of system calls: seccomp's programs in classic BPF, and how one is installed.

use protocol::trace::Instruction;
use std::io;

pub(crate) const LOAD: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
pub(crate) const EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
pub(crate) const GO_ON: u16 = (libc::BPF_JMP | libc::BPF_JA) as u16;
pub(crate) const AT_LEAST: u16 = (libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K) as u16;
pub(crate) const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;

/// Where `struct seccomp_data` has the call's number and architecture.
pub(crate) const NUMBER_AT: u32 = 0;
pub(crate) const ARCHITECTURE_AT: u32 = 4;
/// And arguments that are 32 bits wide, as process numbers are: the low half is all of one.
pub(crate) const FIRST_ARGUMENT_AT: u32 = argument_at(0);
pub(crate) const SECOND_ARGUMENT_AT: u32 = argument_at(1);

/// The same of any argument, counted from 0. Descriptors are 32 bits wide as well.
pub(crate) const fn argument_at(number: u32) -> u32 {
    (if cfg!(target_endian = "little") { 16 } else { 20 }) + 8 * number
}

/// A program that says this to the calls with these numbers, and lets all others pass. It does not look at the
/// architecture: calls of a foreign one the filter of signals sees to.
pub(crate) fn picking(numbers: &[libc::c_long], verdict: u32) -> Vec<Instruction> {
    let count = numbers.len() as u8;
    let mut program = vec![(LOAD, 0, 0, NUMBER_AT)];
    // From each to the last step; from none of them to the one before.
    program.extend((0..count).map(|at| (EQUAL, count - at, 0, numbers[usize::from(at)] as u32)));
    program.push((RETURN, 0, 0, libc::SECCOMP_RET_ALLOW));
    program.push((RETURN, 0, 0, verdict));
    program
}

/// A filter, ready to be installed between fork and exec.
pub(crate) struct Filter(Vec<libc::sock_filter>);

impl Filter {
    pub(crate) fn new(program: &[Instruction]) -> Filter {
        Filter(program.iter().map(|&(code, jt, jf, k)| libc::sock_filter { code, jt, jf, k }).collect())
    }

    /// Installs it in the calling process, for good, and for all its descendants. Needs `no_new_privs`.
    /// Allocates nothing: may be called between fork and exec.
    pub(crate) fn install(&self) -> io::Result<()> {
        let program = libc::sock_fprog { len: self.0.len() as u16, filter: self.0.as_ptr().cast_mut() };
        // SAFETY: the program is `len` instructions long and lives through the call, which copies it.
        let result = unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, 0, &program) };
        if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }
}
