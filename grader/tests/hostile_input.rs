//! Input that was made to harm the grader itself: paths, names, contents and times. Each gets a clear word and a
//! documented exit code, and nothing of it moves a terminal.

mod common;

use assert_cmd::Command;
use common::{Submission, Tiny, check, is_plain_text};
use grader::candidate::Candidate;
use grader::check::Status;
use grader::look::{ASCII, Look, UNICODE};
use grader::report::{LabReport, LabStatus, Message, Report, View, json, terminal};
use grader::sandbox::Level;
use nix::sys::stat::{Mode, SFlag, makedev, mknod};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// What would move a terminal, end a table or a tag, or hide what is written.
const HOSTILE: &str =
    "\u{1b}[2J\u{1b}]0;title\u{7}\u{9b}1A\r\n<script>\"&'</td>,=cmd()\u{202e}\u{200b}\u{0}\u{7f}";

/// Breaks `left.rs` in some way, and grades; whatever is told of it, a terminal can be shown.
fn told_of(break_it: impl Fn(&Submission)) -> LabReport {
    let tiny = Tiny::new();
    let mine = tiny.solved("mine");
    break_it(&mine);
    let report = tiny.grade(&mine);
    assert_ne!(check(&report, "left-is-one").status, Status::Pass, "{report:#?}");
    shows_plainly(report.clone());
    report
}

fn shows_plainly(lab: LabReport) {
    let (score, max_score) = (lab.score, lab.max_score);
    let report = Report { version: 1, seed: 1, sandbox: Level::Plain, score, max_score, labs: vec![lab] };
    for glyphs in [&UNICODE, &ASCII] {
        for all in [false, true] {
            let view = View { all, ..View::default() };
            let shown = terminal::render(&report, &Look { width: 80, glyphs }, &view);
            assert!(is_plain_text(&shown), "{shown:?}");
        }
    }
    let written = json::render(&report).unwrap();
    assert!(written.chars().all(|c| c == '\n' || !c.is_control()), "{written:?}");
    serde_json::from_str::<Report>(&written).unwrap();
}

/// Puts a link in the place of `left.rs`.
fn told_of_link(to: impl AsRef<Path>) -> String {
    let report = told_of(|mine| {
        mine.remove("left.rs");
        symlink(to.as_ref(), mine.file("left.rs")).unwrap();
    });
    report.messages[0].text.clone()
}

#[test]
fn no_link_is_followed_wherever_it_leads() {
    let solution = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tiny-course/solutions/tiny/src/left.rs");
    for to in [Path::new("/etc/passwd"), Path::new("/etc"), Path::new("left.rs"), &solution] {
        let told = told_of_link(to);
        assert!(told.contains("tiny/src/left.rs is a symbolic link"), "{told}");
    }
}

#[test]
fn a_lab_that_is_a_link_is_not_followed() {
    let tiny = Tiny::new();
    let mine = tiny.solved("mine");
    fs::rename(mine.dir.join("tiny"), mine.dir.join("elsewhere")).unwrap();
    symlink("elsewhere", mine.dir.join("tiny")).unwrap();
    let report = tiny.grade(&mine);
    assert_eq!(report.score, 0);
    assert!(report.messages[0].text.contains("tiny is a symbolic link"), "{report:#?}");
}

#[test]
fn a_device_is_not_opened() {
    let tiny = Tiny::new();
    let mine = tiny.solved("mine");
    mine.remove("left.rs");
    // Only root makes devices, and not everywhere.
    if mknod(&mine.file("left.rs"), SFlag::S_IFCHR, Mode::S_IRWXU, makedev(1, 5)).is_err() {
        return;
    }
    let report = tiny.grade(&mine);
    assert!(report.messages[0].text.contains("tiny/src/left.rs is a device"), "{report:#?}");
}

/// A hard link is a file like any other: whoever can make one to a file could have copied it.
#[test]
fn a_hard_link_is_the_file_itself() {
    let tiny = Tiny::new();
    let mine = tiny.solved("mine");
    fs::hard_link(mine.file("left.rs"), mine.dir.join("other.rs")).unwrap();
    assert_eq!(tiny.grade(&mine).score, 100);
}

#[test]
fn a_file_of_a_tebibyte_without_content() {
    let report = told_of(|mine| File::create(mine.file("left.rs")).unwrap().set_len(1 << 40).unwrap());
    assert!(
        report.messages[0].text.contains("has 1099511627776 bytes; at most 262144 are read"),
        "{report:#?}"
    );
}

#[test]
fn a_quarter_of_a_million_lines() {
    let report = told_of(|mine| mine.write("left.rs", "\n".repeat(262_144)));
    assert!(report.messages[0].text.contains("is empty"), "{report:#?}");
    let tiny = Tiny::new();
    let mine = tiny.solved("mine");
    mine.write("left.rs", "\n".repeat(200_000) + "pub fn left() -> u32 { 0 }\n");
    let report = tiny.grade(&mine);
    assert_eq!(check(&report, "left-is-one").location.as_ref().map(|at| at.line), Some(200_001));
}

#[test]
fn brackets_that_nest_too_deeply() {
    for nested in ["(".repeat(100_000), "(".repeat(50_000) + &")".repeat(50_000), "{[".repeat(60_000)] {
        let report = told_of(|mine| mine.write("left.rs", format!("pub fn left() -> u32 {{ {nested} }}\n")));
        assert_eq!(report.status, LabStatus::DoesNotCompile, "{report:#?}");
    }
}

#[test]
fn contents_that_are_no_program() {
    let texts = [
        "pub fn left() -> u32 { 1 }\0".to_owned(),
        "pub fn left() -> u32 {\r 0 }".to_owned(),
        format!("// {HOSTILE}\npub fn left() -> u32 {{ 0 }}\n"),
        format!("pub fn left() -> u32 {{ \"{}\" }}\n", HOSTILE.replace('"', "")),
        format!("compile_error!({HOSTILE:?});\npub fn left() -> u32 {{ 0 }}\n"),
        format!("pub fn left() -> u32 {{ {}(1) }}\n", "a".repeat(200_000)),
        format!("pub fn left() -> u32 {{ {} }}\n", "1+".repeat(100_000)),
        "\u{feff}\u{feff}pub fn left() -> u32 { 0 }\n".to_owned(),
    ];
    for text in texts {
        told_of(|mine| mine.write("left.rs", &text));
    }
}

/// Whatever is there at the moment of reading, it is the student's file or nothing.
#[test]
fn a_file_that_changes_while_it_is_read() {
    const OWN: &str = "pub fn left() -> u32 { 1 }";
    let tiny = Tiny::new();
    let mine = tiny.solved("mine");
    fs::write(mine.dir.join("secret"), "of somebody else").unwrap();
    mine.write("left.rs", OWN);
    let over = AtomicBool::new(false);
    let (file, draft) = (mine.file("left.rs"), mine.file("draft.rs"));
    let read: Vec<_> = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                let _ = symlink("../../secret", &draft).and_then(|()| fs::rename(&draft, &file));
                let _ = fs::write(&draft, "x".repeat(300_000)).and_then(|()| fs::rename(&draft, &file));
                let _ = fs::write(&draft, OWN).and_then(|()| fs::rename(&draft, &file));
            }
        });
        let read =
            (0..500).map(|_| Candidate::read(&tiny.lab, &mine.dir).files["src/left.rs"].clone()).collect();
        over.store(true, Ordering::Relaxed);
        read
    });
    let others = read.iter().filter(|content| content.as_ref().is_ok_and(|text| text != OWN));
    assert_eq!(others.count(), 0);
}

/// The grader as it is started, on the tiny course.
fn grader(tiny: &Tiny) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_grader"));
    command.arg("--root").arg(tiny.dir.path()).arg("grade").current_dir(tiny.dir.path());
    command
}

/// Runs it, and expects the exit code, and that a terminal can be shown all it says.
fn ends(command: &mut Command, code: i32) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(is_plain_text(&said), "{said:?}");
    said
}

#[test]
fn submissions_of_any_name_are_read_and_named_safely() {
    let tiny = Tiny::new();
    let long = "x".repeat(255);
    let names: [&[u8]; 7] =
        [b"a\nb", b"\x1b[2J", b"\xff\xfe", b"--help", b"-", b"a b'\"$(id)`", long.as_bytes()];
    for name in names {
        let mine = tiny.solved("mine");
        mine.remove("left.rs");
        mine.remove("right.rs");
        let named = tiny.dir.path().join(OsStr::from_bytes(name));
        fs::rename(&mine.dir, &named).unwrap();
        let said = ends(grader(&tiny).arg("--submission").arg(&named), 1);
        assert!(said.contains("left.rs is not there"), "{said}");
        ends(grader(&tiny).arg("--format=json").arg("--submission").arg(&named), 1);
    }
}

#[test]
fn arguments_that_name_nothing() {
    let tiny = Tiny::new();
    let arguments: [&[&[u8]]; 8] = [
        &[b"\x1b[2J\n"],
        &[b"../../etc"],
        &[b"--check", b"tiny/\x1b[2J"],
        &[b"--check", b"\x07/x"],
        &[b"--submission", b"no\x1b[2Jwhere"],
        &[b"--submission", b"\xff"],
        &[b"--output", b"no/such/\x1b[2J/file"],
        &[b"--format", b"\x1b[2J"],
    ];
    for given in arguments {
        ends(grader(&tiny).args(given.iter().map(|part| OsStr::from_bytes(part))), 2);
    }
}

#[test]
fn whatever_a_report_holds_it_is_shown_plainly() {
    let tiny = Tiny::new();
    let mine = tiny.solved("mine");
    mine.write("left.rs", "pub fn left() -> u32 { 0 }\n");
    let mut report = tiny.grade(&mine);
    let hostile = || HOSTILE.to_owned();
    report.messages = vec![Message::of_compiler(hostile()), Message::of_grader("one\u{1b}[2J line")];
    for check in &mut report.checks {
        check.status = Status::Fail;
        check.summary = hostile();
        check.title = hostile();
        (check.expected, check.seen, check.source, check.question) =
            (Some(hostile()), Some(hostile()), Some(hostile()), Some(hostile()));
        check.output = hostile();
        check.handout = Some(hostile());
        check.misconception = Some(hostile());
        if let Some(place) = &mut check.location {
            place.file = hostile();
        }
        check.steps = vec![grader::steps::Step {
            actor: hostile().as_str().into(),
            action: grader::steps::Action::Does(hostile()),
            holds: false,
            details: vec![hostile()],
        }];
    }
    shows_plainly(report);
}
