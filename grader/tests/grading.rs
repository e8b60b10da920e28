//! Staging, compiling and putting reports together, on a course of one tiny lab.

mod common;

use common::{Tiny, check, edit, fake};
use grader::candidate::Candidate;
use grader::check::{Location, Status};
use grader::compile::{Compiler, PATIENCE};
use grader::grade::Grader;
use grader::report::{CheckReport, LabStatus};
use grader::sandbox::Level;
use grader::stage::Stage;
use grader::supervisor::Job;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::time::{Duration, SystemTime};

const GRADER: &str = env!("CARGO_BIN_EXE_grader");

#[test]
fn a_solution_has_full_marks_and_a_starter_is_not_begun() {
    let tiny = Tiny::new();
    let report = tiny.grade(&tiny.solved("mine"));
    assert_eq!((report.status, report.score, report.max_score), (LabStatus::Graded, 100, 100), "{report:#?}");
    let report = tiny.grade(&common::Submission { dir: tiny.course.labs_dir() });
    assert_eq!((report.status, report.score), (LabStatus::Todo, 0), "{report:#?}");
}

#[test]
fn a_failure_has_its_line_its_source_and_where_to_read_on() {
    let tiny = Tiny::new();
    let mine = tiny.solved("mine");
    mine.write("left.rs", "\n\npub fn left() -> u32 { 0 }\n");
    let report = tiny.grade(&mine);
    let failed = check(&report, "left-is-one");
    assert_eq!((report.score, failed.status), (60, Status::Fail));
    assert_eq!(failed.location, Some(Location { file: "src/left.rs".to_owned(), line: 3 }));
    assert_eq!(failed.source.as_deref(), Some("pub fn left() -> u32 { 0 }"));
    assert_eq!(failed.handout.as_deref(), Some("tiny.md#counting"));
}

#[test]
fn an_older_file_is_still_the_one_that_is_graded() {
    let tiny = Tiny::new();
    let mine = tiny.solved("mine");
    assert_eq!(tiny.grade(&mine).score, 100);
    mine.write("left.rs", "pub fn left() -> u32 { 0 }\n");
    let yesterday = SystemTime::now() - Duration::from_secs(86_400);
    File::open(mine.file("left.rs")).unwrap().set_modified(yesterday).unwrap();
    assert_eq!(tiny.grade(&mine).score, 60);
}

#[test]
fn submissions_do_not_get_each_others_programs() {
    let tiny = Tiny::new();
    let (one, other) = (tiny.solved("one"), tiny.solved("other"));
    other.write("left.rs", "pub fn left() -> u32 { 0 }\n");
    for _ in 0..2 {
        assert_eq!(tiny.grade(&one).score, 100);
        assert_eq!(tiny.grade(&other).score, 60);
    }
    let stage = Stage::open(&tiny.course, || {}).unwrap();
    let both = [&other, &one].map(|submission| Candidate::read(&tiny.lab, &submission.dir));
    let compiler = Compiler::find(PATIENCE);
    let grader = Grader { course: &tiny.course, compiler, run: &fake, progress: &|_| {} };
    let scores: Vec<u32> =
        grader.grade(&stage, both.into()).unwrap().iter().map(|report| report.score).collect();
    assert_eq!(scores, [60, 100], "reports come in the order of the candidates");
}

#[test]
fn what_was_compiled_stays_compiled_when_something_else_is_graded() {
    let tiny = Tiny::new();
    let (mine, other) = (tiny.solved("mine"), tiny.solved("other"));
    tiny.grade(&mine);
    let programs = programs_built(&tiny);
    tiny.grade(&other);
    tiny.grade(&mine);
    let now = programs_built(&tiny);
    assert!(programs.iter().all(|(path, time)| now.get(path) == Some(time)), "{programs:#?} {now:#?}");
}

/// Every program in the staging workspace, with the time it was made.
fn programs_built(tiny: &Tiny) -> BTreeMap<PathBuf, SystemTime> {
    let dir = tiny.course.stage_dir().join("target/debug/deps");
    let paths = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let programs = paths.filter(|path| path.extension().is_none());
    programs.map(|path| (path.clone(), path.metadata().unwrap().modified().unwrap())).collect()
}

#[test]
fn one_file_that_does_not_compile_leaves_the_other_graded() {
    let tiny = Tiny::new();
    let mine = tiny.solved("mine");
    mine.write("left.rs", "pub fn left() -> u32 { \"one\" }\n");
    let report = tiny.grade(&mine);
    assert_eq!((report.status, report.score), (LabStatus::DoesNotCompile, 60), "{report:#?}");
    assert_eq!(check(&report, "left-is-one").status, Status::Fail);
    let shown = anstream::adapter::strip_str(&report.messages[0].text).to_string();
    assert!(shown.contains("mismatched types") && shown.contains("mine/tiny/src/left.rs:1:24"), "{shown}");
    assert!(!shown.contains("stage"), "{shown}");
}

#[test]
fn both_files_broken_leave_nothing_to_run() {
    let tiny = Tiny::new();
    let mine = tiny.solved("mine");
    mine.write("left.rs", "pub fn left() -> u32 {");
    mine.write("right.rs", "pub struct Right;\nimpl Right { pub fn value(&self) -> u32 { \"\" } }\n");
    let report = tiny.grade(&mine);
    assert_eq!((report.status, report.score), (LabStatus::DoesNotCompile, 0));
    assert!(report.messages[0].text.contains("unclosed delimiter"), "{report:#?}");
}

#[test]
fn a_changed_signature_is_shown_with_the_students_line() {
    let tiny = Tiny::new();
    let mine = tiny.solved("mine");
    mine.write("left.rs", "pub fn left(n: u32) -> u32 { n }\n");
    let report = tiny.grade(&mine);
    assert_eq!((report.status, report.score), (LabStatus::DoesNotCompile, 60), "{report:#?}");
    let changed =
        "src/left.rs, line 1: `pub fn left(n: u32) -> u32` was `pub fn left() -> u32` in the starter.";
    assert_eq!(report.messages[0].text, changed);
    assert!(report.messages[1].text.contains("names and types that the starter declares"), "{report:#?}");
    let shown = anstream::adapter::strip_str(&report.messages[2].text).to_string();
    assert!(shown.contains("mine/tiny/src/left.rs:1:7"), "{shown}");
    assert!(!shown.contains(&tiny.dir.path().join("grader").display().to_string()), "{shown}");
}

#[test]
fn a_type_that_the_compiler_does_not_trace_back_is_found_all_the_same() {
    let tiny = Tiny::new();
    let mine = tiny.solved("mine");
    mine.write("left.rs", "pub fn left() -> Option<u32> { Some(1) }\n");
    let report = tiny.grade(&mine);
    assert_eq!((report.status, report.score), (LabStatus::DoesNotCompile, 60), "{report:#?}");
    let changed =
        "src/left.rs, line 1: `pub fn left() -> Option<u32>` was `pub fn left() -> u32` in the starter.";
    assert_eq!(report.messages[0].text, changed);
}

#[test]
fn a_function_made_private_is_refused_in_the_compilers_words() {
    let tiny = Tiny::new();
    let mine = tiny.solved("mine");
    mine.write("left.rs", "fn left() -> u32 { 1 }\n");
    let report = tiny.grade(&mine);
    assert_eq!((report.status, report.score), (LabStatus::DoesNotCompile, 60), "{report:#?}");
    assert!(report.messages[0].text.contains("private"), "{report:#?}");
}

#[test]
fn a_renamed_function_is_found_by_its_absence() {
    let tiny = Tiny::new();
    let mine = tiny.solved("mine");
    mine.write("left.rs", "pub fn lift() -> u32 { 1 }\n");
    let report = tiny.grade(&mine);
    assert_eq!((report.status, report.score), (LabStatus::DoesNotCompile, 60), "{report:#?}");
    assert_eq!(
        report.messages[0].text,
        "src/left.rs has no function `left` of the form `pub fn left() -> u32`."
    );
    assert!(report.messages[2].text.contains("no `left` in `left`"), "{report:#?}");
    mine.write("left.rs", "pub fn left() -> u32 { 1 }\n");
    mine.write("right.rs", "pub struct Right;\nimpl Right { pub fn worth(&self) -> u32 { 2 } }\n");
    let report = tiny.grade(&mine);
    assert_eq!((report.status, report.score), (LabStatus::DoesNotCompile, 40), "{report:#?}");
}

#[test]
fn a_driver_that_does_not_compile_is_nobodys_loss() {
    let tiny = Tiny::new();
    fs::write(tiny.path("grader/drivers/tiny/src/main.rs"), "fn main() { nonsense() }").unwrap();
    let report = tiny.grade(&tiny.solved("mine"));
    assert_eq!(report.status, LabStatus::Unchecked, "{report:#?}");
    assert!(report.checks.iter().all(|check| check.status == Status::Unchecked));
    assert!(report.messages[0].text.contains("nonsense"), "{report:#?}");
}

#[test]
fn what_is_off_limits_fails_the_checks_of_its_file() {
    let tiny = Tiny::new();
    let mine = tiny.solved("mine");
    mine.write(
        "right.rs",
        "use std::sync as s;\npub struct Right;\nimpl Right {\n    pub fn value(&self) -> u32 {\n        \
         #[allow(clippy::all)]\n        s::Mutex::new(2).into_inner().unwrap()\n    }\n}\n",
    );
    let report = tiny.grade(&mine);
    let failed = check(&report, "right-is-two");
    assert_eq!((report.status, report.score), (LabStatus::Graded, 40), "{report:#?}");
    assert_eq!(failed.location.as_ref().map(|place| place.line), Some(6));
    assert!(failed.summary.contains("std::sync::Mutex") && failed.summary.contains("numbers need no lock"));
}

#[test]
fn the_compilers_warnings_are_kept_as_it_has_them() {
    let tiny = Tiny::new();
    let mine = tiny.solved("mine");
    let careless =
        "fn sure() -> Result<u32, String> { Ok(1) }\npub fn left() -> u32 { let two = 2; sure(); 1 }\n";
    mine.write("left.rs", careless);
    let warnings = |tiny: &Tiny| {
        let report = tiny.grade(&mine);
        let plain = |text: &String| anstream::adapter::strip_str(text).to_string();
        report.warnings.iter().map(plain).collect::<Vec<_>>()
    };
    let told = warnings(&tiny);
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(
        told[0].contains("unused variable: `two`") && told[0].contains("mine/tiny/src/left.rs:2:"),
        "{told:#?}"
    );
    assert!(told[1].contains("that must be used"), "{told:#?}");
    let starter = fs::read(tiny.path("labs/tiny/src/right.rs")).unwrap();
    mine.write("right.rs", starter);
    let told = warnings(&tiny);
    assert_eq!(told.len(), 1, "unused code is no news while a part is not begun: {told:#?}");
    assert!(told[0].contains("that must be used"), "{told:#?}");
}

#[test]
fn of_files_that_are_not_graded_no_warning_is_shown() {
    let tiny = with_given_left();
    let given = tiny.path("grader/drivers/tiny/given/src/left.rs");
    fs::write(given, "pub fn left() -> u32 { let three = 3; 2 }\n").unwrap();
    edit(&tiny.path("solutions/tiny/src/lib.rs"), "mod left;", "mod left;\nmod spare { fn f() {} }");
    let report = tiny.grade(&tiny.solved("mine"));
    assert!(report.warnings.is_empty(), "{report:#?}");
}

#[test]
fn methods_are_off_limits_too() {
    let tiny = Tiny::new();
    let mine = tiny.solved("mine");
    let sleep = "std::thread::sleep(std::time::Duration::ZERO)";
    mine.write(
        "left.rs",
        format!("macro_rules! wait {{ () => {{ {sleep} }} }}\npub fn left() -> u32 {{ wait!(); 1 }}\n"),
    );
    let report = tiny.grade(&mine);
    assert_eq!(report.score, 60, "{report:#?}");
    assert!(check(&report, "left-is-one").summary.contains("numbers need no time"));
}

#[test]
fn a_file_cannot_reach_beyond_itself() {
    let tiny = Tiny::new();
    let mine = tiny.solved("mine");
    for (text, what) in [
        ("const S: &str = include_str!(\"/etc/passwd\");", "include_str!"),
        ("use core::include_bytes as look;", "include_bytes!"),
        ("macro_rules! m { () => { include!(\"x\") } }", "include!"),
        ("#[path = \"/etc/passwd\"] mod other;", "#[path]"),
        ("extern crate alloc;", "extern crate"),
        ("fn f() { unsafe {} }", "unsafe"),
        ("fn f() { std::arch::asm!(\"\") }", "asm!"),
    ] {
        mine.write("left.rs", format!("\n{text}\npub fn left() -> u32 {{ 1 }}\n"));
        let report = tiny.grade(&mine);
        assert_eq!((report.score, check(&report, "left-is-one").status), (60, Status::Fail), "{text}");
        let place = check(&report, "left-is-one").location.clone();
        assert_eq!(place.map(|place| place.line), Some(2), "{text}");
        assert!(report.messages[0].text.contains(&format!("`{what}` in line 2")), "{:?}", report.messages);
    }
}

#[test]
fn without_clippy_nothing_passes_silently() {
    let tiny = Tiny::new();
    let mine = tiny.solved("mine");
    mine.write("left.rs", "pub fn left() -> u32 { 0 }\n");
    let report = tiny.grade_with(&mine, Compiler::find(PATIENCE).without_clippy());
    assert_eq!(check(&report, "left-is-one").status, Status::Fail);
    let unseen = check(&report, "right-is-two");
    assert_eq!((unseen.status, unseen.score), (Status::Unchecked, 0));
    assert!(unseen.summary.contains("rustup component add clippy"));
}

#[test]
fn a_compiler_that_does_not_end_is_ended() {
    let tiny = Tiny::new();
    let mine = tiny.solved("mine");
    mine.write(
        "left.rs",
        "#[allow(long_running_const_eval)]\nconst N: u32 = loop {};\npub fn left() -> u32 { N }\n",
    );
    let compiler = Compiler::find(Duration::from_secs(3)).for_many();
    let report = tiny.grade_with(&mine, compiler.enclosed(Path::new(GRADER), Level::Plain));
    assert_eq!(check(&report, "left-is-one").status, Status::Limit, "{report:#?}");
}

/// A number for which the compiler takes some seconds, in this package and in no other.
const SLOW: &str = "#[allow(long_running_const_eval)]\npub static ONE: u32 = {\n    let mut left = 4_000_000_u32;\n    \
                    while left > 1 {\n        left -= 1;\n    }\n    left\n};\n";

#[test]
fn what_the_labs_depend_on_takes_the_time_it_takes() {
    for level in Level::possible(Path::new(GRADER)) {
        let tiny = Tiny::new();
        tiny.depend_on_helper(SLOW, "tiny::left() == helper::ONE");
        let compiler =
            || Compiler::find(Duration::from_secs(1)).for_many().enclosed(Path::new(GRADER), level);
        assert_eq!(tiny.grade_with(&tiny.solved("mine"), compiler()).score, 100, "{level:?}");
        // The same in a student's file is too much.
        let slow = tiny.solved("slow");
        slow.write("left.rs", format!("{SLOW}pub fn left() -> u32 {{ ONE }}\n"));
        let report = tiny.grade_with(&slow, compiler());
        assert_eq!(check(&report, "left-is-one").status, Status::Limit, "{level:?}: {report:#?}");
    }
}

#[test]
fn a_compiler_that_crashes_harms_nobody_else() {
    let tiny = Tiny::new();
    let (mine, other) = (tiny.solved("mine"), tiny.solved("other"));
    mine.write(
        "left.rs",
        format!("pub fn left() -> u32 {{ {}1{} }}\n", "-(".repeat(60_000), ")".repeat(60_000)),
    );
    let stage = Stage::open(&tiny.course, || {}).unwrap();
    let both = [&mine, &other].map(|submission| Candidate::read(&tiny.lab, &submission.dir));
    let compiler = Compiler::find(PATIENCE);
    let grader = Grader { course: &tiny.course, compiler, run: &fake, progress: &|_| {} };
    let scores: Vec<u32> =
        grader.grade(&stage, both.into()).unwrap().iter().map(|report| report.score).collect();
    assert_eq!(scores, [0, 100]);
}

#[test]
fn a_second_grader_waits_and_says_so() {
    let tiny = Tiny::new();
    let first = Stage::open(&tiny.course, || panic!("nobody else is there")).unwrap();
    let (said, heard) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        let second = scope.spawn(|| Stage::open(&tiny.course, || said.send(()).unwrap()).map(drop));
        heard.recv().unwrap();
        drop(first);
        second.join().unwrap().unwrap();
    });
}

#[test]
fn the_checks_of_one_grading_do_not_hold_up_another() {
    let tiny = Tiny::new();
    let mine = tiny.solved("mine");
    let (begun, begins) = channel();
    let (go, goes_on) = channel::<()>();
    let goes_on = Mutex::new(goes_on);
    let slow = |job: &Job| {
        begun.send(()).unwrap();
        let _ = goes_on.lock().unwrap().recv();
        fake(job)
    };
    let (graded, second) = channel();
    std::thread::scope(|scope| {
        let first = scope.spawn(|| {
            let stage = Stage::open(&tiny.course, || {}).unwrap();
            let compiler = Compiler::find(PATIENCE);
            let grader = Grader { course: &tiny.course, compiler, run: &slow, progress: &|_| {} };
            grader.grade(&stage, vec![Candidate::read(&tiny.lab, &mine.dir)]).unwrap().remove(0).score
        });
        begins.recv().unwrap();
        mine.write("left.rs", "pub fn left() -> u32 { 0 }\n");
        scope.spawn(|| graded.send(tiny.grade(&mine).score));
        let in_time = second.recv_timeout(Duration::from_secs(120));
        drop(go);
        assert_eq!(in_time, Ok(60), "the second grading has ended while the first one checks");
        assert_eq!(first.join().unwrap(), 100, "the first one has its own program still");
    });
    let left = fs::read_dir(tiny.course.stage_dir().join("runs")).unwrap();
    assert_eq!(left.count(), 0, "what was kept for a grading goes with it");
}

/// The check on the right, with this file there.
fn right(text: &str) -> CheckReport {
    let tiny = Tiny::new();
    let mine = tiny.solved("mine");
    mine.write("right.rs", text);
    let report = tiny.grade(&mine);
    assert_eq!(check(&report, "left-is-one").status, Status::Pass, "{report:#?}");
    check(&report, "right-is-two").clone()
}

#[test]
fn what_is_off_limits_costs_the_function_it_stands_in() {
    const RIGHT: &str = "pub struct Right;\nimpl Right { pub fn value(&self) -> u32 { 2 } }\n";
    for other in [
        "pub fn lock() {\n    let _ = std::sync::Mutex::new(2);\n}\n",
        "use std::sync::{\n    Mutex,\n};\npub fn lock() -> u32 { *Mutex::new(2).lock().unwrap() }\n",
        "use std::sync::Mutex;\n",
    ] {
        let right = right(&format!("{other}{RIGHT}"));
        assert_eq!(right.status, Status::Pass, "{other}: {right:#?}");
    }
    let own = right(&RIGHT.replace("{ 2 }", "{ *std::sync::Mutex::new(2).lock().unwrap() }"));
    assert_eq!((own.status, own.location.unwrap().line), (Status::Fail, 2));
    assert!(own.summary.contains("uses `std::sync::Mutex`, which is off limits"), "{}", own.summary);
}

#[test]
fn what_is_off_limits_costs_those_that_call_its_function() {
    let called = right(
        "pub struct Right;\nimpl Right { pub fn value(&self) -> u32 { lock() } }\n\
         fn lock() -> u32 {\n    *std::sync::Mutex::new(2).lock().unwrap()\n}\n",
    );
    assert_eq!((called.status, called.location.unwrap().line), (Status::Fail, 4));
    let told = "This part calls `lock`, which uses `std::sync::Mutex` in line 4.";
    assert!(called.summary.starts_with(told), "{}", called.summary);
}

#[test]
fn what_is_off_limits_costs_the_file_where_it_cannot_be_left_out() {
    const RIGHT: &str = "pub struct Right;\nimpl Right { pub fn value(&self) -> u32 { 2 } }\n";
    for other in [
        "static LOCK: std::sync::Mutex<u32> = std::sync::Mutex::new(2);\n",
        "use std::sync::Mutex; static LOCK: Mutex<u32> = Mutex::new(2);\n",
        "pub fn lock(_: std::sync::Mutex<u32>) {}\n",
        "pub fn all() -> impl Iterator<Item = u32> {\n    let _ = std::sync::Mutex::new(2);\n    0..2\n}\n",
    ] {
        let right = right(&format!("{other}{RIGHT}"));
        assert_eq!(right.status, Status::Fail, "{other}");
        assert!(right.summary.contains("uses `std::sync::Mutex`"), "{other}: {}", right.summary);
    }
}

/// The tiny course, in which the check on the right is given the file on the left.
fn with_given_left() -> Tiny {
    let mut tiny = Tiny::new();
    let path = tiny.path("grader/labs/tiny.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("points = 60", "points = 60\ngiven = [\"src/left.rs\"]")).unwrap();
    let given = tiny.path("grader/drivers/tiny/given/src");
    fs::create_dir_all(&given).unwrap();
    fs::write(given.join("left.rs"), "pub fn left() -> u32 { 2 }\n").unwrap();
    tiny.lab = tiny.course.labs().unwrap().remove(0);
    tiny
}

#[test]
fn a_check_is_run_on_the_files_that_are_given_to_it() {
    let tiny = with_given_left();
    let mine = tiny.solved("mine");
    mine.write(
        "right.rs",
        "pub struct Right;\nimpl Right { pub fn value(&self) -> u32 { crate::left() } }\n",
    );
    let report = tiny.grade(&mine);
    assert_eq!((report.status, report.score, report.max_score), (LabStatus::Graded, 100, 100), "{report:#?}");
    let ids: Vec<&str> = report.checks.iter().map(|check| check.id.as_str()).collect();
    assert_eq!(ids, ["left-is-one", "right-is-two"]);
}

#[test]
fn a_file_that_is_given_may_be_broken_or_missing() {
    let tiny = with_given_left();
    let mine = tiny.solved("mine");
    mine.write("left.rs", "pub fn left() -> u32 { \"one\" }\n");
    assert_eq!(tiny.grade(&mine).score, 60);
    mine.remove("left.rs");
    let report = tiny.grade(&mine);
    assert_eq!((report.score, report.messages.len()), (60, 1), "{report:#?}");
}

#[test]
fn files_that_need_more_than_what_is_given_are_told_so() {
    let tiny = with_given_left();
    let mine = tiny.solved("mine");
    mine.write("left.rs", "pub fn left() -> u32 { 1 }\npub fn two() -> u32 { 2 }\n");
    mine.write(
        "right.rs",
        "pub struct Right;\nimpl Right { pub fn value(&self) -> u32 { crate::left::two() } }\n",
    );
    let report = tiny.grade(&mine);
    assert_eq!((report.status, report.score), (LabStatus::DoesNotCompile, 40), "{report:#?}");
    assert!(report.messages[0].text.contains("the grader's own src/left.rs"), "{report:#?}");
    let shown = anstream::adapter::strip_str(&report.messages[1].text).to_string();
    assert!(shown.contains("cannot find function `two`") && !shown.contains("stage"), "{shown}");
}

#[test]
fn a_rule_can_be_about_one_file() {
    let mut tiny = Tiny::new();
    let path = tiny.path("grader/labs/tiny.toml");
    let text = fs::read_to_string(&path).unwrap();
    let rule = "type = \"std::sync::Mutex\"";
    fs::write(&path, text.replace(rule, &format!("{rule}\nfiles = [\"src/left.rs\"]"))).unwrap();
    tiny.lab = tiny.course.labs().unwrap().remove(0);
    let mine = tiny.solved("mine");
    let uses = "const _: fn(std::sync::Mutex<u8>) = drop;\n";
    mine.write("left.rs", format!("{uses}pub fn left() -> u32 {{ 1 }}\n"));
    mine.write(
        "right.rs",
        format!("{uses}pub struct Right;\nimpl Right {{ pub fn value(&self) -> u32 {{ 2 }} }}\n"),
    );
    let report = tiny.grade(&mine);
    assert_eq!(report.score, 60, "{report:#?}");
    assert!(check(&report, "left-is-one").summary.contains("numbers need no lock"), "{report:#?}");
}
