//! Hash maps of one order. A map of the standard library's is ordered by random numbers, and so would be a search through a
//! program that goes over one, and whatever is told of it.

use std::ffi::{c_uint, c_void};

/// Stands in the place of the C library's function, which the standard library looks for by its name so that this can be
/// done. Every program draws the same numbers.
#[unsafe(no_mangle)]
extern "C" fn getrandom(buffer: *mut c_void, length: usize, _flags: c_uint) -> isize {
    // SAFETY: whoever calls has room for so many bytes.
    unsafe { buffer.cast::<u8>().write_bytes(0, length) };
    length as isize
}
