//! Looking at running programs from outside, without disturbing them: `/proc`, and sockets by netlink.

mod descriptor;
mod diagnosis;
mod ends;
mod family;
mod kept;
mod memory;
mod netlink;
pub(crate) mod proc;
mod rest;
mod snapshot;
mod syscall;
pub(crate) mod tcp;
pub(crate) mod unix;
mod usage;

pub use descriptor::{Descriptor, Target};
pub(crate) use diagnosis::{Known, Told, diagnose};
pub use ends::Ends;
pub(crate) use ends::{ends, inet};
pub(crate) use family::{Families, descendants, strays, tree};
pub(crate) use memory::own_memory;
pub(crate) use rest::{Rest, Watch};
pub use snapshot::{Process, Snapshot, Thread};
pub(crate) use syscall::shows_calls;
pub use syscall::{Blocked, Syscall};
pub(crate) use usage::Usage;
