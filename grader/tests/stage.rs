//! The staging workspace does not grow without end, and forgets nothing that is still in use.

mod common;

use common::{Submission, Tiny};
use grader::compile::{Compiler, PATIENCE};
use grader::stage::Stage;
use std::fs;
use std::path::{Path, PathBuf};

/// Grades on a stage that keeps four packages, or three once they have become too many. Returns the package's name.
fn graded(tiny: &Tiny, submission: &Submission) -> String {
    let stage = Stage::open(&tiny.course, || {}).unwrap().keeping(4);
    assert_eq!(tiny.grade_on(&stage, submission, Compiler::find(PATIENCE)).score, 100);
    let members: toml::Table =
        toml::from_str(&fs::read_to_string(stage.dir().join("Cargo.toml")).unwrap()).unwrap();
    let member = members["workspace"]["members"][0].as_str().unwrap();
    member.strip_prefix("labs/").unwrap().to_owned()
}

/// All files and directories below the stage.
fn everything(below: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(below).unwrap().map(|entry| entry.unwrap());
    let inside = |entry: fs::DirEntry| {
        let below = if entry.file_type().unwrap().is_dir() { everything(&entry.path()) } else { Vec::new() };
        below.into_iter().chain([entry.path()])
    };
    entries.flat_map(inside).collect()
}

fn programs(tiny: &Tiny, name: &str) -> Vec<PathBuf> {
    let (name, crate_name) = (format!("driver-{name}"), format!("driver_{}", name.replace('-', "_")));
    let mut all = everything(&tiny.course.stage_dir());
    all.retain(|path| {
        path.components().any(|part| {
            let part = part.as_os_str().to_string_lossy();
            part.starts_with(&name) || part.starts_with(&crate_name)
        })
    });
    all
}

fn libraries(tiny: &Tiny) -> usize {
    let all = everything(&tiny.course.stage_dir().join("target/debug/deps"));
    all.iter().filter(|path| path.extension().is_some_and(|extension| extension == "rlib")).count()
}

#[test]
fn what_was_not_graded_for_longest_is_removed_with_all_that_was_compiled_of_it() {
    let tiny = Tiny::new();
    let [one, two, three, four, five] = ["one", "two", "three", "four", "five"].map(|name| tiny.solved(name));
    let [first, second, third, fourth] = [&one, &two, &three, &four].map(|each| graded(&tiny, each));
    graded(&tiny, &one);
    assert_eq!(libraries(&tiny), 4, "four are not too many");
    let fifth = graded(&tiny, &five);
    for gone in [&second, &third] {
        let left = programs(&tiny, gone);
        assert!(left.is_empty(), "{left:?}");
        assert!(!tiny.course.stage_dir().join("labs").join(gone).exists());
    }
    for kept in [&first, &fourth, &fifth] {
        assert!(tiny.course.stage_dir().join("target/debug").join(format!("driver-{kept}")).is_file());
    }
    assert_eq!(libraries(&tiny), 3);
    let program = tiny.course.stage_dir().join("target/debug").join(format!("driver-{first}"));
    let built = fs::metadata(&program).unwrap().modified().unwrap();
    assert_eq!(graded(&tiny, &one), first);
    assert_eq!(
        fs::metadata(&program).unwrap().modified().unwrap(),
        built,
        "what is kept is not compiled again"
    );
    assert_eq!(graded(&tiny, &two), second);
}
