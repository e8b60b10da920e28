//! Many bytes, told by few.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::hash::{DefaultHasher, Hasher};

const SHOWN: usize = 40;

/// What some bytes are: how many, how they begin, and a digest of all of them. Equal for equal bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// How many.
    pub size: usize,
    /// The first of them: all, where they are few.
    pub head: Vec<u8>,
    digest: u64,
}

impl Content {
    /// What these bytes are.
    pub fn of(bytes: &[u8]) -> Content {
        // Grader and driver are compiled by one compiler, so that its standard hash is the same in both.
        let mut hasher = DefaultHasher::new();
        hasher.write(bytes);
        let head = bytes[..bytes.len().min(SHOWN)].to_vec();
        Content { size: bytes.len(), head, digest: hasher.finish() }
    }
}

/// `5 bytes: "hello"`; of many bytes, the first.
impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.head.escape_ascii();
        match self.size {
            0 => write!(f, "nothing"),
            1 => write!(f, "1 byte: \"{text}\""),
            size if size > SHOWN => write!(f, "{size} bytes, beginning with \"{text}\""),
            size => write!(f, "{size} bytes: \"{text}\""),
        }
    }
}

/// Bytes that grader and driver both know by their number alone. A gap or a repetition shows: no buffer has the size of
/// their period.
pub fn pattern(size: usize) -> Vec<u8> {
    const PERIOD: usize = 65_521;
    let block: Vec<u8> = (0..size.min(PERIOD)).map(|index| ((index + index / 251) % 256) as u8).collect();
    let mut bytes = block.repeat(size.div_ceil(PERIOD).max(1));
    bytes.truncate(size);
    bytes
}
