//! The few things a tracer changes about a call that is about to be made, for each kind of processor.
//!
//! What it only reads (the call's number, its arguments, its result) the kernel tells the same way on all of them.

use nix::sys::ptrace;
use nix::unistd::Pid;

/// Makes the kernel skip the call and return this instead: what `errno` is negated, as the kernel itself does it.
pub(super) fn skip(thread: Pid, errno: i32) -> nix::Result<()> {
    processor::skip(thread, -i64::from(errno))
}

/// Gives the call another third argument: of `read` and its like, how many bytes at the most.
pub(super) fn set_third_argument(thread: Pid, value: u64) -> nix::Result<()> {
    processor::set_third_argument(thread, value)
}

#[cfg(target_arch = "x86_64")]
mod processor {
    use super::{Pid, ptrace};
    use libc::user_regs_struct;

    pub(super) fn skip(thread: Pid, result: i64) -> nix::Result<()> {
        ptrace::setregs(thread, skipped(ptrace::getregs(thread)?, result))
    }

    pub(super) fn set_third_argument(thread: Pid, value: u64) -> nix::Result<()> {
        ptrace::setregs(thread, user_regs_struct { rdx: value, ..ptrace::getregs(thread)? })
    }

    /// No call has the number -1.
    fn skipped(registers: user_regs_struct, result: i64) -> user_regs_struct {
        user_regs_struct { orig_rax: u64::MAX, rax: result as u64, ..registers }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_skipped_call_has_no_number_and_a_result() {
            // SAFETY: a struct of numbers may be all zeroes.
            let registers: user_regs_struct = unsafe { std::mem::zeroed() };
            let skipped = skipped(user_regs_struct { rdi: 3, ..registers }, -4);
            assert_eq!((skipped.orig_rax as i64, skipped.rax as i64, skipped.rdi), (-1, -4, 3));
        }
    }
}

#[cfg(target_arch = "aarch64")]
mod processor {
    use super::{Pid, ptrace};
    use nix::errno::Errno;
    use nix::sys::ptrace::regset::NT_PRSTATUS;

    const NT_ARM_SYSTEM_CALL: libc::c_long = 0x404;

    /// The number lies in a register set of its own.
    pub(super) fn skip(thread: Pid, result: i64) -> nix::Result<()> {
        let mut registers = ptrace::getregset::<NT_PRSTATUS>(thread)?;
        registers.regs[0] = result as u64;
        ptrace::setregset::<NT_PRSTATUS>(thread, registers)?;
        let mut number: libc::c_int = -1;
        let mut part = libc::iovec { iov_base: (&raw mut number).cast(), iov_len: size_of_val(&number) };
        // SAFETY: the kernel reads the register set from `part`, which lives through the call.
        let done = unsafe {
            libc::ptrace(libc::PTRACE_SETREGSET, thread.as_raw(), NT_ARM_SYSTEM_CALL, &raw mut part)
        };
        Errno::result(done).map(drop)
    }

    pub(super) fn set_third_argument(thread: Pid, value: u64) -> nix::Result<()> {
        let mut registers = ptrace::getregset::<NT_PRSTATUS>(thread)?;
        registers.regs[2] = value;
        ptrace::setregset::<NT_PRSTATUS>(thread, registers)
    }
}
