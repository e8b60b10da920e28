//! Calls that fail on the driver's order, as they do on a machine that is short of something.

use nix::errno::Errno;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// A call of this crate that can be made to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// [`accept`](crate::accept()).
    Accept,
    /// [`fork`](crate::fork()).
    Fork,
}

static FAULTS: Mutex<VecDeque<(Call, Errno)>> = Mutex::new(VecDeque::new());

/// Makes a call fail as often as there are errors, before it works again.
pub fn fail(call: Call, errors: impl IntoIterator<Item = Errno>) {
    faults().extend(errors.into_iter().map(|errno| (call, errno)));
}

/// What the call is to fail with this time.
pub(crate) fn fault(call: Call) -> nix::Result<()> {
    let mut faults = faults();
    match faults.iter().position(|(failing, _)| *failing == call) {
        Some(next) => Err(faults.remove(next).expect("it was found there").1),
        None => Ok(()),
    }
}

fn faults() -> std::sync::MutexGuard<'static, VecDeque<(Call, Errno)>> {
    FAULTS.lock().unwrap_or_else(PoisonError::into_inner)
}
