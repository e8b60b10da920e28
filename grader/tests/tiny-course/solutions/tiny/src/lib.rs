//! Two numbers.
#![forbid(unsafe_code)]
mod left;
mod right;
pub use left::left;
pub use right::Right;
