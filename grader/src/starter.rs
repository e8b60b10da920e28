//! The starter of a lab, cut from its solution by marked regions.
//!
//! A region is `// SOLUTION`, lines that the starter lacks, `// STARTER`, commented lines that the starter gets instead,
//! and `// END`; the middle part may be missing. In .toml files the sign is `#`.

use crate::course::Course;
use crate::kept;
use crate::last_cut::LastCut;
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The files of a lab: path below the lab's directory, and content.
pub type Files = BTreeMap<PathBuf, Vec<u8>>;

/// The starter of a lab, as its solution makes it.
pub fn starter(course: &Course, lab: &str) -> Result<Files> {
    let solution = course.solution_dir(lab);
    let mut files = files_below(&solution)?;
    for (path, content) in &mut files {
        if let Ok(text) = std::str::from_utf8(content) {
            *content = cut(text, comment_sign(path))
                .map_err(|fault| anyhow::anyhow!("{}:{fault}", solution.join(path).display()))?
                .into_bytes();
        }
    }
    Ok(files)
}

/// How `labs/<lab>` differs from the starter, one sentence per file; empty when it does not.
pub fn differences(course: &Course, lab: &str) -> Result<Vec<String>> {
    let (expected, found) = (starter(course, lab)?, files_below(&course.labs_dir().join(lab))?);
    let mut sentences = Vec::new();
    for (path, content) in &expected {
        let shown = Path::new("labs").join(lab).join(path).display().to_string();
        match found.get(path) {
            None => sentences.push(format!("{shown} is missing")),
            Some(other) if other != content => {
                sentences.push(format!("{shown} differs from what solutions/{lab} makes of it"))
            }
            Some(_) => {}
        }
    }
    let extra = found.keys().filter(|path| !expected.contains_key(*path));
    sentences
        .extend(extra.map(|path| format!("labs/{lab}/{} has no origin in solutions/{lab}", path.display())));
    if !LastCut::read(course).is_of(lab, &expected) {
        sentences.push(format!("{} does not know the starter of {lab}", LastCut::NAME));
    }
    Ok(sentences)
}

/// The files in `labs/<lab>` that a new cut would overwrite, although they are not as they were last cut: somebody has
/// worked on them.
pub(crate) fn edited(course: &Course, lab: &str) -> Result<Vec<PathBuf>> {
    let last = LastCut::read(course);
    let mut edited = Vec::new();
    for (path, content) in starter(course, lab)? {
        let shown = Path::new("labs").join(lab).join(&path);
        let found = std::fs::read(course.root().join(&shown));
        if found.is_ok_and(|found| found != content && !last.holds(lab, &path, &found)) {
            edited.push(shown);
        }
    }
    Ok(edited)
}

/// Writes the starter to `labs/<lab>`, whatever is there. Deletes nothing: a file without an origin may be somebody's work.
pub fn write(course: &Course, lab: &str) -> Result<()> {
    let files = starter(course, lab)?;
    for (path, content) in &files {
        write_file(&course.labs_dir().join(lab).join(path), content)?;
    }
    LastCut::read(course).note(course, lab, &files)
}

/// Writes a file of a lab.
pub(crate) fn write_file(path: &Path, content: &[u8]) -> Result<()> {
    let parent = path.parent().expect("a file of a lab lies in the lab's directory");
    std::fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
    std::fs::write(path, content).with_context(|| format!("cannot write {}", path.display()))
}

fn comment_sign(path: &Path) -> &'static str {
    if path.extension().is_some_and(|extension| extension == "toml") { "#" } else { "//" }
}

/// Every file below a directory. `target` is the compiler's, not the lab's, and what was kept of old files is nobody's.
pub(crate) fn files_below(dir: &Path) -> Result<Files> {
    let mut files = Files::new();
    let mut open = vec![dir.to_owned()];
    while let Some(next) = open.pop() {
        let entries = std::fs::read_dir(&next).with_context(|| format!("cannot list {}", next.display()))?;
        for entry in entries {
            let path = entry.with_context(|| format!("cannot list {}", next.display()))?.path();
            if kept::is_kept(&path) {
                continue;
            }
            if !path.is_dir() {
                let content =
                    std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
                files.insert(path.strip_prefix(dir)?.to_owned(), content);
            } else if !path.ends_with("target") {
                open.push(path);
            }
        }
    }
    Ok(files)
}

#[derive(Clone, Copy, PartialEq)]
enum Part {
    Outside,
    Solution,
    Starter,
}

/// Applies the marked regions of one file. An error begins with the number of its line.
pub fn cut(text: &str, sign: &str) -> Result<String> {
    let mut starter = String::new();
    for (number, part, line) in parts(text, sign)? {
        match (part, uncommented(line, sign)) {
            (Part::Outside, _) => starter.push_str(line),
            (Part::Solution, _) => {}
            (Part::Starter, Some(line)) => starter.push_str(&line),
            (Part::Starter, None) => bail!("{number}: a line for the starter has to begin with `{sign} `"),
        }
    }
    Ok(starter)
}

/// What the starter lacks of one file: the lines of each region.
pub fn withheld<'a>(text: &'a str, sign: &str) -> Result<Vec<Vec<&'a str>>> {
    let parts = parts(text, sign)?;
    let regions = parts.chunk_by(|(before, part, _), (after, next, _)| part == next && before + 1 == *after);
    let withheld = regions.filter(|region| region[0].1 == Part::Solution);
    Ok(withheld.map(|region| region.iter().map(|(_, _, line)| *line).collect()).collect())
}

/// Every line that is no marker, with its number and where it stands.
fn parts<'a>(text: &'a str, sign: &str) -> Result<Vec<(usize, Part, &'a str)>> {
    let (mut part, mut begun) = (Part::Outside, 0);
    let mut parts = Vec::new();
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        match (part, marker(line, sign)) {
            (Part::Outside, Some("SOLUTION")) => (part, begun) = (Part::Solution, number),
            (Part::Solution, Some("STARTER")) => part = Part::Starter,
            (Part::Solution | Part::Starter, Some("END")) => part = Part::Outside,
            (Part::Outside, Some(stray)) => bail!("{number}: `{stray}` stands outside a region"),
            (_, Some(nested)) => bail!("{number}: `{nested}` stands inside the region begun in line {begun}"),
            (_, None) => parts.push((number, part, line)),
        }
    }
    match part {
        Part::Outside => Ok(parts),
        _ => bail!("{begun}: the region begun here has no `END`"),
    }
}

/// The marker that a line is, if it is one. Words beside a marker make it none of ours, but a mistake worth naming.
fn marker<'a>(line: &'a str, sign: &str) -> Option<&'a str> {
    let word = line.trim().strip_prefix(sign)?.trim();
    ["SOLUTION", "STARTER", "END"].contains(&word).then_some(word)
}

fn uncommented(line: &str, sign: &str) -> Option<String> {
    let indent = &line[..line.len() - line.trim_start().len()];
    let code = line.trim_start().strip_prefix(sign)?;
    match code.strip_prefix(' ') {
        Some(code) => Some(format!("{indent}{code}")),
        None => code.trim().is_empty().then(|| "\n".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{cut, withheld};

    #[test]
    fn regions_leave_what_the_starter_gets() {
        let solution = "a\n    // SOLUTION\n    b\n    // STARTER\n    // todo!(\"c\")\n    //\n    // END\nd\n// SOLUTION\ne\n// END\n";
        assert_eq!(cut(solution, "//").unwrap(), "a\n    todo!(\"c\")\n\nd\n");
    }

    #[test]
    fn what_the_starter_lacks() {
        let solution = "a\n// SOLUTION\nb\nc\n// STARTER\n// d\n// END\n// SOLUTION\ne\n// END\n";
        assert_eq!(withheld(solution, "//").unwrap(), [vec!["b\n", "c\n"], vec!["e\n"]]);
    }

    #[test]
    fn text_outside_regions_is_untouched() {
        let text = "a // END of a sentence\r\n\t// SOLUTIONS\nlast line without an end";
        assert_eq!(cut(text, "//").unwrap(), text);
    }

    #[test]
    fn wrong_markers_are_named_with_their_line() {
        for (text, fault) in [
            ("a\n// END\n", "2: `END` stands outside a region"),
            ("// STARTER\n", "1: `STARTER` stands outside a region"),
            ("a\n// SOLUTION\nb\n", "2: the region begun here has no `END`"),
            ("// SOLUTION\n// STARTER\n// a\n", "1: the region begun here has no `END`"),
            ("// SOLUTION\n// SOLUTION\n", "2: `SOLUTION` stands inside the region begun in line 1"),
            (
                "// SOLUTION\n// STARTER\n// STARTER\n",
                "3: `STARTER` stands inside the region begun in line 1",
            ),
            (
                "// SOLUTION\n// STARTER\n// SOLUTION\n",
                "3: `SOLUTION` stands inside the region begun in line 1",
            ),
            ("// SOLUTION\n// STARTER\nb\n// END\n", "3: a line for the starter has to begin with `// `"),
        ] {
            assert_eq!(cut(text, "//").unwrap_err().to_string(), fault, "{text}");
        }
    }

    #[test]
    fn the_sign_of_toml_is_a_hash() {
        assert_eq!(cut("# SOLUTION\na = 1\n# STARTER\n# a = 2\n# END\n", "#").unwrap(), "a = 2\n");
    }
}
