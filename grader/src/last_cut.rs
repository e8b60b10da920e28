//! What the starters were when they were last cut: a file in labs/ that is still the same holds nobody's work.

use crate::course::Course;
use crate::stage;
use crate::starter::Files;
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::path::Path;

/// The digest of each file of the starters.
pub(crate) struct LastCut {
    /// By the file's name below labs/.
    digests: BTreeMap<String, String>,
}

impl LastCut {
    /// The file that has them, one in a line.
    pub(crate) const NAME: &str = "solutions/last-cut";

    /// As it was noted. Where it was not, every file may hold work.
    pub(crate) fn read(course: &Course) -> LastCut {
        let text = std::fs::read_to_string(course.root().join(LastCut::NAME)).unwrap_or_default();
        let noted = text.lines().filter_map(|line| line.split_once("  "));
        LastCut { digests: noted.map(|(digest, name)| (name.to_owned(), digest.to_owned())).collect() }
    }

    /// Whether a file was last cut with this content.
    pub(crate) fn holds(&self, lab: &str, path: &Path, content: &[u8]) -> bool {
        self.digests.get(&name(lab, path)).is_some_and(|digest| *digest == stage::digest(content))
    }

    /// Whether these are the files of the lab that were last cut.
    pub(crate) fn is_of(&self, lab: &str, files: &Files) -> bool {
        let cut = digests(lab, files);
        self.of(lab).eq(cut.iter())
    }

    /// Notes that these are the files of the lab.
    pub(crate) fn note(mut self, course: &Course, lab: &str, files: &Files) -> Result<()> {
        if self.is_of(lab, files) {
            return Ok(());
        }
        let old: Vec<String> = self.of(lab).map(|(name, _)| name.clone()).collect();
        old.iter().for_each(|name| drop(self.digests.remove(name)));
        self.digests.extend(digests(lab, files));
        let text: String = self.digests.iter().map(|(name, digest)| format!("{digest}  {name}\n")).collect();
        let path = course.root().join(LastCut::NAME);
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    }

    fn of(&self, lab: &str) -> impl Iterator<Item = (&String, &String)> {
        let prefix = format!("{lab}/");
        self.digests.iter().filter(move |(name, _)| name.starts_with(&prefix))
    }
}

fn digests(lab: &str, files: &Files) -> BTreeMap<String, String> {
    files.iter().map(|(path, content)| (name(lab, path), stage::digest(content))).collect()
}

fn name(lab: &str, path: &Path) -> String {
    format!("{lab}/{}", path.display())
}
