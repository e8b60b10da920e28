//! The same submission gets the same report: run after run, and wherever it lies.

mod common;

use assert_cmd::Command;
use common::copy;
use serde_json::Value;
use similar::TextDiff;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// One check of each kind: a schedule that fails, a panic, a program that hangs, what a program writes, one that passes.
const CHECKS: &[&str] = &[
    "condvar-buffer/first-in-first-out",
    "condvar-buffer/rechecks-after-waking",
    "condvar-buffer/nobody-sleeps-for-ever",
    "condvar-buffer/close-wakes-everyone",
    "sockets-v1/echoes-any-bytes",
    "sockets-v1/five-tuple",
    "sockets-v1/closes-each-connection",
    "sockets-v1/listens-on-the-port-given",
];

/// A submission that fails in many ways, in a directory of its own.
fn submission() -> TempDir {
    let dir = TempDir::new().unwrap();
    let solutions = Path::new(env!("CARGO_MANIFEST_DIR")).join("../solutions");
    for (lab, file, edits) in [
        (
            "condvar-buffer",
            "src/buffer.rs",
            &[("while queue.is_empty()", "println!(\"take\");\n        if queue.is_empty()")][..],
        ),
        ("condvar-buffer", "src/signal.rs", &[("self.not_empty.notify_all();", "")]),
        (
            "sockets-v1",
            "src/server.rs",
            &[(
                "    let mut buffer = [0; 4096];\n",
                "    let mut buffer = [0; 4096];\n    panic!(\"no room\");\n",
            )],
        ),
    ] {
        let target = dir.path().join(lab);
        if !target.exists() {
            copy(&solutions.join(lab), &target);
        }
        let mut text = fs::read_to_string(target.join(file)).unwrap();
        for (old, new) in edits {
            assert!(text.contains(old), "{file} has no {old}");
            text = text.replace(old, new);
        }
        fs::write(target.join(file), text).unwrap();
    }
    dir
}

fn report(submission: &Path) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_grader"));
    command.args(["grade", "--format", "json", "--submission"]).arg(submission);
    command.args(CHECKS.iter().flat_map(|check| ["--check", check]));
    let ended = command.assert().code(1);
    String::from_utf8(ended.get_output().stdout.clone()).unwrap()
}

#[test]
fn the_same_submission_gets_the_same_report() {
    let (here, there) = (submission(), submission());
    let first = report(here.path());
    same(&first, &report(here.path()), "run after run");
    same(&first, &report(there.path()), "wherever it lies");
    for path in [here.path(), Path::new(env!("CARGO_MANIFEST_DIR"))] {
        assert!(!first.contains(path.to_str().unwrap()), "{first}");
    }
    has_the_fixed_names(&serde_json::from_str(&first).unwrap());
}

fn same(first: &str, second: &str, when: &str) {
    let differences = TextDiff::from_lines(first, second);
    assert!(first == second, "not the same {when}:\n{}", differences.unified_diff().context_radius(6));
}

fn has_the_fixed_names(report: &Value) {
    has(report, &["version", "seed", "sandbox", "score", "max_score", "labs"]);
    let labs = report["labs"].as_array().unwrap();
    assert_eq!(labs.len(), 2);
    for lab in labs {
        has(lab, &["lab", "status", "score", "max_score", "checks"]);
        for check in lab["checks"].as_array().unwrap() {
            has(check, &["id", "title", "status", "score", "max_score", "misconception", "summary"]);
            has(check, &["location", "timeline", "handout"]);
            if let Some(location) = check["location"].as_object() {
                assert!(location["file"].is_string() && location["line"].is_u64(), "{check:#}");
            }
        }
    }
}

fn has(value: &Value, names: &[&str]) {
    for name in names {
        assert!(value.get(name).is_some(), "no {name} in {value:#}");
    }
}
