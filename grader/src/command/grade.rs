//! `grader grade`

use super::submission::submission;
use super::{Supervised, open_stage};
use crate::candidate::Candidate;
use crate::cli::{Format, Grade};
use crate::course::Course;
use crate::exit_code::ExitCode;
use crate::grade::Grader;
use crate::history::History;
use crate::look::{Look, UNICODE};
use crate::output::Output;
use crate::progress::FirstBuild;
use crate::report::{LabReport, Report, View, json, terminal};
use crate::sandbox::Level;
use crate::selection::Selection;
use crate::supervisor::Job;
use anyhow::Result;
use std::path::PathBuf;

pub(crate) fn run(course: &Course, demanded: Option<Level>, arguments: &Grade) -> Result<ExitCode> {
    let wanted = Wanted::parse(course, arguments)?;
    let output = arguments.output.as_deref().map(Output::prepare).transpose()?;
    let supervised = Supervised::at(demanded)?;
    let report = summed(supervised.level, grade(course, &supervised, wanted.candidates())?);
    let history = History::of(course, &wanted.submission);
    let change = history.change(&report.labs);
    // The report is what counts: where its outcomes cannot be kept, the next one says nothing of them.
    let _ = history.keep(&report.labs);
    let view = View { all: arguments.all, labs: Some(wanted.submission), change };
    match (arguments.format, output) {
        (Format::Json, Some(output)) => output.write(&json::render(&report)?)?,
        (Format::Json, None) => print(&json::render(&report)?)?,
        (Format::Text, Some(output)) => output.write(&plain(&report, &view))?,
        (Format::Text, None) => unless_closed(terminal::print(&report, &view))?,
    }
    Ok(ExitCode::from(&report))
}

/// Grades candidates with this grader's own checks.
pub(super) fn grade(
    course: &Course,
    supervised: &Supervised,
    candidates: Vec<Candidate>,
) -> Result<Vec<LabReport>> {
    let stage = open_stage(course)?;
    let run = |job: &Job| supervised.run(job);
    let first_build = FirstBuild::new();
    let compiler = supervised.compiler().telling(move |package| first_build.compiled(package));
    let grader = Grader { course, compiler, run: &run, progress: &|_| {} };
    let checks = candidates.iter().map(|candidate| candidate.checks.len()).sum();
    std::thread::scope(|scope| {
        // One processor has little to do until cargo has begun.
        scope.spawn(|| supervised.make_ready(checks));
        grader.grade(&stage, candidates)
    })
}

/// What is to be graded.
struct Wanted {
    submission: PathBuf,
    selection: Selection,
}

impl Wanted {
    fn parse(course: &Course, arguments: &Grade) -> Result<Wanted> {
        let selection = Selection::with_checks(course, &arguments.labs, &arguments.checks)?;
        let submission = submission(course, arguments.submission.as_deref(), &selection.labs)?;
        Ok(Wanted { submission, selection })
    }

    fn candidates(&self) -> Vec<Candidate<'_>> {
        let read = |lab| {
            Candidate::read(lab, &self.submission).only(|check| self.selection.holds(&lab.name, &check.id))
        };
        self.selection.labs.iter().map(read).collect()
    }
}

/// Nothing in a grading is random: the same submission gets the same report.
const SEED: u64 = 1;

fn summed(sandbox: Level, labs: Vec<LabReport>) -> Report {
    Report {
        version: 1,
        seed: SEED,
        sandbox,
        score: labs.iter().map(|lab| lab.score).sum(),
        max_score: labs.iter().map(|lab| lab.max_score).sum(),
        labs,
    }
}

/// The text for a file, where there is neither colour nor a terminal's width to go by.
fn plain(report: &Report, view: &View) -> String {
    let look = Look { width: 100, glyphs: &UNICODE };
    anstream::adapter::strip_str(&terminal::render(report, &look, view)).to_string()
}

fn print(text: &str) -> Result<()> {
    use std::io::Write;
    unless_closed(std::io::stdout().write_all(text.as_bytes()))
}

/// Whoever closes the pipe has read enough.
fn unless_closed(written: std::io::Result<()>) -> Result<()> {
    match written {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
