//! `grader verify`

use super::{Supervised, open_stage};
use crate::cli::Verify;
use crate::course::Course;
use crate::exit_code::ExitCode;
use crate::grade::Grader;
use crate::lab::{Check, Lab};
use crate::look::Look;
use crate::progress::Meter;
use crate::report::{View, terminal};
use crate::sandbox::Level;
use crate::selection::Selection;
use crate::supervisor::Job;
use crate::verify::{Failure, Proof, Told, cases, verify};
use anyhow::Result;

pub(crate) fn run(course: &Course, demanded: Option<Level>, arguments: &Verify) -> Result<ExitCode> {
    let selection = Selection::parse(course, &arguments.labs)?;
    let wanted = |lab: &Lab, check: &Check| selection.holds(&lab.name, &check.id);
    let mut all = Vec::new();
    for lab in &selection.labs {
        all.extend(cases(course, lab, arguments.all, &|check| wanted(lab, check))?);
    }
    let meter = Meter::new(
        all.iter().map(|case| case.candidate.parts()).sum(),
        all.iter().map(|case| case.candidate.checks.len()).sum(),
    );
    let supervised = Supervised::at(demanded)?;
    let run = |job: &Job| supervised.run(job);
    let progress = |step| meter.step(step);
    let grader =
        Grader { course, compiler: supervised.compiler().for_many(), run: &run, progress: &progress };
    let proofs = verify(&grader, &open_stage(course)?, &selection.labs, all)?;
    meter.finish();
    if arguments.show {
        proofs.iter().for_each(show);
    }
    tell(&proofs);
    Ok(code(&proofs))
}

fn tell(proofs: &[Proof]) {
    let view = View { all: true, ..View::default() };
    for Failure { sentence, report, .. } in proofs.iter().flat_map(|proof| &proof.failures) {
        anstream::println!("{sentence}");
        if let Some(report) = report {
            anstream::println!("{}", terminal::render_lab(report, &Look::of_stdout(), &view));
        }
    }
    anstream::println!(
        "{:16}{:>10}{:>10}{:>16}{:>20}",
        "",
        "solution",
        "starter",
        "wrong, caught",
        "correct, full marks"
    );
    for proof in proofs {
        let (wrong, correct) = (of(proof.wrong), of(proof.correct));
        anstream::println!(
            "{:16}{:>10}{:>10}{wrong:>16}{correct:>20}",
            proof.lab,
            proof.solution,
            proof.starter
        );
    }
}

/// Four lines for each wrong variant.
fn show(proof: &Proof) {
    for told in &proof.told {
        let (lab, Told { name, status, summary, place, caught_by }) = (&proof.lab, told);
        let by = caught_by.join(", ");
        anstream::println!("{lab}: {name}: {status:?}\n    {summary}\n    {place}\n    caught by {by}");
    }
}

fn of((good, all): (usize, usize)) -> String {
    format!("{good} of {all}")
}

/// What could not be checked proves nothing, but is amiss only on this machine.
fn code(proofs: &[Proof]) -> ExitCode {
    let failures: Vec<&Failure> = proofs.iter().flat_map(|proof| &proof.failures).collect();
    match failures.as_slice() {
        [] => ExitCode::Full,
        some if some.iter().all(|failure| failure.unchecked) => ExitCode::Unchecked,
        _ => ExitCode::Lost,
    }
}
