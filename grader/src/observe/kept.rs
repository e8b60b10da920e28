//! Files of `/proc` that are read again and again, kept open meanwhile: to open one takes several times as long as to read it.
//!
//! A file stays with the process it was opened for: when that has ended, it can no longer be read, and whoever has the
//! number by then is looked up by name.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::File;

/// Of a process with a thread, what is read of it is four files.
const MOST: usize = 128;

thread_local! {
    static KEPT: RefCell<BTreeMap<String, File>> = const { RefCell::new(BTreeMap::new()) };
}

/// What `read` gets out of the file at this path; none where there is no such file, or nothing to be had from it.
pub(super) fn from_file<T>(path: &str, read: impl Fn(&File) -> Option<T>) -> Option<T> {
    KEPT.with_borrow_mut(|kept| {
        if let Some(found) = kept.get(path).and_then(&read) {
            return Some(found);
        }
        if kept.len() == MOST {
            kept.clear();
        }
        kept.remove(path);
        let file = File::open(path).ok()?;
        let found = read(&file)?;
        kept.insert(path.to_owned(), file);
        Some(found)
    })
}
