//! What was compiled is used again only while its sources are what they were: whatever the times of files say, and wherever
//! the tree lies.

mod common;

use common::{Submission, Tiny, edit};
use grader::candidate::Candidate;
use grader::compile::{Compiler, PATIENCE};
use grader::corpus;
use grader::course::Course;
use grader::grade::Grader;
use grader::stage::Stage;
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

const DRIVER: &str = "grader/drivers/tiny/src/main.rs";
const HELPER: &str = "helper/src/lib.rs";

/// A course whose driver asks a package of the course what left has to be.
fn with_helper() -> Tiny {
    let tiny = Tiny::new();
    tiny.depend_on_helper("pub fn left() -> u32 { 1 }\n", "tiny::left() == helper::left()");
    tiny
}

/// Grades, and then the clock is set back by a day.
fn score(tiny: &Tiny, submission: &Submission) -> u32 {
    let score = tiny.grade(submission).score;
    postdate(&tiny.course.stage_dir().join("target"), SystemTime::now() + Duration::from_secs(24 * 60 * 60));
    score
}

fn postdate(path: &Path, time: SystemTime) {
    if path.is_dir() {
        fs::read_dir(path).unwrap().for_each(|entry| postdate(&entry.unwrap().path(), time));
    }
    File::open(path).unwrap().set_modified(time).unwrap();
}

#[test]
fn an_edit_of_the_student_counts() {
    let tiny = Tiny::new();
    let mine = tiny.solved("mine");
    let solved = fs::read(mine.file("left.rs")).unwrap();
    assert_eq!(score(&tiny, &mine), 100);
    mine.write("left.rs", "pub fn left() -> u32 { 0 }\n");
    assert_eq!(score(&tiny, &mine), 60);
    mine.write("left.rs", solved);
    assert_eq!(score(&tiny, &mine), 100, "what it was before");
}

#[test]
fn an_edit_of_the_course_counts() {
    let tiny = with_helper();
    let mine = tiny.solved("mine");
    assert_eq!(score(&tiny, &mine), 100);
    edit(&tiny.path(HELPER), "1", "7");
    assert_eq!(score(&tiny, &mine), 60);
    edit(&tiny.path(HELPER), "7", "1");
    assert_eq!(score(&tiny, &mine), 100, "what it was before");
    edit(&tiny.path(DRIVER), "== 2", "== 7");
    assert_eq!(score(&tiny, &mine), 40);
    edit(&tiny.path(DRIVER), "== 7", "== 2");
    assert_eq!(score(&tiny, &mine), 100, "what it was before");
}

#[test]
fn what_did_not_change_is_not_compiled_again() {
    let tiny = with_helper();
    let mine = tiny.solved("mine");
    let compiled = || {
        let stage = Stage::open(&tiny.course, || {}).unwrap();
        let (said, heard) = std::sync::mpsc::channel();
        let compiler = Compiler::find(PATIENCE).telling(move |name| said.send(name.to_owned()).unwrap());
        assert_eq!(tiny.grade_on(&stage, &mine, compiler).score, 100);
        heard.try_iter().collect::<Vec<_>>()
    };
    assert_eq!(compiled(), ["helper"]);
    edit(&mine.file("left.rs"), "fn left", "fn  left");
    assert!(compiled().is_empty());
    edit(&tiny.path(HELPER), "1 }", "1  }");
    assert_eq!(compiled(), ["helper"]);
}

#[test]
fn a_file_that_the_course_gives_no_more_is_gone() {
    let tiny = Tiny::new();
    let mine = tiny.solved("mine");
    let extra = tiny.path("solutions/tiny/src/extra.rs");
    fs::write(&extra, "pub fn extra() {}\n").unwrap();
    edit(&tiny.path("solutions/tiny/src/lib.rs"), "mod left;", "mod extra;\nmod left;");
    assert_eq!((score(&tiny, &mine), staged(&tiny, "extra.rs")), (100, 1));
    fs::remove_file(&extra).unwrap();
    assert_eq!(
        (score(&tiny, &mine), staged(&tiny, "extra.rs")),
        (0, 0),
        "the lab does not compile without it"
    );
    edit(&tiny.path("solutions/tiny/src/lib.rs"), "mod extra;\n", "");
    assert_eq!(score(&tiny, &mine), 100);
}

/// How many files of this name are staged.
fn staged(tiny: &Tiny, file: &str) -> usize {
    let labs = fs::read_dir(tiny.course.stage_dir().join("labs")).unwrap();
    labs.filter(|lab| lab.as_ref().unwrap().path().join("src").join(file).exists()).count()
}

#[test]
fn a_copied_tree_is_compiled_from_its_own_files() {
    let tiny = with_helper();
    let mine = tiny.solved("mine");
    assert_eq!(tiny.grade(&mine).score, 100);
    let elsewhere = tempfile::tempdir().unwrap();
    let root = elsewhere.path().join("renamed course");
    assert!(Command::new("cp").arg("-a").arg(tiny.dir.path()).arg(&root).status().unwrap().success());
    let submission = elsewhere.path().join("mine");
    assert!(Command::new("cp").arg("-a").arg(&mine.dir).arg(&submission).status().unwrap().success());
    // The first tree says something else meanwhile, and then it is gone.
    edit(&tiny.path(HELPER), "1", "7");
    assert_eq!((tiny.grade(&mine).score, score_at(&root, &submission)), (60, 100));
    drop(tiny);
    assert_eq!(score_at(&root, &submission), 100);
    edit(&root.join(HELPER), "1", "7");
    assert_eq!(score_at(&root, &submission), 60);
    edit(&root.join(DRIVER), "== 2", "== 7");
    assert_eq!(score_at(&root, &submission), 0);
}

fn score_at(root: &Path, submission: &Path) -> u32 {
    let course = Course::at(root);
    let lab = course.labs().unwrap().remove(0);
    score_of(&course, Candidate::read(&lab, submission))
}

fn score_of(course: &Course, candidate: Candidate) -> u32 {
    let stage = Stage::open(course, || {}).unwrap();
    let compiler = Compiler::find(PATIENCE).for_many();
    let grader = Grader { course, compiler, run: &common::fake, progress: &|_| {} };
    grader.grade(&stage, vec![candidate]).unwrap().remove(0).score
}

#[test]
fn trees_that_share_a_target_directory_have_stages_of_their_own() {
    let shared = tempfile::tempdir().unwrap();
    let configuration =
        format!("[build]\ntarget-dir = {:?}\nbuild-dir = {:?}\n", shared.path(), shared.path());
    let trees = [with_helper(), with_helper()];
    edit(&trees[1].path(HELPER), "1", "7");
    for tree in &trees {
        fs::create_dir(tree.path(".cargo")).unwrap();
        fs::write(tree.path(".cargo/config.toml"), &configuration).unwrap();
    }
    for _ in 0..2 {
        assert_eq!(trees.each_ref().map(|tree| score_of_solution(&tree.course)), [100, 60]);
    }
    assert_eq!(fs::read_dir(shared.path()).unwrap().count(), 0);
}

/// The solutions are packages of the same name in every tree.
fn score_of_solution(course: &Course) -> u32 {
    let lab = course.labs().unwrap().remove(0);
    score_of(course, Candidate::made(&lab, "solution", &corpus::solution(course, &lab).unwrap()))
}
