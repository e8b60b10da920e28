//! The call in which a thread is blocked.

/// A blocked call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// Its name, as the lecture says it: `read`, `accept`, `futex`.
    pub call: &'static str,
    /// The descriptor it waits on, for calls that have one.
    pub fd: Option<i32>,
    /// Whether it waits without any time limit of its own.
    pub forever: bool,
}
