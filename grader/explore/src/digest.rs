//! Content hashes, and the contents they pass on the way.

use std::cell::RefCell;
use std::hash::{Hash, Hasher};

/// Adds one word to a hash: a folded multiplication, cheap and well mixed.
pub(crate) fn mix(hash: u64, word: u64) -> u64 {
    let product = u128::from(hash ^ word) * 0x9e37_79b9_7f4a_7c15;
    (product as u64) ^ ((product >> 64) as u64).rotate_left(23)
}

struct Digest(u64);

impl Hasher for Digest {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.0 = mix(self.0, u64::from_le_bytes(word));
        }
        self.0 = mix(self.0, bytes.len() as u64);
    }
    fn write_u8(&mut self, word: u8) {
        self.0 = mix(self.0, word.into());
    }
    fn write_u32(&mut self, word: u32) {
        self.0 = mix(self.0, word.into());
    }
    fn write_u64(&mut self, word: u64) {
        self.0 = mix(self.0, word);
    }
    fn write_usize(&mut self, word: usize) {
        self.0 = mix(self.0, word as u64);
    }
    fn write_isize(&mut self, word: isize) {
        self.0 = mix(self.0, word as u64);
    }
}

/// The content hash of a value: fast, and the same in every run.
pub(crate) fn digest<T: Hash + ?Sized>(value: &T) -> u64 {
    let mut digest = Digest(0x2545_f491_4f6c_dd1d);
    value.hash(&mut digest);
    digest.0
}

thread_local! {
    static CONTENTS: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

/// Announces a value that a timeline should show among the contents of whatever holds it. Called from the value's own
/// `Hash`: the explorer hashes what a mutex guards, and so passes every value in it, in order.
pub fn watched(label: impl FnOnce() -> String) {
    CONTENTS.with_borrow_mut(|contents| {
        if let Some(contents) = contents {
            contents.push(label());
        }
    });
}

/// The values that announce themselves while `hash` runs.
pub(crate) fn contents(hash: impl FnOnce()) -> Vec<String> {
    CONTENTS.set(Some(Vec::new()));
    hash();
    CONTENTS.take().unwrap_or_default()
}
