//! From candidates to reports: stage, compile, check in parallel, put together.

use crate::attempt::Attempt;
use crate::build::Compiled;
use crate::candidate::{Candidate, HandedOut};
use crate::check::Finding;
use crate::checks;
use crate::compile::Compiler;
use crate::course::Course;
use crate::lab::Lab;
use crate::parts;
use crate::process::Limits;
use crate::report::LabReport;
use crate::stage::{Package, Stage};
use crate::starter::Files;
use crate::supervisor::Job;
use anyhow::Result;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Instant;

/// How many checks are run at once for each core: most of a check of a process is waiting.
const CHECKS_PER_CORE: usize = 3;

/// How far a grading has come.
#[derive(Clone, Copy, Debug)]
pub enum Progress {
    /// Another candidate has been compiled, or refused.
    Compiled,
    /// Another check has been run.
    Checked,
}

/// What grading needs.
pub struct Grader<'a> {
    /// The course's tree.
    pub course: &'a Course,
    /// The compiler.
    pub compiler: Compiler,
    /// Runs a check. Called from several threads at once.
    pub run: &'a (dyn Fn(&Job) -> Finding + Sync),
    /// Told of every step forward.
    pub progress: &'a (dyn Fn(Progress) + Sync),
}

impl Grader<'_> {
    /// Grades the candidates and reports on each, in their order. A candidate's checks start as soon as its driver is
    /// built, several at once; that changes no report.
    pub fn grade(&self, stage: &Stage, candidates: Vec<Candidate>) -> Result<Vec<LabReport>> {
        let mut parts = Vec::new();
        let mut counts = Vec::new();
        let labs: Vec<&Lab> = candidates.iter().map(|candidate| candidate.lab).collect();
        let given = self.handed_out(&labs)?;
        for mut candidate in candidates {
            candidate.look_at_source(&given[&candidate.lab.name].files);
            let split = parts::split(self.course, candidate)?;
            counts.push(split.len());
            parts.extend(split);
        }
        let given_to: Vec<Vec<String>> = parts.iter().map(|part| part.given.clone()).collect();
        let mut reports = given_to.into_iter().zip(self.grade_parts(stage, &parts, &given)?);
        let join = |(lab, count)| parts::join(lab, reports.by_ref().take(count).collect());
        Ok(labs.into_iter().zip(counts).map(join).collect())
    }

    /// Each lab as it is handed out, by its name.
    fn handed_out(&self, labs: &[&Lab]) -> Result<BTreeMap<String, HandedOut>> {
        let mut given = BTreeMap::new();
        for lab in labs {
            if !given.contains_key(&lab.name) {
                given.insert(lab.name.clone(), HandedOut::of(self.course, lab)?);
            }
        }
        Ok(given)
    }

    fn grade_parts(
        &self,
        stage: &Stage,
        parts: &[Candidate],
        given: &BTreeMap<String, HandedOut>,
    ) -> Result<Vec<LabReport>> {
        let mut attempts: Vec<Attempt> =
            parts.iter().map(|part| Attempt::new(part, &given[&part.lab.name])).collect();
        let findings = self.run_all(stage, &mut attempts)?;
        let sees_violations = self.compiler.sees_violations();
        Ok(attempts
            .into_iter()
            .zip(findings)
            .map(|(attempt, found)| attempt.report(found, sees_violations))
            .collect())
    }

    fn run_all(&self, stage: &Stage, attempts: &mut [Attempt]) -> Result<Vec<Findings>> {
        let findings: Vec<Mutex<Findings>> = attempts.iter().map(|_| Mutex::default()).collect();
        let (sender, receiver) = channel();
        let receiver = Mutex::new(receiver);
        let workers = CHECKS_PER_CORE * std::thread::available_parallelism().map_or(1, usize::from);
        std::thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(|| self.work(&receiver, &findings));
            }
            self.compile_all(stage, attempts, sender)
        })?;
        Ok(findings.into_iter().map(|found| found.into_inner().expect("no worker panics")).collect())
    }

    /// Compiles all candidates at once, then once more those that have another way to be compiled, and so on.
    fn compile_all(
        &self,
        stage: &Stage,
        attempts: &mut [Attempt],
        queue: Sender<(usize, Job)>,
    ) -> Result<()> {
        let _held = stage.hold()?;
        let mut round: Vec<usize> = (0..attempts.len()).collect();
        loop {
            let (numbers, packages) = packages(attempts, &round);
            if packages.is_empty() {
                return Ok(());
            }
            let mut again = Vec::new();
            let mut kept = Ok(());
            self.compiler.compile(stage, &packages, |n, compiled| {
                let (number, package) = (numbers[n], &packages[n]);
                let attempt = &mut attempts[number];
                let start = |job| queue.send((number, job)).expect("the workers wait for the queue's end");
                match self.settle(stage, attempt, package, compiled, start) {
                    Ok(true) => again.push(number),
                    Ok(false) => (self.progress)(Progress::Compiled),
                    Err(error) => kept = Err(error),
                }
            })?;
            kept?;
            again.sort_unstable();
            round = again;
        }
    }

    /// Takes note of what became of a package. Says whether there is another way to compile the candidate.
    fn settle(
        &self,
        stage: &Stage,
        attempt: &mut Attempt,
        package: &Package,
        compiled: Compiled,
        start: impl Fn(Job),
    ) -> Result<bool> {
        let Some(driver) = attempt.note(compiled, package, self.course) else {
            return Ok(attempt.package().is_some());
        };
        let kept = stage.keep(package, &driver)?;
        // The later a check stands, the more it tends to do: the longest is not to be the last that is begun.
        for check in attempt.to_run().rev() {
            start(Job {
                lab: package.lab.name.clone(),
                check: check.id.clone(),
                driver: kept.driver.clone(),
                source: kept.source.clone(),
                limits: Limits::default(),
                offline: checks::offline(&package.lab.name, &check.id),
            });
        }
        Ok(false)
    }

    fn work(&self, queue: &Mutex<Receiver<(usize, Job)>>, findings: &[Mutex<Findings>]) {
        loop {
            let next = queue.lock().expect("no worker panics").recv();
            let Ok((number, job)) = next else { return };
            let started = Instant::now();
            let finding = (self.run)(&job);
            let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
            findings[number].lock().expect("no worker panics").insert(job.check, (finding, millis));
            (self.progress)(Progress::Checked);
        }
    }
}

/// What the checks of one candidate found, by their ids, and how many milliseconds each took.
pub(crate) type Findings = BTreeMap<String, (Finding, u64)>;

fn packages<'a>(attempts: &[Attempt<'a>], round: &[usize]) -> (Vec<usize>, Vec<Package<'a>>) {
    round.iter().filter_map(|number| Some((*number, attempts[*number].package()?))).unzip()
}

/// The files of one crate, some of them replaced.
pub(crate) fn with_files(given: &Files, files: impl Iterator<Item = (String, String)>) -> Files {
    let mut all = given.clone();
    all.extend(files.map(|(file, text)| (PathBuf::from(file), text.into_bytes())));
    all
}
