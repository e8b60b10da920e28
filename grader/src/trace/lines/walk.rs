//! The way up a stack.

use super::{Lines, prologue};
use crate::trace::stack::Stack;
use gimli::{CfaRule, Register, RegisterRule, UnwindTableRow};
use std::collections::BTreeMap;

/// No way to a student's function is longer.
const MOST: usize = 128;

#[cfg(target_arch = "x86_64")]
const STACK_POINTER: Register = gimli::X86_64::RSP;
#[cfg(target_arch = "x86_64")]
const RETURN_ADDRESS: Register = gimli::X86_64::RA;
#[cfg(target_arch = "aarch64")]
const STACK_POINTER: Register = gimli::AArch64::SP;
#[cfg(target_arch = "aarch64")]
const RETURN_ADDRESS: Register = gimli::AArch64::X30;

/// An address inside of each call that is under way, the innermost first.
pub(super) fn frames(lines: &Lines, stack: &Stack) -> Vec<u64> {
    let mut registers: BTreeMap<u16, u64> =
        stack.saved.iter().map(|(register, value)| (register.0, *value)).collect();
    registers.insert(STACK_POINTER.0, stack.sp);
    let mut pc = stack.pc;
    let mut addresses = Vec::new();
    while addresses.len() < MOST {
        // A call's return address may be the first of the next line, or of the next function.
        let address = pc.wrapping_sub(1);
        addresses.push(address);
        let module = lines.module(address);
        let row = module.and_then(|module| module.row(address));
        if let (Some(module), Some(row)) = (module, &row) {
            find_frame_pointer(row, || module.prologue(address), &mut registers);
        }
        match row.and_then(|row| caller(&row, stack, &mut registers)) {
            Some(next) if next != 0 => pc = next,
            _ => break,
        }
    }
    addresses
}

/// Makes out the register by which a function finds its frame, where that is not known.
fn find_frame_pointer<'a>(
    row: &UnwindTableRow<usize>,
    code: impl FnOnce() -> Option<&'a [u8]>,
    registers: &mut BTreeMap<u16, u64>,
) {
    let CfaRule::RegisterAndOffset { register, .. } = row.cfa() else { return };
    if cfg!(target_arch = "x86_64") && !registers.contains_key(&register.0) {
        let sp = registers[&STACK_POINTER.0];
        let frame = code().and_then(|code| prologue::frame_pointer(code, sp));
        registers.extend(frame.map(|frame| (register.0, frame)));
    }
}

/// Where the caller goes on, and its registers.
fn caller(row: &UnwindTableRow<usize>, stack: &Stack, registers: &mut BTreeMap<u16, u64>) -> Option<u64> {
    let CfaRule::RegisterAndOffset { register, offset } = row.cfa() else { return None };
    let frame = registers.get(&register.0)?.wrapping_add_signed(*offset);
    // Without a rule of its own, a leaf's return address is still in its register.
    let mut next = registers.get(&RETURN_ADDRESS.0).copied();
    let before = registers.clone();
    for (register, rule) in row.registers() {
        let value = match rule {
            RegisterRule::Offset(offset) => stack.word(frame.wrapping_add_signed(*offset)),
            RegisterRule::SameValue => before.get(&register.0).copied(),
            _ => None,
        };
        match value {
            Some(value) => drop(registers.insert(register.0, value)),
            None => drop(registers.remove(&register.0)),
        }
        if *register == RETURN_ADDRESS {
            next = value;
        }
    }
    registers.insert(STACK_POINTER.0, frame);
    next
}
