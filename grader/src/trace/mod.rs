//! System calls as evidence: a tracer that sees the calls of a program and all that descends from it, and lets some of
//! them come out otherwise.
//!
//! A filter makes only the calls in question stop (`SECCOMP_RET_TRACE`); everything else runs at full speed. The driver
//! installs it itself, before any of the student's code runs: its job brings the filter, and the grader sends the job
//! when it has seized the driver. What the program forks, spawns and executes is traced with it.
//!
//! Whoever traces owns all waiting for processes: while a scene traces, [`Tracer::pump`] is its only `waitpid`. Tracing
//! decides neither who runs in parallel nor how fast: a traced program is slower, and so are all its races.

mod call;
mod change;
mod counts;
mod descriptors;
mod effects;
mod ends;
mod filter;
pub(crate) mod lines;
mod log;
mod memory;
mod record;
mod rule;
mod signals;
mod stack;
mod stop;
mod tracer;

pub use call::Call;
pub(crate) use counts::Counts;
pub use descriptors::{Kind, Object};
pub(crate) use filter::filter;
pub(crate) use lines::Waiting;
pub use log::{Log, Process};
pub use record::{Cell, Moment, Outcome, Record};
pub use rule::{Fault, Role, Rule};
pub use stack::Stack;
pub(crate) use tracer::Tracer;
