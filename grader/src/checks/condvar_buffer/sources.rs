//! The student's files, line by line.

use crate::check::Location;
use explore::trace::Place;
use std::collections::BTreeMap;
use std::path::Path;

/// The text of the student's files, by their name in the lab: `src/buffer.rs`.
pub struct Sources(BTreeMap<String, String>);

/// The files of the lab that the student writes.
const FILES: [&str; 2] = ["src/buffer.rs", "src/signal.rs"];

impl Sources {
    /// The files as they are staged.
    pub fn read(lab: &Path) -> std::io::Result<Sources> {
        let read = |name: &str| Ok((name.to_owned(), std::fs::read_to_string(lab.join(name))?));
        FILES.into_iter().map(read).collect::<std::io::Result<_>>().map(Sources)
    }

    /// The files with their names.
    pub fn new(files: BTreeMap<String, String>) -> Sources {
        Sources(files)
    }

    /// Where a place is in the student's files; none where it is in other code.
    ///
    /// The compiler names a file by the path it was built from, which ends with the file's name in the lab.
    pub fn location(&self, place: &Place) -> Option<Location> {
        let file = self.0.keys().find(|name| Path::new(&place.file).ends_with(name))?;
        Some(Location { file: file.clone(), line: place.line })
    }

    /// The line, trimmed.
    pub fn line(&self, location: &Location) -> Option<&str> {
        let index = usize::try_from(location.line).ok()?.checked_sub(1)?;
        self.0.get(&location.file)?.lines().nth(index).map(str::trim)
    }

    /// The line of a place in the student's files.
    pub fn line_at(&self, place: &Place) -> Option<&str> {
        self.line(&self.location(place)?)
    }
}
