//! The filter that makes calls stop: seccomp, classic BPF, as data for the driver.

use super::call::Call;
use protocol::trace::Instruction;

const LOAD: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
const EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;
/// Where `struct seccomp_data` has the call's number. That the architecture is our own, another filter sees to.
const NUMBER_AT: u32 = 0;

/// A filter that stops the calls for which `wanted` holds, and no others.
pub(crate) fn filter(wanted: impl Fn(Call) -> bool) -> Vec<Instruction> {
    let numbers = Call::numbers(wanted);
    let count = numbers.len() as u8;
    let mut program = vec![(LOAD, 0, 0, NUMBER_AT)];
    // From each to the last step; from none of them to the one before.
    program.extend((0..count).map(|at| (EQUAL, count - at, 0, numbers[usize::from(at)] as u32)));
    program.push((RETURN, 0, 0, libc::SECCOMP_RET_ALLOW));
    program.push((RETURN, 0, 0, libc::SECCOMP_RET_TRACE));
    program
}

#[cfg(test)]
mod tests {
    use super::*;

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
