//! Files that cannot be graded: each is told in a sentence, and the rest of the lab is graded all the same.

mod common;

use common::{Submission, Tiny, check};
use grader::check::Status;
use grader::report::{LabReport, LabStatus, Message};
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;

/// Breaks `left.rs` in some way and grades: the check of `right.rs` still passes, and the message says what is wrong.
fn told_of_left(break_it: impl Fn(&Submission)) -> String {
    let tiny = Tiny::new();
    let mine = tiny.solved("mine");
    break_it(&mine);
    let report = tiny.grade(&mine);
    assert_eq!((report.status, report.score), (LabStatus::Graded, 60), "{report:#?}");
    let failed = check(&report, "left-is-one");
    assert_eq!((failed.status, failed.score), (Status::Fail, 0));
    let told = format!("{}/tiny/{}", mine.dir.display(), failed.summary);
    assert_eq!(report.messages, [Message::of_grader(told)]);
    failed.summary.clone()
}

fn all_lost(report: &LabReport) {
    assert_eq!((report.score, report.max_score), (0, 100), "{report:#?}");
    assert!(report.checks.iter().all(|check| check.status == Status::Fail), "{report:#?}");
}

#[test]
fn a_missing_file() {
    let told = told_of_left(|mine| mine.remove("left.rs"));
    assert_eq!(told, "src/left.rs is not there. Put the file back under this name.");
}

#[test]
fn an_empty_file() {
    for nothing in ["", " \n\t\n"] {
        let told = told_of_left(|mine| mine.write("left.rs", nothing));
        assert!(told.starts_with("src/left.rs is empty."), "{told}");
    }
}

#[test]
fn a_file_that_is_not_utf_8() {
    let told = told_of_left(|mine| mine.write("left.rs", b"// one\n// sch\xf6n\n"));
    assert!(told.contains("line 2") && told.contains("Save it as UTF-8"), "{told}");
}

#[test]
fn a_symbolic_link() {
    let told = told_of_left(|mine| {
        fs::rename(mine.file("left.rs"), mine.file("real.rs")).unwrap();
        symlink("real.rs", mine.file("left.rs")).unwrap();
    });
    assert!(told.contains("tiny/src/left.rs is a symbolic link"), "{told}");
}

#[test]
fn a_link_to_nothing() {
    let told = told_of_left(|mine| {
        mine.remove("left.rs");
        symlink("/nowhere", mine.file("left.rs")).unwrap();
    });
    assert!(told.contains("tiny/src/left.rs is a symbolic link"), "{told}");
}

#[test]
fn a_named_pipe_holds_nobody_up() {
    let told = told_of_left(|mine| {
        mine.remove("left.rs");
        mkfifo(&mine.file("left.rs"), Mode::S_IRWXU).unwrap();
    });
    assert!(told.contains("tiny/src/left.rs is a named pipe"), "{told}");
}

#[test]
fn a_socket() {
    let told = told_of_left(|mine| {
        mine.remove("left.rs");
        drop(UnixListener::bind(mine.file("left.rs")).unwrap());
    });
    assert!(told.contains("tiny/src/left.rs is a socket"), "{told}");
}

#[test]
fn a_directory() {
    let told = told_of_left(|mine| {
        mine.remove("left.rs");
        fs::create_dir(mine.file("left.rs")).unwrap();
    });
    assert!(told.contains("tiny/src/left.rs is a directory"), "{told}");
}

#[test]
fn ten_megabytes() {
    let told = told_of_left(|mine| mine.write("left.rs", vec![b'/'; 10 << 20]));
    assert!(told.contains("has 10485760 bytes; at most 262144 are read"), "{told}");
}

/// Who may read a file is the machine's business: nothing is known of it, and no point is lost.
#[test]
fn a_file_without_permission() {
    // Nothing keeps root from reading.
    if nix::unistd::geteuid().is_root() {
        return;
    }
    let tiny = Tiny::new();
    let mine = tiny.solved("mine");
    fs::set_permissions(mine.file("left.rs"), Permissions::from_mode(0o000)).unwrap();
    let report = tiny.grade(&mine);
    let left = check(&report, "left-is-one");
    assert_eq!((left.status, report.score), (Status::Unchecked, 60), "{report:#?}");
    assert!(left.summary.contains("Permission denied"), "{}", left.summary);
}

#[test]
fn a_missing_lab() {
    let tiny = Tiny::new();
    let mine = tiny.solved("mine");
    fs::remove_dir_all(mine.dir.join("tiny")).unwrap();
    let report = tiny.grade(&mine);
    all_lost(&report);
    let expected = format!(
        "{}/tiny is not there. Put the lab's directory beside the others, under the lab's name.",
        mine.dir.display()
    );
    assert_eq!(report.messages, [Message::of_grader(expected)]);
}

#[test]
fn a_lab_without_its_source_directory() {
    let tiny = Tiny::new();
    let mine = tiny.solved("mine");
    fs::rename(mine.dir.join("tiny/src"), mine.dir.join("tiny/source")).unwrap();
    let report = tiny.grade(&mine);
    all_lost(&report);
    assert!(report.messages[0].text.contains("there is no directory tiny/src"), "{report:#?}");
}

#[test]
fn a_link_on_the_way_leads_nowhere() {
    let tiny = Tiny::new();
    let mine = tiny.solved("mine");
    fs::rename(mine.dir.join("tiny/src"), mine.dir.join("elsewhere")).unwrap();
    symlink("../elsewhere", mine.dir.join("tiny/src")).unwrap();
    let report = tiny.grade(&mine);
    all_lost(&report);
    assert!(report.messages[0].text.contains("tiny/src is a symbolic link"), "{report:#?}");
}

#[test]
fn nothing_but_the_listed_files_is_read() {
    let tiny = Tiny::new();
    let mine = tiny.solved("mine");
    for (path, content) in [
        ("Cargo.toml", "this is no manifest"),
        ("build.rs", "compile_error!(\"built\");"),
        ("clippy.toml", "disallowed-types = []\nnonsense = 1"),
        ("src/lib.rs", "compile_error!(\"read\");"),
        ("src/bin/other.rs", "compile_error!(\"read\");"),
        (".cargo/config.toml", "[build]\nrustc = \"/bin/false\""),
    ] {
        let path = mine.dir.join("tiny").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    assert_eq!(tiny.grade(&mine).score, 100);
}

#[test]
fn a_module_in_a_file_of_its_own() {
    let text = "pub mod helper;\npub fn left() -> u32 { helper::one() }\n";
    let told = told_of_left(|mine| mine.write("left.rs", text));
    assert!(told.starts_with("src/left.rs uses `mod helper;` in line 1, which is off limits here"), "{told}");
}

#[test]
fn modules_within_the_file_and_for_tests_are_the_students_own() {
    let tiny = Tiny::new();
    let mine = tiny.solved("mine");
    let text = "mod one { pub fn one() -> u32 { 1 } }\n#[cfg(test)]\nmod tests;\npub fn left() -> u32 { one::one() }\n";
    mine.write("left.rs", text);
    assert_eq!(tiny.grade(&mine).score, 100);
}

#[test]
fn windows_line_ends_a_byte_order_mark_and_tabs() {
    let tiny = Tiny::new();
    let mine = tiny.solved("mine");
    mine.write("left.rs", "\u{feff}// one\r\npub fn left() -> u32 {\r\n\t0\r\n}\r\n");
    let report = tiny.grade(&mine);
    let failed = check(&report, "left-is-one");
    assert_eq!((failed.status, failed.location.as_ref().map(|at| at.line)), (Status::Fail, Some(2)));
    assert_eq!(failed.source.as_deref(), Some("pub fn left() -> u32 {"));
}

#[test]
fn a_file_that_may_only_be_read() {
    let tiny = Tiny::new();
    let mine = tiny.solved("mine");
    fs::set_permissions(mine.file("left.rs"), Permissions::from_mode(0o444)).unwrap();
    assert_eq!(tiny.grade(&mine).score, 100);
}

#[test]
fn two_files_that_cannot_be_read_are_told_one_by_one() {
    let tiny = Tiny::new();
    let mine = tiny.solved("mine");
    mine.remove("left.rs");
    mine.write("right.rs", "");
    let report = tiny.grade(&mine);
    all_lost(&report);
    assert_eq!(report.messages.len(), 2, "{report:#?}");
}

#[test]
fn a_missing_file_does_not_hide_what_the_compiler_says_of_the_other() {
    let tiny = Tiny::new();
    let mine = tiny.solved("mine");
    mine.remove("left.rs");
    mine.write("right.rs", "pub struct Right");
    let report = tiny.grade(&mine);
    all_lost(&report);
    assert_eq!(report.status, LabStatus::DoesNotCompile);
    assert!(report.messages[1].text.contains("the starter's version of src/left.rs"), "{report:#?}");
    assert!(report.messages[2].text.contains("mine/tiny/src/right.rs:1:"), "{report:#?}");
}
