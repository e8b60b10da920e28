//! The command line: what it accepts, what it writes, how it ends.

mod common;

use assert_cmd::Command;
use assert_cmd::assert::OutputAssertExt;
use common::{Tiny, edit};
use predicates::prelude::*;
use predicates::str::{contains, is_empty};
use std::fs;

fn grader(tiny: &Tiny) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_grader"));
    command.current_dir(&tiny.dir).arg("--root").arg(tiny.dir.path());
    command
}

#[test]
fn what_there_is_not_is_a_matter_of_usage() {
    let tiny = Tiny::new();
    for (arguments, told) in [
        (&["grade", "pipes"][..], "there is no lab named `pipes`; the labs are tiny"),
        (&["grade", "tinny"], "there is no lab named `tinny`; did you mean `tiny`?"),
        (&["hint", "tiny/right-is-too"], "tiny has no check `right-is-too`; did you mean `right-is-two`?"),
        (&["grade", "--check", "tiny"], "`tiny` names no check; a check is named as LAB/ID"),
        (
            &["grade", "--check", "tiny/none"],
            "tiny has no check `none`; its checks are left-is-one, right-is-two",
        ),
        (&["grade", "--check", "pipes/none"], "there is no lab named `pipes`"),
        (&["grade", "tiny/none"], "tiny has no check `none`"),
        (
            &["grade", "tiny", "--check", "pipes/one"],
            "the check pipes/one is in none of the labs that are named",
        ),
        (&["verify", "tiny/none"], "tiny has no check `none`"),
        (
            &["grade", "--submission", "nowhere"],
            "nowhere is no directory; --submission takes one that holds the labs",
        ),
        (&["grade", "--output", "/dev/null"], "/dev/null is no regular file"),
        (&["grade", "--output", "nowhere/report"], "cannot write to nowhere: No such file or directory"),
        (&["hint", "pipes"], "there is no lab named `pipes`"),
        (&["hint", "tiny/none"], "tiny has no check `none`"),
        (&["verify", "pipes"], "there is no lab named `pipes`"),
        (&["grade", "--format", "verse"], "[possible values: text, json]"),
        (&["mark"], "unrecognized subcommand 'mark'"),
        (&[], "Usage: grader"),
    ] {
        grader(&tiny).args(arguments).assert().code(2).stdout(is_empty()).stderr(contains(told));
    }
    let left: Vec<_> = fs::read_dir(&tiny.dir).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 5, "nothing was graded, nothing was written: {left:?}");
}

#[test]
fn a_folder_that_is_not_the_courses_is_a_wrong_argument() {
    let tiny = Tiny::new();
    fs::remove_dir_all(tiny.path("grader/labs")).unwrap();
    grader(&tiny)
        .arg("grade")
        .assert()
        .code(2)
        .stderr(contains("is not the course's folder").and(contains("grader/labs")));
}

#[test]
fn a_driver_that_is_not_there_is_the_graders_own_failure() {
    let tiny = Tiny::new();
    fs::remove_dir_all(tiny.path("grader/drivers")).unwrap();
    grader(&tiny).arg("grade").assert().code(4).stdout(is_empty()).stderr(contains("the lab's driver"));
}

#[test]
fn the_exit_codes_are_in_the_help() {
    let tiny = Tiny::new();
    for command in ["grade", "verify"] {
        let help = grader(&tiny).args([command, "--help"]).assert().code(0);
        help.stdout(
            contains("3  something could not be checked").and(contains("4  the grader itself failed")),
        );
    }
}

#[test]
fn a_lost_lab_is_reported_as_json_and_ends_with_one() {
    let tiny = Tiny::new();
    fs::create_dir(tiny.path("empty")).unwrap();
    let ended = grader(&tiny).args(["grade", "--submission", "empty", "--format", "json"]).assert().code(1);
    let report: serde_json::Value = serde_json::from_slice(&ended.get_output().stdout).unwrap();
    assert_eq!(report["version"], 1);
    assert_eq!((&report["score"], &report["max_score"]), (&0.into(), &100.into()));
    assert_eq!(report["labs"][0]["checks"][1]["id"], "right-is-two");
    assert_eq!(
        report["labs"][0]["messages"][0].as_str().unwrap().split_once('.').unwrap().0,
        "empty/tiny is not there"
    );
}

#[test]
fn one_check_alone_is_graded_alone() {
    let tiny = Tiny::new();
    fs::create_dir(tiny.path("empty")).unwrap();
    let arguments = ["grade", "--check", "tiny/right-is-two", "--submission", "empty", "--format", "json"];
    let ended = grader(&tiny).args(arguments).assert().code(1);
    let report: serde_json::Value = serde_json::from_slice(&ended.get_output().stdout).unwrap();
    assert_eq!(report["max_score"], 60);
    assert_eq!(report["labs"][0]["checks"].as_array().unwrap().len(), 1);
}

#[test]
fn a_part_is_named_wherever_a_lab_is() {
    let tiny = Tiny::new();
    fs::create_dir(tiny.path("empty")).unwrap();
    for named in [
        &["tiny/right-is-two"][..],
        &["labs/tiny/right-is-two"],
        &["tiny", "--check", "tiny/right-is-two"],
        &["tiny/", "--check", "tiny/right-is-two"],
        &["--check", "tiny/right-is-two"],
    ] {
        let grade = ["grade", "--submission", "empty", "--format", "json"];
        let ended = grader(&tiny).args(grade).args(named).assert().code(1);
        let report: serde_json::Value = serde_json::from_slice(&ended.get_output().stdout).unwrap();
        let checks = report["labs"][0]["checks"].as_array().unwrap();
        assert_eq!((checks.len(), &checks[0]["id"]), (1, &"right-is-two".into()), "{named:?}");
    }
    let both = ["grade", "--submission", "empty", "--format", "json", "tiny", "tiny/right-is-two"];
    let ended = grader(&tiny).args(both).assert().code(1);
    let report: serde_json::Value = serde_json::from_slice(&ended.get_output().stdout).unwrap();
    assert_eq!(report["max_score"], 100, "the whole lab was named, too");
    grader(&tiny).args(["hint", "labs/tiny/left-is-one"]).assert().code(0).stdout(contains("1. Count."));
}

#[test]
fn a_report_on_one_part_says_that_the_others_were_not_run() {
    let tiny = Tiny::new();
    fs::create_dir(tiny.path("empty")).unwrap();
    let told = contains("The other part of this lab was not run.");
    let grade = |named: &str| grader(&tiny).args(["grade", named, "--submission", "empty"]).assert().code(1);
    grade("tiny/right-is-two").stdout(told.clone().and(contains("`make grade LAB=tiny/right-is-two`")));
    grade("tiny").stdout(told.not());
}

#[test]
fn places_are_told_as_seen_from_where_the_command_was_typed() {
    let tiny = Tiny::new();
    fs::create_dir_all(tiny.path("elsewhere/below")).unwrap();
    fs::write(tiny.path("labs/tiny/src/left.rs"), "pub fn left() -> u32 {").unwrap();
    for (from, place) in [
        (".", " labs/tiny/src/left.rs:1:"),
        ("labs", " ./tiny/src/left.rs:1:"),
        ("labs/tiny", " ../tiny/src/left.rs:1:"),
        ("labs/tiny/src", " ../../tiny/src/left.rs:1:"),
        ("elsewhere/below", " ../../labs/tiny/src/left.rs:1:"),
    ] {
        let told = contains(place);
        grader(&tiny).current_dir(tiny.path(from)).arg("grade").assert().code(3).stdout(told);
    }
}

#[test]
fn a_report_ends_with_what_has_changed() {
    let tiny = Tiny::new();
    let grade = |from: &str| {
        let ended = grader(&tiny).current_dir(tiny.path(from)).arg("grade").assert();
        String::from_utf8(ended.get_output().stdout.clone()).unwrap()
    };
    let file = || {
        let dir = fs::read_dir(tiny.path("target/stage/last")).unwrap();
        dir.map(|entry| entry.unwrap().path()).next().unwrap()
    };
    // This grader has no checks for the tiny lab: nothing is learned of what it compiles.
    assert!(!grade(".").contains("changed "));
    let mine = "pub fn left() -> u32 { 1 }\nconst _: Option<std::sync::Mutex<u8>> = None;\n";
    fs::write(tiny.path("labs/tiny/src/left.rs"), mine).unwrap();
    assert!(!grade(".").contains("changed "));
    assert!(grade("labs").ends_with("changed    nothing since the last time\n"), "{}", grade("labs"));
    let kept = fs::read_to_string(file()).unwrap();
    fs::write(file(), kept.replace("false", "true")).unwrap();
    let told = "changed    -40 points since the last time: 1 part less: tiny/left-is-one\n";
    assert!(grade(".").ends_with(told), "{}", grade("."));
}

#[test]
fn a_report_file_replaces_the_old_one_whole() {
    let tiny = Tiny::new();
    fs::create_dir(tiny.path("empty")).unwrap();
    fs::write(tiny.path("report.json"), "old").unwrap();
    let arguments = ["grade", "--submission", "empty", "--format", "json", "--output", "report.json"];
    grader(&tiny).args(arguments).assert().code(1).stdout(is_empty());
    let report = fs::read_to_string(tiny.path("report.json")).unwrap();
    assert!(serde_json::from_str::<serde_json::Value>(&report).is_ok(), "{report}");
    let drafts = fs::read_dir(&tiny.dir)
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with(".grader-"));
    assert_eq!(drafts.count(), 0);
}

#[test]
fn a_grader_that_fails_leaves_the_old_report() {
    let tiny = Tiny::new();
    fs::remove_dir_all(tiny.path("grader/drivers")).unwrap();
    fs::write(tiny.path("report.txt"), "old").unwrap();
    grader(&tiny).args(["grade", "--output", "report.txt"]).assert().code(4);
    assert_eq!(fs::read_to_string(tiny.path("report.txt")).unwrap(), "old");
}

#[test]
fn a_check_that_this_grader_does_not_have_is_unchecked() {
    let tiny = Tiny::new();
    let ended = grader(&tiny).args(["grade", "--format", "json"]).assert().code(3);
    let report: serde_json::Value = serde_json::from_slice(&ended.get_output().stdout).unwrap();
    assert_eq!(report["labs"][0]["status"], "unchecked");
}

#[test]
fn hints_come_one_by_one() {
    let tiny = Tiny::new();
    let ask = || grader(&tiny).args(["hint", "tiny/left-is-one"]).assert().code(0);
    ask().stdout(contains("Left is one").and(contains("1. Count.")).and(contains("2.").not()));
    ask().stdout(contains("2. Count from nothing.").and(contains("3.").not()));
    ask().stdout(contains("3. It comes before two.").and(contains("last hint")));
    ask().stdout(contains("1. Count.").and(contains("3. It comes before two.")));
}

#[test]
fn a_hint_without_a_name_is_about_the_first_part_that_does_not_pass() {
    let tiny = Tiny::new();
    // This grader has no checks for the tiny lab, so that none passes.
    grader(&tiny).arg("hint").assert().code(0).stdout(contains("tiny/left-is-one: Left is one"));
    fs::write(tiny.path("labs/tiny/src/left.rs"), "pub fn left() -> u32 {").unwrap();
    fs::write(tiny.path("labs/tiny/src/right.rs"), "}").unwrap();
    let told = "tiny: it does not compile yet. `make grade LAB=tiny` says more.";
    grader(&tiny).args(["hint", "tiny"]).assert().code(0).stdout(contains(told));
    fs::copy(tiny.path("solutions/tiny/src/right.rs"), tiny.path("labs/tiny/src/right.rs")).unwrap();
    fs::write(tiny.path("labs/tiny/src/left.rs"), "").unwrap();
    let told = "tiny: one of its files cannot be graded yet. `make grade LAB=tiny` says more.";
    grader(&tiny).args(["hint", "tiny"]).assert().code(0).stdout(contains(told));
}

#[test]
fn starters_are_written_and_compared() {
    let tiny = Tiny::new();
    let starters = |arguments: &[&str]| grader(&tiny).arg("starters").args(arguments).assert();
    starters(&["--check"]).code(0);
    fs::write(tiny.path("labs/tiny/src/left.rs"), "pub fn left() {}\n").unwrap();
    starters(&["--check"])
        .code(1)
        .stderr(contains("labs/tiny/src/left.rs differs from what solutions/tiny makes of it"));
    starters(&["--force"]).code(0);
    fs::remove_file(tiny.path("labs/tiny/Cargo.toml")).unwrap();
    starters(&["--check"]).code(1).stderr(contains("labs/tiny/Cargo.toml is missing"));
    fs::write(tiny.path("labs/tiny/notes.txt"), "mine").unwrap();
    starters(&[]).code(1).stderr(contains("labs/tiny/notes.txt has no origin in solutions/tiny"));
    fs::write(tiny.path("solutions/tiny/src/left.rs"), "// END\n").unwrap();
    let told = "solutions/tiny/src/left.rs:1: `END` stands outside a region";
    starters(&["--check"]).code(4).stderr(contains(told));
}

#[test]
fn starters_overwrite_nobodys_work() {
    let tiny = Tiny::new();
    let left = tiny.path("labs/tiny/src/left.rs");
    let starters = |arguments: &[&str]| grader(&tiny).arg("starters").args(arguments).assert();
    edit(&tiny.path("solutions/tiny/src/right.rs"), "Has two.", "Has a two.");
    fs::write(&left, "pub fn left() -> u32 { 1 }\n").unwrap();
    let refused = starters(&[]).code(1);
    refused.stderr(
        contains("labs/tiny/src/left.rs is not as it was last cut")
            .and(contains("right.rs").not())
            .and(contains("`make restart LAB=tiny`"))
            .and(contains("starters --force")),
    );
    assert_eq!(fs::read_to_string(&left).unwrap(), "pub fn left() -> u32 { 1 }\n");
    assert!(!fs::read_to_string(tiny.path("labs/tiny/src/right.rs")).unwrap().contains("Has a two."));
    starters(&["--force"]).code(0);
    assert!(fs::read_to_string(&left).unwrap().contains("todo!"));
}

#[test]
fn a_solution_is_edited_and_cut_again() {
    let tiny = Tiny::new();
    edit(&tiny.path("solutions/tiny/src/right.rs"), "Has two.", "Has a two.");
    grader(&tiny).arg("starters").assert().code(0).stderr(is_empty());
    assert!(fs::read_to_string(tiny.path("labs/tiny/src/right.rs")).unwrap().contains("Has a two."));
    fs::remove_file(tiny.path("solutions/last-cut")).unwrap();
    grader(&tiny).args(["starters", "--check"]).assert().code(1).stderr(contains("solutions/last-cut"));
}

#[test]
fn a_restart_keeps_every_old_file() {
    let tiny = Tiny::new();
    let restart = |arguments: &[&str]| grader(&tiny).arg("restart").args(arguments).assert();
    let file = |name: &str| tiny.path(&format!("labs/tiny/src/{name}"));
    let starter = fs::read_to_string(file("left.rs")).unwrap();
    restart(&["tiny"]).code(0).stdout(contains("labs/tiny is as the starter has it"));
    for (work, kept) in [("first", "left.rs.before-restart"), ("second", "left.rs.before-restart-2")] {
        fs::write(file("left.rs"), work).unwrap();
        fs::write(file("right.rs"), work).unwrap();
        restart(&["labs/tiny/", "src/left.rs"]).code(0).stdout(contains(format!("labs/tiny/src/{kept}")));
        assert_eq!(fs::read_to_string(file("left.rs")).unwrap(), starter);
        assert_eq!(fs::read_to_string(file(kept)).unwrap(), work);
        assert_eq!(fs::read_to_string(file("right.rs")).unwrap(), work, "it was not named");
    }
    fs::remove_file(file("left.rs")).unwrap();
    restart(&["tiny"])
        .code(0)
        .stdout(contains("labs/tiny/src/right.rs.before-restart").and(contains("left.rs is there again")));
    grader(&tiny).args(["starters", "--check"]).assert().code(0);
}

#[test]
fn a_restart_of_what_there_is_not_is_a_matter_of_usage() {
    let tiny = Tiny::new();
    let restart = |arguments: &[&str]| grader(&tiny).arg("restart").args(arguments).assert().code(2);
    restart(&[]).stderr(contains("LAB"));
    restart(&["tinny"]).stderr(contains("did you mean `tiny`?"));
    restart(&["tiny", "src/lefd.rs"]).stderr(contains("did you mean `src/left.rs`?"));
    fs::remove_dir_all(tiny.path("solutions")).unwrap();
    restart(&["tiny"]).stderr(contains("git checkout -- labs/tiny"));
}

#[test]
fn a_report_on_a_file_that_is_gone_names_the_restart() {
    let tiny = Tiny::new();
    fs::write(tiny.path("labs/tiny/src/left.rs"), "").unwrap();
    let told = |told: &str| contains(told.to_owned());
    grader(&tiny).arg("grade").assert().stdout(told("`make restart LAB=tiny FILE=src/left.rs`"));
    fs::remove_dir_all(tiny.path("labs/tiny")).unwrap();
    grader(&tiny).arg("grade").assert().stdout(told("`make restart LAB=tiny`"));
}

#[test]
fn a_lab_may_be_named_as_a_path() {
    let tiny = Tiny::new();
    for typed in ["tiny/", "labs/tiny", "./labs/tiny/"] {
        grader(&tiny).args(["hint", typed]).assert().code(0).stdout(contains("tiny/left-is-one"));
    }
    grader(&tiny).args(["hint", "labs/tiny/left-is-one"]).assert().code(0);
    fs::create_dir(tiny.path("empty")).unwrap();
    grader(&tiny).args(["grade", "labs/tiny/", "--submission", "empty"]).assert().code(1);
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let tiny = Tiny::new();
    fs::create_dir(tiny.path("empty")).unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_grader"));
    command.current_dir(&tiny.dir).arg("--root").arg(tiny.dir.path()).args([
        "grade",
        "--submission",
        "empty",
    ]);
    command.stdout(writer).output().unwrap().assert().code(1).stderr(is_empty());
}
