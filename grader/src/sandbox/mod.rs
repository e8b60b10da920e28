//! The box round programs that nobody has looked at.
//!
//! At [`Level::Full`] the supervisor of a check becomes process 1 of namespaces of its own (`namespaces`): it sees its own
//! processes, a tree of files (`root`) that holds the system's programs, the driver, and an empty `/tmp`, and a `network` of
//! its own with nothing but a loopback, unless its programs can make no socket anyway. When it ends, the kernel ends everything that runs in the box. At the other levels a
//! `keeper` does that.
//!
//! At [`Level::Full`] and [`Level::Landlock`] the programs themselves are held to the files of a `View` by `Rules`. A driver
//! that searches schedules holds the student's code to a narrower view by itself, the fence (`Confinement::fence`). The
//! compiler is kept in the same way: cargo is `enclosed`, and `rustc` is held to one package. What each level promises, and
//! what it does not, stands in `grader/SECURITY.md`.

mod confinement;
mod directory;
mod enclosed;
mod keeper;
mod level;
mod namespaces;
mod network;
mod power;
mod probe;
mod root;
mod rules;
mod rustc;
mod view;

pub(crate) use confinement::Confinement;
pub(crate) use directory::{Directory, sweep};
pub(crate) use enclosed::command as enclosed;
pub use enclosed::{ARGUMENT as ENCLOSE, main as enclose};
pub(crate) use keeper::run as kept;
pub use level::Level;
pub(crate) use namespaces::run as in_namespaces;
pub(crate) use network::{has_loopback, own as own_network};
pub use probe::{ARGUMENT as PROBE, main as probe};
pub(crate) use root::{Root, enter as enter_root};
pub(crate) use rules::{Rules, WITH_SIGNALS as LANDLOCK_WITH_SIGNALS, version as landlock_version};
pub(crate) use rustc::{FILE as RUSTC_FILE, MEMORY as RUSTC_MEMORY, Order as RustcOrder, VARIABLE as RUSTC};
pub use rustc::{is_wanted as is_rustc, main as rustc};
pub(crate) use view::View;
