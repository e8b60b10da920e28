//! The hidden tests: one function per check, named after it.

pub mod sockets_v1;
