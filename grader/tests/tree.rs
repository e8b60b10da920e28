//! Which course is graded: the one where the grader is started, or the one that is named; never the one it was built in.

mod common;

use assert_cmd::Command;
use common::{Tiny, copy};
use predicates::prelude::*;
use predicates::str::{contains, starts_with};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const GRADER: &str = env!("CARGO_BIN_EXE_grader");

/// The grader, started in this directory.
fn grader(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(GRADER);
    command.current_dir(directory).args(arguments);
    command
}

/// A tree whose check has a title of its own.
fn titled(title: &str) -> Tiny {
    let tiny = Tiny::new();
    let data = tiny.path("grader/labs/tiny.toml");
    let text = fs::read_to_string(&data).unwrap();
    fs::write(data, text.replace("Left is one", title)).unwrap();
    tiny
}

const HINT: [&str; 2] = ["hint", "tiny/left-is-one"];

fn tells(directory: &Path, title: &str) {
    let told = format!("tiny/left-is-one: {title}\n");
    grader(directory, &HINT).assert().code(0).stdout(starts_with(told));
}

#[test]
fn the_tree_is_found_from_its_top_and_from_below() {
    let (one, other) = (titled("One"), titled("Other"));
    for below in ["", "labs", "labs/tiny/src", "grader/labs"] {
        tells(&one.path(below), "One");
        tells(&other.path(below), "Other");
    }
}

#[test]
fn a_tree_within_a_tree_is_the_nearest() {
    let outer = titled("Outer");
    let inner = titled("Inner");
    copy(inner.dir.path(), &outer.path("inner"));
    tells(&outer.path("inner/labs/tiny"), "Inner");
    tells(&outer.path("labs/tiny"), "Outer");
}

#[test]
fn a_tree_that_was_moved_grades_itself() {
    let tree = titled("Moved");
    let elsewhere = TempDir::new().unwrap();
    let moved = elsewhere.path().join("another name");
    fs::rename(tree.path("grader"), elsewhere.path().join("grader")).unwrap();
    fs::create_dir(&moved).unwrap();
    for part in ["grader", "labs", "solutions", "Cargo.toml", "Cargo.lock"] {
        let from = if part == "grader" { elsewhere.path().join(part) } else { tree.path(part) };
        fs::rename(from, moved.join(part)).unwrap();
    }
    tells(&moved.join("labs"), "Moved");
}

#[test]
fn the_tree_that_is_named_counts() {
    let (one, other) = (titled("One"), titled("Other"));
    let root = other.dir.path().to_str().unwrap();
    let told = contains("tiny/left-is-one: Other\n");
    grader(one.dir.path(), &["--root", root, HINT[0], HINT[1]]).assert().code(0).stdout(told);
    grader(&other.path("labs"), &["--root", "..", HINT[0], HINT[1]]).assert().code(0);
    grader(Path::new("/"), &["--help"]).assert().code(0).stdout(contains("--root <DIR>"));
}

#[test]
fn outside_of_every_course_is_a_matter_of_usage() {
    let nowhere = TempDir::new().unwrap();
    for command in [&["grade"][..], &HINT, &["verify"], &["starters"], &["doctor"]] {
        let told = contains("there is no course here").and(contains("--root DIR"));
        grader(nowhere.path(), command).assert().code(2).stderr(told);
    }
}

#[test]
fn a_directory_without_a_course_is_a_matter_of_usage() {
    for (lacking, told) in [
        ("Cargo.toml", "Cargo.toml: No such file"),
        ("Cargo.lock", "Cargo.lock: No such file"),
        ("grader/labs/tiny.toml", "grader/labs/LAB.toml"),
        ("grader/labs", "grader/labs: No such file"),
        ("grader", "grader/labs: No such file"),
    ] {
        let tiny = Tiny::new();
        let path = tiny.path(lacking);
        if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) }.unwrap();
        let root = tiny.dir.path().to_str().unwrap();
        let named = grader(Path::new("/"), &["--root", root, "grade"]).assert().code(2);
        named.stderr(contains("is not the course's folder").and(contains(told)));
        grader(tiny.dir.path(), &["grade"]).assert().code(2).stderr(contains("there is no course here"));
    }
    let told =
        contains("/dev/null is not the course's folder: cannot find /dev/null/Cargo.toml: Not a directory");
    grader(Path::new("/"), &["--root", "/dev/null", "grade"]).assert().code(2).stderr(told);
}

#[test]
fn a_directory_that_is_gone_is_a_matter_of_usage() {
    let gone = TempDir::new().unwrap();
    let script = format!("mkdir gone && cd gone && rmdir ../gone && exec {GRADER} grade");
    let told = contains("cannot find the current folder");
    Command::new("sh").current_dir(gone.path()).args(["-c", &script]).assert().code(2).stderr(told);
}

#[test]
fn a_submission_is_named_from_where_one_stands() {
    let tiny = Tiny::new();
    let below = tiny.path("labs/tiny");
    fs::create_dir_all(below.join("mine/tiny/src")).unwrap();
    fs::write(below.join("mine/tiny/src/left.rs"), "").unwrap();
    let told = contains("mine/tiny/src/left.rs is empty");
    grader(&below, &["grade", "--submission", "mine"]).assert().code(1).stdout(told);
    grader(tiny.dir.path(), &["grade", "--submission", "mine"]).assert().code(2);
}

#[test]
fn the_version_names_the_commit_where_there_is_one() {
    let tiny = Tiny::new();
    let version = format!("grader {}", env!("CARGO_PKG_VERSION"));
    let plain = format!("{version}\n");
    grader(tiny.dir.path(), &["--version"]).assert().code(0).stdout(plain.clone());
    grader(Path::new("/"), &["--version"]).assert().code(0).stdout(plain);
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.current_dir(tiny.dir.path()).args(["-c", "user.name=Me", "-c", "user.email=me@example.org"]);
        let output = git.args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message", "A course"]);
    let commit = git(&["rev-parse", "--short", "HEAD"]);
    let told = format!("{version}, last changed in commit {commit}");
    grader(tiny.dir.path(), &["--version"]).assert().code(0).stdout(format!("{told}\n"));
    fs::write(tiny.path("labs/tiny/src/left.rs"), "my work\n").unwrap();
    grader(&tiny.path("labs"), &["--version"]).assert().code(0).stdout(format!("{told}\n"));
    fs::write(tiny.path("grader/labs/tiny.toml"), "").unwrap();
    grader(tiny.dir.path(), &["--version"]).assert().code(0).stdout(format!("{told} and edited since\n"));
}
