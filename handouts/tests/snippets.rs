//! The snippets of the chapters: all of them are compiled, and none of them is a piece of a solution.

use grader::corpus;
use grader::course::Course;
use grader::starter::withheld;
use std::path::PathBuf;

/// So many lines of code in a row are no coincidence.
const MANY: usize = 3;

#[test]
fn every_chapter_is_compiled() {
    let listed = include_str!("../book/snippets.rs");
    for (name, _) in chapters() {
        assert!(listed.contains(&format!("\"../src/{name}\"")), "book/snippets.rs lacks {name}");
    }
}

#[test]
fn no_solution_is_given_away() {
    let course = Course::here().unwrap();
    for lab in course.labs().unwrap() {
        for (path, content) in corpus::solution(&course, &lab).unwrap() {
            let regions = if path.extension().is_some_and(|extension| extension == "rs") {
                withheld(std::str::from_utf8(&content).unwrap(), "//").unwrap()
            } else {
                Vec::new()
            };
            for (name, text) in chapters() {
                let given = regions.iter().find_map(|region| given_away(region, &text));
                assert_eq!(given, None, "{name} gives away a piece of {}: {}", lab.name, path.display());
            }
        }
    }
}

#[test]
fn a_piece_of_a_solution_is_recognised() {
    let region = ["    let a = 1;\n", "    // why\n", "    if b {\n", "        c(a, d);\n", "    }\n"];
    let piece = Some("leta=1;ifb{c(a,d);".to_owned());
    for (code, expected) in [
        ("let a = 1;\nif b {\n    c(a, d);\n}\n", &piece),
        ("# let a = 1;\nif b {  // so\n    c(a,\n        d);\n}\n", &piece),
        ("let a = 1;\nif b {\n    e(a);\n}\n", &None),
    ] {
        let chapter = format!("Words.\n\n```rust\n{code}```\nMore.\n");
        assert_eq!(&given_away(&region, &chapter), expected, "{code}");
    }
}

/// The first lines of the region that stand in a chapter one after the other.
fn given_away(region: &[&str], chapter: &str) -> Option<String> {
    let lines: Vec<String> = region.iter().map(|line| code(line)).filter(|line| says_much(line)).collect();
    let shown = chapter.lines().map(|line| code(line.strip_prefix("# ").unwrap_or(line)));
    let shown: String = shown.filter(|line| says_much(line)).collect();
    lines.windows(MANY).map(<[_]>::concat).find(|piece| shown.contains(piece))
}

/// A line without comment and spaces; nothing where it only imports, which is no secret.
fn code(line: &str) -> String {
    let code = line.split("//").next().unwrap_or(line).trim_start();
    if code.starts_with("use ") { String::new() } else { code.split_whitespace().collect() }
}

/// Brackets alone say nothing.
fn says_much(code: &str) -> bool {
    code.contains(char::is_alphanumeric)
}

fn chapters() -> Vec<(String, String)> {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src");
    let paths = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let chapters = paths.filter(|path| !path.ends_with("SUMMARY.md"));
    let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    chapters.map(|path| (name(&path), std::fs::read_to_string(&path).unwrap())).collect()
}
