//! The filter that makes calls stop, as data for the driver. That the architecture is our own, another filter sees to.

use super::call::Call;
use crate::seccomp::picking;
use protocol::trace::Instruction;

/// A filter that stops the calls for which `wanted` holds, and no others.
pub(crate) fn filter(wanted: impl Fn(Call) -> bool) -> Vec<Instruction> {
    picking(&Call::numbers(wanted), libc::SECCOMP_RET_TRACE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seccomp::EQUAL;

    /// What the program says to a call.
    fn run(program: &[Instruction], number: libc::c_long) -> u32 {
        let mut at = 1;
        loop {
            let (code, yes, no, operand) = program[at];
            match code {
                EQUAL => at += 1 + usize::from(if operand == number as u32 { yes } else { no }),
                _ => return operand,
            }
        }
    }

    #[test]
    fn the_calls_that_are_wanted_stop() {
        let light = filter(|call| !call.comes_often());
        for (number, said) in [
            (libc::SYS_accept4, libc::SECCOMP_RET_TRACE),
            (libc::SYS_close, libc::SECCOMP_RET_TRACE),
            (libc::SYS_read, libc::SECCOMP_RET_ALLOW),
            (libc::SYS_mmap, libc::SECCOMP_RET_ALLOW),
        ] {
            assert_eq!(run(&light, number), said);
        }
    }
}
