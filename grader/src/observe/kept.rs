//! Files of `/proc` that are read again and again, kept open meanwhile: to open one takes several times as long as to read it.
//!
//! A file stays with the process it was opened for: when that has ended, it can no longer be read, and whoever has the
//! number by then is looked up by name.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::File;

/// What is read of a process with one thread are five files.
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

#[cfg(test)]
mod tests {
    use super::from_file;
    use std::io::{Read, Seek};
    use std::process::Command;

    fn text(path: &str) -> Option<String> {
        from_file(path, |mut file| {
            let mut text = String::new();
            file.rewind().ok()?;
            file.read_to_string(&mut text).ok()?;
            Some(text)
        })
    }

    #[test]
    fn a_file_is_read_anew_as_long_as_its_process_lives() {
        let mut child = Command::new("sleep").arg("60").spawn().expect("it starts");
        let status = format!("/proc/{}/status", child.id());
        assert!(text(&status).is_some_and(|text| text.contains("State:\tS") || text.contains("State:\tR")));
        child.kill().expect("it can be killed");
        child.wait().expect("it has ended");
        assert_eq!(text(&status), None);
    }

    #[test]
    fn there_may_be_more_files_than_are_kept() {
        let room = tempfile::tempdir().expect("a directory");
        let path = |number: usize| room.path().join(number.to_string()).display().to_string();
        let all = 0..2 * super::MOST;
        all.clone().for_each(|number| std::fs::write(path(number), number.to_string()).expect("written"));
        for _ in 0..2 {
            assert!(all.clone().all(|number| text(&path(number)) == Some(number.to_string())));
        }
    }
}
