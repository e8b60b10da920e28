//! How far the searches of this lab go.

use protocol::search::Phase;

/// Switches only where the running thread has to stop.
pub(super) const UNFORCED: Phase = Phase { bound: Some(0), spurious: 0 };
/// Two preemptions: every mistake known to us needs at most two.
pub(super) const PREEMPTED: Phase = Phase { bound: Some(2), spurious: 0 };
/// Two preemptions or spurious wakeups, at most one of them a spurious wakeup.
pub(super) const SPURIOUS: Phase = Phase { bound: Some(2), spurious: 1 };
/// All there is.
pub(super) const ALL: Phase = Phase { bound: None, spurious: 0 };
