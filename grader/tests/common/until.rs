//! Waiting for something that is sure to come.

use std::time::{Duration, Instant};

/// Whether it holds within that time.
pub(crate) fn until(patience: Duration, mut holds: impl FnMut() -> bool) -> bool {
    let until = Instant::now() + patience;
    while !holds() {
        if Instant::now() >= until {
            return false;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    true
}
