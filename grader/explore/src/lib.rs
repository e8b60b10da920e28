//! The schedule explorer.
pub mod trace;
