//! The compiler in its box: what students' code can make it read, use and say. At `plain` the same has to succeed, or it
//! would prove nothing.

mod common;
#[path = "common/until.rs"]
mod until;

use common::Tiny;
use grader::compile::{Compiled, Compiler, Limit, Outcome, PATIENCE};
use grader::corpus;
use grader::sandbox::Level;
use grader::stage::{Package, Stage};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::Duration;
use until::until;

const GRADER: &str = env!("CARGO_BIN_EXE_grader");

static LEVELS: LazyLock<Vec<Level>> = LazyLock::new(|| Level::possible(Path::new(GRADER)));

/// Compiles the tiny lab, in which this text is the file `left.rs`, in company of the solution.
fn compile(tiny: &Tiny, level: Level, text: &str) -> Compiled {
    let mut files = corpus::solution(&tiny.course, &tiny.lab).unwrap();
    let other = Package { lab: &tiny.lab, key: "other".into(), files: files.clone() };
    files.insert("src/left.rs".into(), text.as_bytes().to_vec());
    let mine = Package { lab: &tiny.lab, key: "mine".into(), files };
    let stage = Stage::open(&tiny.course, || {}).unwrap();
    let compiler = Compiler::find(PATIENCE.min(Duration::from_secs(20))).for_many();
    let mut compiled = None;
    compiler
        .enclosed(Path::new(GRADER), level)
        .compile(&stage, &[other, mine], |number, what| {
            if number == 1 {
                compiled = Some(what);
            }
        })
        .unwrap();
    compiled.unwrap()
}

fn says(compiled: &Compiled) -> String {
    match &compiled.outcome {
        Outcome::Refused { messages, .. } => messages.iter().map(|message| message.text.as_str()).collect(),
        other => format!("{other:?}"),
    }
}

/// The compiler embeds this file at `plain`, and cannot open it at the other levels.
fn is_out_of_sight(tiny: &Tiny, path: &Path) {
    let text = format!("const _: &[u8] = include_bytes!({path:?});\npub fn left() -> u32 {{ 1 }}\n");
    for level in LEVELS.iter().copied() {
        let compiled = compile(tiny, level, &text);
        if level == Level::Plain {
            assert!(matches!(compiled.outcome, Outcome::Built(_)), "{}", says(&compiled));
        } else {
            let said = says(&compiled);
            assert!(said.contains("couldn't read") && !said.contains("Built"), "{level:?}: {said}");
        }
    }
}

#[test]
fn files_of_the_course_and_of_others_are_out_of_sight() {
    let tiny = Tiny::new();
    let secret = tiny.path("secret");
    fs::write(&secret, "an expected value").unwrap();
    is_out_of_sight(&tiny, &secret);
    is_out_of_sight(&tiny, &tiny.path("solutions/tiny/src/left.rs"));
    is_out_of_sight(&tiny, &tiny.path("grader/labs/tiny.toml"));
}

#[test]
fn another_submission_is_out_of_sight() {
    let tiny = Tiny::new();
    is_out_of_sight(&tiny, &tiny.course.stage_dir().join("labs/tiny-other/src/left.rs"));
}

#[test]
fn the_graders_environment_is_out_of_sight() {
    let tiny = Tiny::new();
    let text = "const _: &str = env!(\"OSLAB_TEST_SECRET\");\npub fn left() -> u32 { 1 }\n";
    // SAFETY: the other tests of this program read no environment that this changes.
    unsafe { std::env::set_var("OSLAB_TEST_SECRET", "1") };
    for level in LEVELS.iter().copied() {
        let said = says(&compile(&tiny, level, text));
        assert!(said.contains("not defined at compile time"), "{level:?}: {said}");
    }
}

#[test]
fn a_file_without_an_end_is_more_than_the_compiler_may_hold() {
    let tiny = Tiny::new();
    let text = "const _: &[u8] = include_bytes!(\"/dev/zero\");\npub fn left() -> u32 { 1 }\n";
    for level in LEVELS.iter().copied() {
        let said = says(&compile(&tiny, level, text));
        assert!(said.contains("out of memory"), "{level:?}: {said}");
    }
}

#[test]
fn a_macro_that_doubles_comes_to_the_limit_of_memory() {
    let tiny = Tiny::new();
    let text = "macro_rules! double {\n    ($($all:tt)*) => { double!($($all)* $($all)*) };\n}\n\
                pub fn left() -> u32 { double!(1 + 1 +) }\n";
    comes_to(&tiny, text, Limit::Memory);
}

#[test]
fn what_nests_too_deeply_comes_to_the_limit_of_the_stack() {
    let tiny = Tiny::new();
    let text = format!("pub fn left() -> u32 {{ {}1{} }}\n", "-(".repeat(60_000), ")".repeat(60_000));
    comes_to(&tiny, &text, Limit::Stack);
}

fn comes_to(tiny: &Tiny, text: &str, limit: Limit) {
    for level in LEVELS.iter().copied() {
        let compiled = compile(tiny, level, text);
        let came = matches!(&compiled.outcome, Outcome::Limit(reached) if *reached == limit);
        assert!(came, "{level:?}: {}", says(&compiled));
    }
}

#[test]
fn nothing_of_a_compiler_outlives_the_grader() {
    for level in LEVELS.iter().copied() {
        let tiny = Tiny::new();
        let mine = tiny.solved("mine");
        let endless =
            "#[allow(long_running_const_eval)]\nconst N: u32 = loop {};\npub fn left() -> u32 { N }\n";
        mine.write("left.rs", endless);
        let mut grader = Command::new(GRADER);
        grader.arg("--root").arg(tiny.dir.path()).args(["--sandbox", level.name()]);
        grader.arg("grade").arg("--submission").arg(&mine.dir);
        let mut grader = grader.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let compiling =
            until(PATIENCE, || running(&tiny).iter().any(|command| command.contains("--crate-name")));
        grader.kill().unwrap();
        grader.wait().unwrap();
        assert!(compiling, "{level:?}: {:?}", running(&tiny));
        assert!(until(PATIENCE, || running(&tiny).is_empty()), "{level:?}: {:?}", running(&tiny));
    }
}

/// The commands that name the course, wherever they run.
fn running(tiny: &Tiny) -> Vec<String> {
    let commands = fs::read_dir("/proc").unwrap().flatten();
    let commands = commands.filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    let course = tiny.dir.path().to_str().unwrap();
    let commands = commands.map(|line| String::from_utf8_lossy(&line).replace('\0', " "));
    commands.filter(|command| command.contains(course)).collect()
}
