//! How a function begins: where its frame pointer points, told by what it does with the stack pointer.
//!
//! Functions of the standard library find their frame by the frame pointer, and of a thread that nobody has stopped the
//! kernel tells the stack pointer alone.

/// The frame pointer of a function that begins with this code and whose stack pointer is `sp` in its middle.
pub(super) fn frame_pointer(code: &[u8], sp: u64) -> Option<u64> {
    const BRANCH_TARGET: &[u8] = &[0xf3, 0x0f, 0x1e, 0xfa];
    const PUSH_AND_SET: &[u8] = &[0x55, 0x48, 0x89, 0xe5];
    let code = code.strip_prefix(BRANCH_TARGET).unwrap_or(code);
    let mut code = code.strip_prefix(PUSH_AND_SET)?;
    let mut below = 0;
    loop {
        match code {
            [0x50..=0x57, rest @ ..] | [0x41, 0x50..=0x57, rest @ ..] => (below, code) = (below + 8, rest),
            [0x48, 0x83, 0xec, size, ..] => return Some(sp + below + u64::from(*size)),
            [0x48, 0x81, 0xec, a, b, c, d, ..] => {
                return Some(sp + below + u64::from(u32::from_le_bytes([*a, *b, *c, *d])));
            }
            _ => return Some(sp + below),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::frame_pointer;

    #[test]
    fn what_was_pushed_and_made_room_for_lies_below_the_frame_pointer() {
        // push rbp; mov rbp, rsp; push r15; push rbx; sub rsp, 0x28
        let code = [0x55, 0x48, 0x89, 0xe5, 0x41, 0x57, 0x53, 0x48, 0x83, 0xec, 0x28];
        assert_eq!(frame_pointer(&code, 0x1000), Some(0x1000 + 0x28 + 16));
        // endbr64; push rbp; mov rbp, rsp; sub rsp, 0x120
        let code = [0xf3, 0x0f, 0x1e, 0xfa, 0x55, 0x48, 0x89, 0xe5, 0x48, 0x81, 0xec, 0x20, 1, 0, 0];
        assert_eq!(frame_pointer(&code, 0x1000), Some(0x1120));
    }

    #[test]
    fn a_function_without_a_frame_pointer_has_none() {
        assert_eq!(frame_pointer(&[0x48, 0x83, 0xec, 0x28], 0x1000), None);
    }
}
