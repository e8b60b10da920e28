//! The labs' data files: each is sound, points to functions that exist, and a mistake in one is named.

mod common;

use common::Tiny;
use grader::candidate::HandedOut;
use grader::class::Class;
use grader::corpus::{self, Fate};
use grader::course::Course;
use grader::lab::Lab;
use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn the_labs_of_the_course_are_sound() {
    let course = Course::here().unwrap();
    for lab in course.labs().unwrap() {
        let given = HandedOut::of(&course, &lab).unwrap();
        for file in &lab.files {
            assert!(given.files.contains_key(Path::new(file)), "{} has no {file}", lab.name);
        }
        for check in &lab.checks {
            let known = given.homes.contains_key(&check.function);
            assert!(known, "{}/{}: no file of the student's has {}", lab.name, check.id, check.function);
        }
    }
}

#[test]
fn the_corpus_has_every_class_of_failure() {
    let course = Course::here().unwrap();
    let labs = course.labs().unwrap();
    let variants = labs.iter().flat_map(|lab| corpus::variants(&course, lab).unwrap());
    let classes: BTreeSet<Class> = variants
        .filter_map(|variant| match variant.fate {
            Fate::Caught { class, .. } => class,
            Fate::FullMarks => None,
        })
        .collect();
    assert_eq!(classes, BTreeSet::from(Class::ALL));
}

#[test]
fn mistakes_are_named() {
    let tiny = Tiny::new();
    let text = std::fs::read_to_string(tiny.path("grader/labs/tiny.toml")).unwrap();
    for (replace, with, told) in [
        ("points = 40", "points = 41", "the points of its checks sum to 101, not to 100"),
        ("right-is-two", "left-is-one", "the check left-is-one is there twice"),
        (
            "misconception = \"off-by-one\"",
            "misconception = \"off\"",
            "names the misconception off, which is not there",
        ),
        ("hints = [\"Count on.\"]", "hints = []", "the check right-is-two has no hint"),
        ("points = 60", "points = 60\nextra = 1", "unknown field `extra`"),
        (
            "points = 60",
            "points = 60\ngiven = [\"src/up.rs\"]",
            "right-is-two is given files that are not the student's",
        ),
        (
            "handout = \"tiny.md#counting\"",
            "handout = \"tiny.md#counting\"\nother = 1",
            "unknown field `other`",
        ),
        ("type = ", "typ = ", "did not match any variant"),
        ("function = \"left\"\n", "", "missing field `function`"),
    ] {
        assert!(text.contains(replace), "{replace}");
        let error = Lab::parse("tiny", &text.replacen(replace, with, 1)).expect_err(told);
        assert!(format!("{error:#}").contains(told), "{error:#}");
    }
}

#[test]
fn lists_that_labs_share_are_part_of_what_each_of_them_forbids() {
    let tiny = Tiny::new();
    let path = tiny.path("grader/labs/tiny.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("forbid_too = [\"locks\"]\n{text}")).unwrap();
    let error = tiny.course.labs().expect_err("the list is not there");
    assert!(format!("{error:#}").contains("cannot read"), "{error:#}");
    let lists = tiny.path("grader/labs/forbid");
    std::fs::create_dir_all(&lists).unwrap();
    let list = "[[forbid]]\ntype = \"std::sync::RwLock\"\nreason = \"numbers need no lock\"\n";
    std::fs::write(lists.join("locks.toml"), list).unwrap();
    let lab = tiny.course.labs().unwrap().remove(0);
    assert!(lab.forbid.iter().any(|rule| rule.path() == "std::sync::RwLock" && rule.holds_in("src/left.rs")));
}

#[test]
fn the_handouts_say_what_is_off_limits_before_the_work_begins() {
    let course = Course::here().unwrap();
    for lab in course.labs().unwrap() {
        let path = course.root().join("handouts/src").join(format!("{}.md", lab.name));
        let chapter = std::fs::read_to_string(path).unwrap();
        let (_, after) = chapter.split_once("\n## What is given, and what is off limits\n").unwrap();
        let (section, rest) = after.split_once("\n## ").unwrap();
        assert!(rest.contains("\n## Steps"), "{}: it is told before the steps", lab.name);
        let named: Vec<&str> = section.split('`').skip(1).step_by(2).collect();
        for rule in &lab.forbid {
            let path = rule.path();
            let (_, last) = path.rsplit_once("::").unwrap();
            let is_named =
                |name: &&str| *name == path || *name == last || path.starts_with(&format!("{name}::"));
            assert!(named.iter().any(is_named), "{}: {path} is not named", lab.name);
        }
    }
}
