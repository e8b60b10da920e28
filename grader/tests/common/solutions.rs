//! The solutions' drivers, built, with a job for each check.

use grader::candidate::Candidate;
use grader::check::{Finding, Status};
use grader::compile::{Compiler, PATIENCE};
use grader::corpus;
use grader::course::Course;
use grader::grade::Grader;
use grader::stage::Stage;
use grader::supervisor::Job;
use std::sync::Mutex;

/// The jobs of these checks, `LAB/ID`, in their order. The drivers stay as long as the stage does.
pub(crate) fn jobs<'c>(course: &'c Course, wanted: &[&str]) -> (Stage<'c>, Vec<Job>) {
    let labs = course.labs().expect("the labs' data are sound");
    let is_wanted = |lab: &str, check: &str| wanted.contains(&format!("{lab}/{check}").as_str());
    let candidates = labs.iter().filter(|lab| lab.checks.iter().any(|check| is_wanted(&lab.name, &check.id)));
    let candidates = candidates.map(|lab| {
        let files = corpus::solution(course, lab).expect("a solution");
        Candidate::made(lab, "solution", &files).only(|check| is_wanted(&lab.name, &check.id))
    });
    let stage = Stage::open(course, || {}).expect("a stage");
    let seen = Mutex::new(Vec::new());
    let note = |job: &Job| {
        seen.lock().expect("no one panics").push(job.clone());
        Finding::new(Status::Pass, "It is not run here.".to_owned())
    };
    let compiler = Compiler::find(PATIENCE).for_many();
    let grader = Grader { course, compiler, run: &note, progress: &|_| {} };
    grader.grade(&stage, candidates.collect()).expect("the solutions are built");
    let mut jobs = seen.into_inner().expect("no one panics");
    jobs.sort_by_key(|job| wanted.iter().position(|name| *name == format!("{}/{}", job.lab, job.check)));
    (stage, jobs)
}
