//! How many calls a program has made, and whether these lead anywhere.

/// Counts of recorded calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Calls that have moved no byte, or have not returned.
    pub(crate) idle: usize,
    /// Calls that have moved at least one byte.
    pub(crate) moving: usize,
    /// The bytes that those have moved.
    pub(crate) bytes: u64,
}

impl Counts {
    /// A call begins.
    pub(super) fn begins(&mut self) {
        self.idle += 1;
    }

    /// A call has returned, and has moved so many bytes.
    pub(super) fn moved(&mut self, bytes: u64) {
        self.idle -= 1;
        self.moving += 1;
        self.bytes += bytes;
    }

    /// What has come to it since there were so many.
    pub(crate) fn since(self, before: Counts) -> Counts {
        Counts {
            idle: self.idle.saturating_sub(before.idle),
            moving: self.moving.saturating_sub(before.moving),
            bytes: self.bytes.saturating_sub(before.bytes),
        }
    }
}
