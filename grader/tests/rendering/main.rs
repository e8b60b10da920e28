//! How gradings look: what is drawn is compared with the files in `golden/`. `UPDATE_GOLDEN=1` writes them anew.

mod generated;
mod mocks;
mod reports;
mod rows;

use grader::look::{ASCII, Glyphs, Look, UNICODE};
use grader::report::{CheckReport, LabReport, LabStatus, Report, View, json, terminal};
use std::path::Path;

fn look(glyphs: &'static Glyphs) -> Look {
    Look { width: 80, glyphs }
}

/// As seen from the course's folder.
fn view() -> View {
    View { labs: Some("labs".into()), ..View::default() }
}

fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

/// Compares a text with a golden file, or writes the file.
fn golden(name: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rendering/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        return std::fs::write(&file, text).expect("golden files are writable");
    }
    let wanted = std::fs::read_to_string(&file).unwrap_or_default();
    let difference = similar::TextDiff::from_lines(wanted.as_str(), text).unified_diff().to_string();
    assert!(
        wanted == text,
        "{name} looks different now (- before, + now).\n{difference}\n\
         If it looks as it should: UPDATE_GOLDEN=1 cargo test -p grader --test rendering, then read the difference once more."
    );
}

/// A lab of one check.
fn alone(lab: &str, check: CheckReport) -> LabReport {
    LabReport {
        lab: lab.into(),
        status: LabStatus::Graded,
        score: check.score,
        max_score: check.max_score,
        messages: Vec::new(),
        checks: vec![check],
        not_run: 0,
        warnings: Vec::new(),
    }
}

#[test]
fn condvar_buffer() {
    let text =
        terminal::render_lab(&alone("condvar-buffer", mocks::condvar_buffer()), &look(&UNICODE), &view());
    golden("condvar-buffer.txt", &plain(&text));
    golden("condvar-buffer.ansi", &text);
}

#[test]
fn condvar_buffer_in_ascii() {
    let text =
        terminal::render_lab(&alone("condvar-buffer", mocks::condvar_buffer()), &look(&ASCII), &view());
    assert!(text.is_ascii());
    golden("condvar-buffer.ascii.txt", &plain(&text));
}

#[test]
fn pipes() {
    let text = terminal::render_lab(&alone("pipes", mocks::pipes()), &look(&UNICODE), &view());
    golden("pipes.txt", &plain(&text));
}

#[test]
fn fork_server() {
    let text = terminal::render_lab(&alone("fork-server", mocks::fork_server()), &look(&UNICODE), &view());
    golden("fork-server.txt", &plain(&text));
}

fn report(name: &str, report: &Report) {
    golden(name, &plain(&terminal::render(report, &look(&UNICODE), &view())));
}

#[test]
fn every_outcome() {
    report("mixed.txt", &reports::mixed());
}

#[test]
fn every_outcome_in_full() {
    let view = View { all: true, ..view() };
    golden("mixed-all.txt", &plain(&terminal::render(&reports::mixed(), &look(&UNICODE), &view)));
}

#[test]
fn beside_a_picture_its_rows_alone_are_numbered() {
    let steps = reports::mixed().labs[1].checks[0].steps.clone();
    let check = CheckReport { steps, ..mocks::pipes() };
    for all in [false, true] {
        let view = View { all, ..view() };
        let text = plain(&terminal::render_lab(&alone("pipes", check.clone()), &look(&UNICODE), &view));
        assert!(text.contains("✗ client 1  expects 11 bytes back"), "{text}");
        assert!(!text.contains(" 32 client 1"), "{text}");
    }
}

#[test]
fn nothing_begun() {
    report("not-begun.txt", &reports::not_begun());
}

#[test]
fn a_lab_of_which_a_part_compiles() {
    report("half-compiles.txt", &reports::half_compiles());
}

#[test]
fn a_lab_that_could_not_be_graded() {
    report("could-not-be-graded.txt", &reports::could_not_be_graded());
}

#[test]
fn an_obstacle_to_all_checks_is_told_once() {
    report("nothing-checked.txt", &reports::nothing_checked());
}

#[test]
fn full_marks() {
    report("full-marks.txt", &reports::full_marks());
}

#[test]
fn the_compilers_words_keep_their_colours_and_nothing_else() {
    report("does-not-compile.txt", &reports::does_not_compile());
    let text = terminal::render(&reports::does_not_compile(), &look(&UNICODE), &view());
    assert!(text.contains("\u{1b}[91merror[E0425]\u{1b}[0m"));
    assert!(!text.contains("\u{1b}[2J"));
}

#[test]
fn a_wide_terminal_shows_more_of_the_source() {
    let wide = Look { width: 110, glyphs: &UNICODE };
    let text =
        plain(&terminal::render_lab(&alone("condvar-buffer", mocks::condvar_buffer()), &wide, &view()));
    assert!(text.contains("34 queue = self.changed.wait(queue).unwrap();"), "{text}");
}

#[test]
fn many_wide_lanes_leave_room_for_line_numbers_alone() {
    let mut check = mocks::condvar_buffer();
    check.run.lanes[0].name = "a long name".into();
    for event in [2, 5, 8] {
        check.run.events[event].short = "a label that is longer than it may be".into();
    }
    check.run.lanes.extend_from_within(1..2);
    check.run.events[8].lane = 3;
    let text = plain(&terminal::render_lab(&alone("condvar-buffer", check), &look(&UNICODE), &view()));
    golden("narrow.txt", &text);
}

#[test]
fn json_has_the_names_programs_rely_on() {
    let text = json::render(&reports::mixed()).unwrap();
    golden("mixed.json", &text);
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let checks = value["labs"].as_array().unwrap().iter().flat_map(|lab| lab["checks"].as_array().unwrap());
    assert!(checks.clone().all(|check| check["timeline"].is_array()));
    assert!(checks.clone().all(|check| check.get("millis").is_none()));
    assert_eq!(value["labs"][0]["checks"][3]["status"], "limit");
    assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), reports::mixed());
}

#[test]
fn json_has_no_colours() {
    assert!(!json::render(&reports::does_not_compile()).unwrap().contains("u001b[91m"));
}
