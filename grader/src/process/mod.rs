//! The process controller: starts a program contained, keeps its output flowing, and knows how it ended.

mod ending;
mod launch;
mod limits;

pub use ending::{Ending, Outcome};
pub use launch::{Input, Launch};
pub use limits::Limits;
