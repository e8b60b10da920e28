//! What is checked, lab by lab.

pub mod condvar_buffer;
