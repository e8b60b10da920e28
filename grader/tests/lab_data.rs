//! The labs' data files: each is sound, points to functions that exist, and a mistake in one is named.

mod common;

use common::Tiny;
use grader::candidate::HandedOut;
use grader::course::Course;
use grader::lab::Lab;
use std::path::Path;

#[test]
fn the_labs_of_the_course_are_sound() {
    let course = Course::of_this_grader();
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
