//! The umask of everything that the grader starts.

use nix::sys::stat::{Mode, umask};

/// Everybody may read what a process makes, and nobody else may write to it: programs run as another user than the one
/// who compiles them.
pub(crate) fn set() {
    umask(Mode::S_IWGRP | Mode::S_IWOTH);
}
