//! The filter that lets the grader trace a driver: made by the grader, installed by the driver itself when it has been
//! seized and before any of the student's code runs.

use std::io;

/// One instruction of a seccomp filter: code, jump if true, jump if false, operand.
pub type Instruction = (u16, u8, u8, u32);

/// Installs the filter in this process, for good, and for all its descendants. Needs `no_new_privs`, which every program
/// is started with.
pub(crate) fn install(filter: &[Instruction]) -> io::Result<()> {
    let step = |&(code, jt, jf, k): &Instruction| libc::sock_filter { code, jt, jf, k };
    let mut program: Vec<libc::sock_filter> = filter.iter().map(step).collect();
    let program = libc::sock_fprog { len: program.len() as u16, filter: program.as_mut_ptr() };
    // SAFETY: the program is `len` instructions long and lives through the call, which copies it.
    let result = unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, 0, &program) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
