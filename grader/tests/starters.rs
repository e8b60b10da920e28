//! The starters in labs/: what the solutions make of them, byte for byte, and fit for a newcomer.

use grader::course::Course;
use grader::starter;
use serde_json::Value;
use std::process::Command;

/// A message with fewer words says what is missing, but not what to do.
const WORDS: usize = 6;

#[test]
fn the_starters_are_cut_from_the_solutions() {
    let course = Course::here().unwrap();
    let labs = course.labs().unwrap();
    assert!(!labs.is_empty());
    for lab in labs {
        let differences = starter::differences(&course, &lab.name).unwrap();
        assert!(differences.is_empty(), "`make starters` writes them anew: {differences:#?}");
    }
}

#[test]
fn a_newcomer_is_warned_of_nothing_but_what_is_not_used_yet() {
    let course = Course::here().unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["check", "--locked", "--quiet", "--all-targets", "--message-format=json"]);
    for lab in course.labs().unwrap() {
        cargo.args(["--package", &lab.name]);
    }
    let output = cargo.current_dir(course.root()).output().unwrap();
    let messages = String::from_utf8(output.stdout).unwrap();
    let wrong: Vec<String> = messages.lines().filter_map(complaint).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// What the compiler says in a line of its output, unless that is a variable which waits to be used.
fn complaint(line: &str) -> Option<String> {
    let message = &serde_json::from_str::<Value>(line).unwrap()["message"];
    let expected = message["code"]["code"] == "unused_variables" || message["spans"] == Value::Array(vec![]);
    (!message.is_null() && !expected).then(|| message["rendered"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn the_commands_can_be_typed_in_a_labs_folder() {
    let course = Course::here().unwrap();
    let typed = |below: &str, arguments: &[&str]| {
        let mut make = Command::new("make");
        make.args(["--dry-run", "--no-print-directory"]).args(arguments);
        let output = make.current_dir(course.labs_dir().join(below)).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    for lab in course.labs().unwrap() {
        let done = typed(&lab.name, &["grade"]);
        assert!(done.contains(&format!(" grade {} ", lab.name)), "{done}");
    }
    assert!(typed("pipes", &["hint", "LAB=pipes/writes-all"]).contains(" hint pipes/writes-all"));
    assert!(typed("", &["grade", "LAB=pipes"]).contains(" grade pipes "));
}

#[test]
fn every_todo_says_what_to_do() {
    let course = Course::here().unwrap();
    for lab in course.labs().unwrap() {
        let mut todos = 0;
        for (path, content) in starter::starter(&course, &lab.name).unwrap() {
            for after in code(&String::from_utf8_lossy(&content)).split("todo!(").skip(1) {
                let said = after.trim_start().strip_prefix('"').and_then(|said| said.split('"').next());
                let said = said.unwrap_or_default();
                assert!(says_what_to_do(said), "{}/{}: todo!(\"{said}\")", lab.name, path.display());
                todos += 1;
            }
        }
        assert!(todos > 0, "{} has nothing to do", lab.name);
    }
}

/// The lines that are no comments.
fn code(text: &str) -> String {
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// A clause that goes on from "here you have to".
fn says_what_to_do(said: &str) -> bool {
    let words = said.split_whitespace().count();
    words >= WORDS && said.starts_with(|first: char| first.is_ascii_lowercase()) && !said.ends_with('.')
}
