//! Verifying a course, on a course of one tiny lab: what is amiss is found, and nothing else.

mod common;

use common::{Tiny, fake};
use grader::compile::{Compiler, PATIENCE};
use grader::grade::{Grader, Progress};
use grader::stage::Stage;
use grader::verify::{Proof, cases, verify};
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

fn proof(tiny: &Tiny) -> Proof {
    let stage = Stage::open(&tiny.course, || {}).unwrap();
    let compiler = Compiler::find(PATIENCE).for_many();
    let grader = Grader { course: &tiny.course, compiler, run: &fake, progress: &|_| {} };
    let cases = cases(&tiny.course, &tiny.lab, false, &|_| true).unwrap();
    verify(&grader, &stage, std::slice::from_ref(&tiny.lab), cases).unwrap().remove(0)
}

/// What is amiss once a file of the course has one text replaced by another.
fn amiss(path: &str, replace: &str, with: &str) -> Vec<String> {
    let tiny = Tiny::new();
    let text = fs::read_to_string(tiny.path(path)).unwrap();
    assert!(text.contains(replace), "{path} has no {replace}");
    fs::write(tiny.path(path), text.replace(replace, with)).unwrap();
    proof(&tiny).failures.into_iter().map(|failure| failure.sentence).collect()
}

const WRONG: &str = "grader/tests/bugs/tiny/wrong.toml";
const CORRECT: &str = "grader/tests/bugs/tiny/correct.toml";

#[test]
fn a_sound_course_is_proved() {
    let proof = proof(&Tiny::new());
    assert!(proof.failures.is_empty(), "{:#?}", proof.failures);
    assert_eq!((proof.solution, proof.starter, proof.wrong, proof.correct), (100, 0, (3, 3), (1, 1)));
}

#[test]
fn one_check_is_proved_alone() {
    let tiny = Tiny::new();
    let stage = Stage::open(&tiny.course, || {}).unwrap();
    let compiler = Compiler::find(PATIENCE).for_many();
    let grader = Grader { course: &tiny.course, compiler, run: &fake, progress: &|_| {} };
    let cases = cases(&tiny.course, &tiny.lab, false, &|check| check.id == "left-is-one").unwrap();
    let proof = verify(&grader, &stage, std::slice::from_ref(&tiny.lab), cases).unwrap().remove(0);
    assert!(proof.failures.is_empty(), "{:#?}", proof.failures);
    assert_eq!((proof.solution, proof.wrong, proof.correct), (40, (1, 1), (1, 1)));
}

#[test]
fn a_wrong_variant_that_survives() {
    let found = amiss(WRONG, "    0\\n", "    1 + 0\\n");
    assert_eq!(found, ["tiny: wrong left-is-nothing survives: left-is-one passes"]);
}

#[test]
fn a_wrong_variant_that_is_told_something_else() {
    let found = amiss(WRONG, "numbers need no lock", "never  mind");
    assert_eq!(found, ["tiny: wrong right-locks is caught by right-is-two, but is not told \"never  mind\""]);
}

#[test]
fn a_wrong_variant_that_is_sent_to_another_line() {
    let says = "says = \"numbers need no lock\"";
    let at = |line: &str| amiss(WRONG, says, &format!("{says}\nat = \"{line}\""));
    assert_eq!(at("std::sync::Mutex::new(2)"), Vec::<String>::new());
    let found = at("fn left");
    let sent = "tiny: wrong right-locks is caught by right-is-two, but is sent to";
    assert!(found.len() == 1 && found[0].starts_with(sent), "{found:?}");
}

#[test]
fn a_wrong_variant_that_is_called_something_else() {
    let says = "says = \"numbers need no lock\"";
    let found = amiss(WRONG, says, &format!("{says}\nclass = \"lost_wakeup\""));
    let called = "tiny: wrong right-locks is caught by right-is-two, but is called nothing of the kind, not lost wakeup";
    assert_eq!(found, [called]);
}

#[test]
fn a_variant_that_does_not_compile() {
    let found = amiss(CORRECT, "0 + 1", "0 +");
    assert_eq!(found, ["tiny: correct left-by-sum does not compile"]);
}

#[test]
fn a_correct_variant_that_loses_points() {
    let found = amiss(CORRECT, "0 + 1", "0 + 2");
    assert_eq!(found, ["tiny: correct left-by-sum does not pass left-is-one"]);
}

#[test]
fn a_check_that_no_variant_is_there_for() {
    let found = amiss(WRONG, "caught_by = \"left-is-one\"", "caught_by = \"right-is-two\"");
    let expected = "tiny: no wrong variant is there for the check left-is-one";
    assert!(found.iter().any(|sentence| sentence == expected), "{found:?}");
}

#[test]
fn a_starter_that_already_passes() {
    let found = amiss("solutions/tiny/src/left.rs", "    // todo!(\"return one\")", "    // 1");
    assert_eq!(found, ["tiny: the starter does not count as not begun in left-is-one"]);
}

#[test]
fn a_solution_that_loses_points() {
    let found =
        amiss("solutions/tiny/src/lib.rs", "mod right;", "mod right;\n/// Hides the other.\npub fn two() {}");
    assert!(found.is_empty(), "a harmless edit is harmless: {found:?}");
    let found = amiss("grader/drivers/tiny/src/main.rs", "tiny::left() == 1", "tiny::left() == 7");
    assert!(found.contains(&"tiny: the solution does not pass left-is-one".to_owned()), "{found:?}");
}

#[test]
fn every_step_is_counted() {
    let tiny = Tiny::new();
    let stage = Stage::open(&tiny.course, || {}).unwrap();
    let (compiled, checked) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let progress = |step| match step {
        Progress::Compiled => compiled.fetch_add(1, Relaxed),
        Progress::Checked => checked.fetch_add(1, Relaxed),
    };
    let progress = |step| _ = progress(step);
    let grader = Grader {
        course: &tiny.course,
        compiler: Compiler::find(PATIENCE).for_many(),
        run: &fake,
        progress: &progress,
    };
    let cases = cases(&tiny.course, &tiny.lab, false, &|_| true).unwrap();
    verify(&grader, &stage, std::slice::from_ref(&tiny.lab), cases).unwrap();
    // The variant that uses what is off limits is decided without a run.
    assert_eq!((compiled.into_inner(), checked.into_inner()), (6, 8));
}

#[test]
fn a_mistake_in_the_corpus_is_named() {
    for (path, replace, with, told) in [
        (WRONG, "    0\\n", "    0\\n\"\nextra = \"", "unknown field `extra`"),
        (
            WRONG,
            "    1\\n",
            "u",
            "wrong.toml: left-is-nothing cannot be made: src/left.rs has 3 times \"u\", not once",
        ),
        (
            WRONG,
            "caught_by = \"left-is-one\"",
            "caught_by = \"left\"",
            "wrong.toml: left-is-nothing: there is no check left",
        ),
        (
            WRONG,
            "says = \"numbers need no lock\"",
            "",
            "wrong.toml: right-locks: a wrong variant has `caught_by` and `says`",
        ),
        (
            CORRECT,
            "why = \"a sum is a number too\"",
            "",
            "correct.toml: left-by-sum: a correct variant has `why`",
        ),
        (CORRECT, "file = \"src/left.rs\"", "", "it needs `file`, `replace` and `with`"),
        (
            CORRECT,
            "src/left.rs",
            "src/middle.rs",
            "correct.toml: left-by-sum cannot be made: there is no src/middle.rs",
        ),
    ] {
        let tiny = Tiny::new();
        let text = fs::read_to_string(tiny.path(path)).unwrap();
        assert!(text.contains(replace), "{replace}");
        fs::write(tiny.path(path), text.replacen(replace, with, 1)).unwrap();
        let error = cases(&tiny.course, &tiny.lab, false, &|_| true).err().expect(told);
        assert!(format!("{error:#}").contains(told), "{error:#}");
    }
}
