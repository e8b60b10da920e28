//! What goes through the buffer: neither `Clone` nor `Copy`, so that no buffer can hand out an item twice.

use std::hash::{Hash, Hasher};

/// An item that knows its number, and tells when a buffer drops it.
pub struct Item(pub u32);

impl Hash for Item {
    fn hash<H: Hasher>(&self, state: &mut H) {
        explore::watched(|| self.0.to_string());
        self.0.hash(state);
    }
}

impl Item {
    /// Takes the item out of circulation.
    pub fn retire(self) -> u32 {
        let number = self.0;
        std::mem::forget(self);
        number
    }
}

impl Drop for Item {
    fn drop(&mut self) {
        crate::program::dropped(self.0);
    }
}
