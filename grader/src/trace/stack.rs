//! A thread's stack at a call, taken while it is stopped or waits, and understood only if somebody asks.

use super::memory;
use crate::observe::proc;
use gimli::Register;
use nix::sys::ptrace;
use nix::unistd::Pid;

/// How much of the stack is kept: the way from the call to the student's function is short.
const KEPT: usize = 8 << 10;

/// Registers and the top of the stack.
#[derive(Clone, PartialEq, Eq)]
pub struct Stack {
    /// The address after the call's instruction.
    pub(super) pc: u64,
    /// The address of the first byte of `bytes`.
    pub(super) sp: u64,
    /// What functions have to leave as it was, by DWARF's numbers.
    pub(super) saved: Vec<(Register, u64)>,
    pub(super) bytes: Vec<u8>,
}

/// Addresses differ from run to run, and nobody wants to read them.
impl std::fmt::Debug for Stack {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Stack")
    }
}

impl Stack {
    /// The stack of a stopped thread.
    pub(super) fn of(thread: Pid) -> Option<Stack> {
        let (pc, sp, saved) = registers(thread)?;
        Some(Stack { pc, sp, saved, bytes: memory::from(thread, sp, KEPT) })
    }

    /// The stack of a thread that waits in a call, without taking hold of it: the kernel says where it waits and where its
    /// stack is. None where it has moved meanwhile. Of its registers nothing else is known.
    pub(super) fn of_waiting(process: i32, thread: i32) -> Option<Stack> {
        let waits = proc::call(process, thread)?;
        let mut fields = waits.split_ascii_whitespace().rev();
        let mut field = || u64::from_str_radix(fields.next()?.strip_prefix("0x")?, 16).ok();
        let (pc, sp) = (field()?, field()?);
        let bytes = memory::from(Pid::from_raw(thread), sp, KEPT);
        let still = proc::call(process, thread).is_some_and(|still| still == waits);
        still.then_some(Stack { pc, sp, saved: Vec::new(), bytes })
    }

    /// The word at an address of the part that was kept.
    pub(super) fn word(&self, address: u64) -> Option<u64> {
        let at = usize::try_from(address.checked_sub(self.sp)?).ok()?;
        Some(u64::from_ne_bytes(self.bytes.get(at..at + 8)?.try_into().ok()?))
    }
}

type Registers = (u64, u64, Vec<(Register, u64)>);

#[cfg(target_arch = "x86_64")]
fn registers(thread: Pid) -> Option<Registers> {
    use gimli::X86_64;
    let all = ptrace::getregs(thread).ok()?;
    let saved = vec![
        (X86_64::RBX, all.rbx),
        (X86_64::RBP, all.rbp),
        (X86_64::R12, all.r12),
        (X86_64::R13, all.r13),
        (X86_64::R14, all.r14),
        (X86_64::R15, all.r15),
    ];
    Some((all.rip, all.rsp, saved))
}

#[cfg(target_arch = "aarch64")]
fn registers(thread: Pid) -> Option<Registers> {
    let all = ptrace::getregset::<ptrace::regset::NT_PRSTATUS>(thread).ok()?;
    let saved = (19..=30).map(|number| (Register(number), all.regs[usize::from(number)]));
    Some((all.pc, all.sp, saved.collect()))
}
