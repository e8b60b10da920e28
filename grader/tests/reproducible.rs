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

type Edits<'a> = &'a [(&'a str, &'a str)];

/// A submission that fails in many ways, in a directory of its own.
fn submission() -> TempDir {
    edited(&[
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
    ])
}

fn edited(files: &[(&str, &str, Edits<'_>)]) -> TempDir {
    let dir = TempDir::new().unwrap();
    let solutions = Path::new(env!("CARGO_MANIFEST_DIR")).join("../solutions");
    for (lab, file, edits) in files {
        let target = dir.path().join(lab);
        if !target.exists() {
            copy(&solutions.join(lab), &target);
        }
        let mut text = fs::read_to_string(target.join(file)).unwrap();
        for (old, new) in *edits {
            assert!(text.contains(*old), "{file} has no {old}");
            text = text.replace(old, new);
        }
        fs::write(target.join(file), text).unwrap();
    }
    dir
}

fn report(submission: &Path) -> String {
    report_of(submission, CHECKS)
}

fn report_of(submission: &Path, checks: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_grader"));
    command.args(["grade", "--format", "json", "--submission"]).arg(submission);
    command.args(checks.iter().flat_map(|check| ["--check", check]));
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

/// The order in which this pool's threads are joined is that of a hash map.
#[test]
fn the_order_of_a_hash_map_is_the_same_in_every_run() {
    let checks = [
        "threaded-server/shutdown-finishes-what-was-accepted",
        "threaded-server/shutdown-refuses-new-jobs",
        "threaded-server/shutdown-joins-every-thread",
        "threaded-server/shutdown-again",
    ];
    let submission = edited(&[(
        "threaded-server",
        "src/pool.rs",
        &[
            (
                "        for worker in workers.drain(..) {\n",
                "        let all: std::collections::HashMap<_, _> = workers.drain(..).enumerate().collect();\n        \
                 for (_, worker) in all {\n",
            ),
            ("        self.shared.room.notify_all();\n", ""),
        ],
    )]);
    let first = report_of(submission.path(), &checks);
    for _ in 0..3 {
        same(&first, &report_of(submission.path(), &checks), "run after run");
    }
}

/// Several processes at once: what they do beside each other is told in one order.
const SIDE_BY_SIDE: &[&str] = &[
    "pipes/pipeline-ends",
    "pipes/only-its-own-ends",
    "pipes/failures-leave-nothing",
    "pipes/stops-in-any-order",
    "fork-server/child-closes-listener",
    "fork-server/parent-closes-connection",
    "threaded-server/closes-each-connection",
];

#[test]
fn processes_side_by_side_are_told_in_one_order() {
    let submission = edited(&[
        (
            "pipes",
            "src/pipeline.rs",
            &[
                (
                    "let (reader, writer) = pipe2(OFlag::O_CLOEXEC).map_err(Error::of(\"pipe2\"))?;\n    Ok((Some",
                    "let (reader, writer) = pipe2(OFlag::empty()).map_err(Error::of(\"pipe2\"))?;\n    Ok((Some",
                ),
                (
                    "        input = next_input;\n",
                    "        output.into_iter().for_each(std::mem::forget);\n        input = next_input;\n",
                ),
            ],
        ),
        (
            "pipes",
            "src/channel.rs",
            &[("        let _ = write_all(self.requests.as_fd(), &NO_MORE.to_be_bytes());\n", "")],
        ),
        (
            "fork-server",
            "src/server.rs",
            &[
                (
                    "        // Dropping the connection",
                    "        std::mem::forget(connection);\n        // Dropping",
                ),
                ("    drop(listener);\n", "    std::mem::forget(listener);\n"),
            ],
        ),
        (
            "threaded-server",
            "src/server.rs",
            &[(
                "handler(connection.as_fd())",
                "handler(connection.as_fd());\n            std::mem::forget(connection)",
            )],
        ),
    ]);
    let first = report_of(submission.path(), SIDE_BY_SIDE);
    for _ in 0..9 {
        same(&first, &report_of(submission.path(), SIDE_BY_SIDE), "run after run");
    }
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
