//! The student's files, line by line.

use crate::check::Location;
use crate::source;
use explore::trace::Place;
use std::collections::BTreeMap;
use std::path::Path;

/// The text of the student's files, by their name in the lab: `src/buffer.rs`.
pub(crate) struct Sources(BTreeMap<String, String>);

/// Files that are given.
const GIVEN: [&str; 2] = ["lib.rs", "main.rs"];

impl Sources {
    /// The files as they are staged.
    pub(in crate::checks) fn read(lab: &Path) -> std::io::Result<Sources> {
        let mut files = BTreeMap::new();
        for entry in std::fs::read_dir(lab.join("src"))? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.ends_with(".rs") && !GIVEN.contains(&name.as_str()) {
                files.insert(format!("src/{name}"), std::fs::read_to_string(path)?);
            }
        }
        Ok(Sources(files))
    }

    /// The files with their names.
    #[cfg(test)]
    pub(in crate::checks) fn new(files: BTreeMap<String, String>) -> Sources {
        Sources(files)
    }

    /// Where a place is in the student's files; none where it is in other code.
    ///
    /// The compiler names a file by the path it was built from: `labs/condvar-buffer-1f2e/src/buffer.rs`.
    pub(in crate::checks) fn location(&self, place: &Place) -> Option<Location> {
        let file = self.0.keys().find(|name| is_staged(Path::new(&place.file), Path::new(name)))?;
        Some(Location { file: file.clone(), line: place.line })
    }

    /// The function that a place in the student's files is in: `Semaphore::new`.
    pub(super) fn function_at(&self, place: &Place) -> Option<String> {
        let location = self.location(place)?;
        let before = |(_, line): &(String, u32)| *line <= location.line;
        let functions = source::functions(&self.0[&location.file]).into_iter().filter(before);
        functions.max_by_key(|(_, line)| *line).map(|(name, _)| name)
    }

    /// Where a function is declared: `Pool::new`.
    pub(super) fn function(&self, name: &str) -> Option<Location> {
        let mut files = self.0.iter();
        files.find_map(|(file, text)| {
            let line = source::functions(text).remove(name)?;
            Some(Location { file: file.clone(), line })
        })
    }

    /// All lines of the student's files that are no comments.
    pub(super) fn lines(&self) -> impl Iterator<Item = &str> {
        let lines = self.0.values().flat_map(|text| text.lines());
        lines.filter(|line| !line.trim_start().starts_with("//"))
    }

    /// The line, trimmed.
    pub(in crate::checks) fn line(&self, location: &Location) -> Option<&str> {
        let index = usize::try_from(location.line).ok()?.checked_sub(1)?;
        self.0.get(&location.file)?.lines().nth(index).map(str::trim)
    }

    /// The number of the only line with that text in the file of a place.
    pub(in crate::checks) fn only_line(&self, place: &Place, text: &str) -> Option<u32> {
        let location = self.location(place)?;
        let lines = self.0.get(&location.file)?.lines().zip(1..);
        let mut found = lines.filter(|(line, _)| line.contains(text)).map(|(_, number)| number);
        found.next().filter(|_| found.next().is_none())
    }

    /// The line of a place in the student's files.
    pub(in crate::checks) fn line_at(&self, place: &Place) -> Option<&str> {
        self.line(&self.location(place)?)
    }
}

/// Whether a path is that of a lab's file of this name, and not of one that a driver calls the same.
fn is_staged(path: &Path, name: &Path) -> bool {
    let labs = path.ancestors().nth(name.components().count() + 1);
    path.ends_with(name) && labs.is_some_and(|labs| labs.ends_with("labs"))
}
