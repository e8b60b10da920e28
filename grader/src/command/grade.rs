//! `grader grade`

use super::submission::submission;
use super::{Supervised, open_stage};
use crate::candidate::Candidate;
use crate::cli::{Format, Grade};
use crate::course::{Course, lab_name};
use crate::exit_code::ExitCode;
use crate::grade::Grader;
use crate::lab::{Check, Lab};
use crate::look::{Look, UNICODE};
use crate::message;
use crate::output::Output;
use crate::progress::FirstBuild;
use crate::report::{LabReport, Report, json, terminal};
use crate::sandbox::Level;
use crate::supervisor::Job;
use anyhow::{Result, bail};
use std::path::PathBuf;

pub(crate) fn run(course: &Course, demanded: Option<Level>, arguments: &Grade) -> Result<ExitCode> {
    let wanted = Wanted::parse(course, arguments)?;
    let output = arguments.output.as_deref().map(Output::prepare).transpose()?;
    let supervised = Supervised::at(demanded)?;
    let report = summed(supervised.level, grade(course, &supervised, wanted.candidates())?);
    match (arguments.format, output) {
        (Format::Json, Some(output)) => output.write(&json::render(&report)?)?,
        (Format::Json, None) => print(&json::render(&report)?)?,
        (Format::Text, Some(output)) => output.write(&plain(&report))?,
        (Format::Text, None) => unless_closed(terminal::print(&report))?,
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

/// What is to be graded: the checks named by `--check`, or the labs named without it.
struct Wanted {
    submission: PathBuf,
    labs: Vec<Lab>,
    checks: Vec<(String, String)>,
}

impl Wanted {
    fn parse(course: &Course, arguments: &Grade) -> Result<Wanted> {
        let checks = arguments.checks.iter().map(|part| parse_check(part)).collect::<Result<Vec<_>>>()?;
        let of_checks: Vec<String> = checks.iter().map(|(lab, _)| lab.clone()).collect();
        let labs = course.select(if checks.is_empty() { &arguments.labs } else { &of_checks })?;
        for (name, id) in &checks {
            labs.iter().filter(|lab| lab.name == *name).try_for_each(|lab| known_check(lab, id).map(drop))?;
        }
        let submission = submission(course, arguments.submission.as_deref(), &labs)?;
        Ok(Wanted { submission, labs, checks })
    }

    fn candidates(&self) -> Vec<Candidate<'_>> {
        let read =
            |lab| Candidate::read(lab, &self.submission).only(|check| self.holds(&lab.name, &check.id));
        self.labs.iter().map(read).collect()
    }

    fn holds(&self, lab: &str, id: &str) -> bool {
        self.checks.is_empty() || self.checks.iter().any(|(wanted, check)| wanted == lab && check == id)
    }
}

fn parse_check(part: &str) -> Result<(String, String)> {
    let Some((lab, id)) = lab_name(part).split_once('/') else {
        bail!(ExitCode::Usage.because(format!("`{part}` names no check; a check is named as LAB/ID")));
    };
    Ok((lab.to_owned(), id.to_owned()))
}

/// The check of this id.
pub(super) fn known_check<'a>(lab: &'a Lab, id: &str) -> Result<&'a Check> {
    lab.check(id).ok_or_else(|| {
        let known: Vec<String> = lab.checks.iter().map(|check| check.id.clone()).collect();
        let nothing = format!("{} has no check", lab.name);
        ExitCode::Usage.because(message::unknown_name(&nothing, id, "its checks are", &known)).into()
    })
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
fn plain(report: &Report) -> String {
    let look = Look { width: 100, glyphs: &UNICODE };
    anstream::adapter::strip_str(&terminal::render(report, &look)).to_string()
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
