//! The course proves itself: solutions earn full marks, starters count as not begun, every wrong variant is caught by its
//! check with its words, every correct variant earns full marks, and no check is there for nothing.
//!
//! Of a wrong variant only the check that has to catch it is run, unless all are asked for; of everything else, all.

use crate::candidate::Candidate;
use crate::check::Status;
use crate::class::Class;
use crate::corpus::{self, Fate};
use crate::course::Course;
use crate::grade::Grader;
use crate::lab::{Check, Lab};
use crate::report::{CheckReport, LabReport, LabStatus};
use crate::stage::Stage;
use crate::starter;
use anyhow::{Context, Result};

/// A candidate, and what has to come of it.
pub struct Case<'a> {
    /// As it appears in the summary: `the solution`, `wrong if-instead-of-while`.
    pub name: String,
    /// What is graded.
    pub candidate: Candidate<'a>,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Solution,
    Starter,
    Variant(Fate),
}

/// What verifying a lab came to.
#[derive(Debug)]
pub struct Proof {
    /// `condvar-buffer`
    pub lab: String,
    /// The points of the solution.
    pub solution: u32,
    /// The points of the starter.
    pub starter: u32,
    /// How many of how many wrong variants were caught.
    pub wrong: (usize, usize),
    /// How many of how many correct variants have full marks.
    pub correct: (usize, usize),
    /// What is amiss.
    pub failures: Vec<Failure>,
    /// What each wrong variant was told.
    pub told: Vec<Told>,
}

/// What the check that has to catch a wrong variant says of it.
#[derive(Debug)]
pub struct Told {
    /// `wrong if-instead-of-while`
    pub name: String,
    /// `fail`
    pub status: Status,
    /// The first sentence.
    pub summary: String,
    /// `src/buffer.rs:24  if queue.is_empty() {`; empty where no place is known.
    pub place: String,
    /// Which checks do not pass, of those that were run.
    pub caught_by: Vec<String>,
}

/// Something that is amiss.
#[derive(Debug)]
pub struct Failure {
    /// A sentence.
    pub sentence: String,
    /// What the student would have been told.
    pub report: Option<LabReport>,
    /// Whether it is only that this machine could not check it.
    pub unchecked: bool,
}

/// Everything there is to verify about the wanted checks of a lab.
pub fn cases<'a>(
    course: &Course,
    lab: &'a Lab,
    all_checks: bool,
    wanted: &dyn Fn(&Check) -> bool,
) -> Result<Vec<Case<'a>>> {
    let solution = Candidate::made(lab, "solution", &corpus::solution(course, lab)?).only(wanted);
    let starter = Candidate::made(lab, "starter", &starter::starter(course, &lab.name)?).only(wanted);
    let mut cases = vec![
        Case { name: "the solution".to_owned(), candidate: solution, kind: Kind::Solution },
        Case { name: "the starter".to_owned(), candidate: starter, kind: Kind::Starter },
    ];
    let of_others = |fate: &Fate| match fate {
        Fate::Caught { by, .. } => lab.check(by).is_some_and(|check| !wanted(check)),
        Fate::FullMarks => false,
    };
    for variant in corpus::variants(course, lab)?.into_iter().filter(|variant| !of_others(&variant.fate)) {
        let candidate = Candidate::made(lab, &variant.name, &variant.files);
        let (name, candidate) = match &variant.fate {
            Fate::Caught { by, .. } => {
                (format!("wrong {}", variant.name), candidate.only(|check| all_checks || check.id == *by))
            }
            Fate::FullMarks => (format!("correct {}", variant.name), candidate.only(wanted)),
        };
        cases.push(Case { name, candidate, kind: Kind::Variant(variant.fate) });
    }
    Ok(cases)
}

/// Grades all cases at once and judges lab by lab.
pub fn verify(grader: &Grader, stage: &Stage, labs: &[Lab], cases: Vec<Case>) -> Result<Vec<Proof>> {
    let mut candidates = Vec::new();
    let mut judged = Vec::new();
    for Case { name, candidate, kind } in cases {
        candidates.push(candidate);
        judged.push((name, kind));
    }
    let reports = grader.grade(stage, candidates).context("the course cannot be verified")?;
    let outcomes: Vec<Outcome> = judged
        .into_iter()
        .zip(reports)
        .map(|((name, kind), report)| Outcome { amiss: kind.amiss(&report), name, kind, report })
        .collect();
    Ok(labs
        .iter()
        .map(|lab| Proof::of(lab, outcomes.iter().filter(|outcome| outcome.report.lab == lab.name)))
        .collect())
}

struct Outcome {
    name: String,
    kind: Kind,
    report: LabReport,
    amiss: Option<String>,
}

impl Proof {
    fn of<'o>(lab: &Lab, outcomes: impl Iterator<Item = &'o Outcome>) -> Proof {
        let mut proof = Proof {
            lab: lab.name.clone(),
            solution: 0,
            starter: 0,
            wrong: (0, 0),
            correct: (0, 0),
            failures: Vec::new(),
            told: Vec::new(),
        };
        let (mut caught_by, mut asked) = (Vec::new(), Vec::new());
        for outcome in outcomes {
            proof.add(outcome);
            if outcome.kind == Kind::Solution {
                asked.extend(outcome.report.checks.iter().map(|check| check.id.as_str()));
            }
            if let Kind::Variant(Fate::Caught { by, .. }) = &outcome.kind {
                caught_by.push(by.as_str());
                let report = outcome.report.checks.iter().find(|check| check.id == *by);
                let others = outcome.report.checks.iter().filter(|check| check.status != Status::Pass);
                let caught_by = others.map(|check| check.id.clone()).collect();
                proof.told.extend(report.map(|check| Told::of(&outcome.name, check, caught_by)));
            }
        }
        let is_uncaught = |check: &&Check| !caught_by.contains(&check.id.as_str());
        let is_asked = |check: &&Check| asked.contains(&check.id.as_str());
        for check in lab.checks.iter().filter(is_asked).filter(is_uncaught) {
            let sentence = format!("{}: no wrong variant is there for the check {}", lab.name, check.id);
            proof.failures.push(Failure { sentence, report: None, unchecked: false });
        }
        proof
    }

    fn add(&mut self, outcome: &Outcome) {
        let good = usize::from(outcome.amiss.is_none());
        match &outcome.kind {
            Kind::Solution => self.solution = outcome.report.score,
            Kind::Starter => self.starter = outcome.report.score,
            Kind::Variant(Fate::Caught { .. }) => self.wrong = (self.wrong.0 + good, self.wrong.1 + 1),
            Kind::Variant(Fate::FullMarks) => self.correct = (self.correct.0 + good, self.correct.1 + 1),
        }
        if let Some(amiss) = &outcome.amiss {
            let sentence = format!("{}: {} {amiss}", self.lab, outcome.name);
            let unchecked = outcome.report.checks.iter().any(|check| check.status == Status::Unchecked);
            self.failures.push(Failure { sentence, report: Some(outcome.report.clone()), unchecked });
        }
    }
}

impl Told {
    fn of(name: &str, check: &CheckReport, caught_by: Vec<String>) -> Told {
        let source = check.source.as_deref().unwrap_or_default();
        let place = check.location.as_ref();
        let place = place.map(|place| format!("{}:{}  {source}", place.file, place.line));
        let (name, summary) = (name.to_owned(), check.summary.clone());
        Told { name, status: check.status, summary, place: place.unwrap_or_default(), caught_by }
    }
}

impl Kind {
    /// What a report has that it must not have, after the case's name.
    fn amiss(&self, report: &LabReport) -> Option<String> {
        if report.status == LabStatus::DoesNotCompile {
            return Some("does not compile".to_owned());
        }
        match self {
            Kind::Solution | Kind::Variant(Fate::FullMarks) => all_are(Status::Pass, report),
            Kind::Starter => all_are(Status::Todo, report),
            Kind::Variant(Fate::Caught { by, says, at, class }) => survives(report, by, says, at.as_deref())
                .or_else(|| misnamed(report, by, *class))
                .or_else(|| undrawn(report)),
        }
    }
}

fn all_are(status: Status, report: &LabReport) -> Option<String> {
    let others = report.checks.iter().filter(|check| check.status != status);
    let others: Vec<&str> = others.map(|check| check.id.as_str()).collect();
    let what = if status == Status::Pass { "does not pass" } else { "does not count as not begun in" };
    (!others.is_empty()).then(|| format!("{what} {}", others.join(", ")))
}

fn survives(report: &LabReport, by: &str, says: &str, at: Option<&str>) -> Option<String> {
    let check = report.checks.iter().find(|check| check.id == by)?;
    match check.status {
        Status::Fail | Status::Limit if !fold(&told(check)).contains(&fold(says)) => {
            Some(format!("is caught by {by}, but is not told {says:?}"))
        }
        Status::Fail | Status::Limit => {
            let line = check.source.as_deref().unwrap_or_default();
            let elsewhere = at.filter(|at| !line.contains(at))?;
            Some(format!("is caught by {by}, but is sent to {line:?}, not to {elsewhere:?}"))
        }
        Status::Pass => Some(format!("survives: {by} passes")),
        Status::Todo => Some(format!("counts as not begun in {by}")),
        Status::Unchecked => Some(format!("could not be checked by {by}")),
    }
}

fn misnamed(report: &LabReport, by: &str, class: Option<Class>) -> Option<String> {
    let check = report.checks.iter().find(|check| check.id == by)?;
    let class = class.filter(|class| check.class != Some(*class))?;
    let told = check.class.map_or("nothing of the kind", Class::name);
    Some(format!("is caught by {by}, but is called {told}, not {}", class.name()))
}

/// Whatever ran and failed is shown as it went.
fn undrawn(report: &LabReport) -> Option<String> {
    let fails = |check: &&CheckReport| matches!(check.status, Status::Fail | Status::Limit);
    let is_undrawn = |check: &&CheckReport| !check.steps.is_empty() && check.run.events.is_empty();
    let undrawn = report.checks.iter().filter(fails).find(is_undrawn)?;
    Some(format!("fails {}, and no timeline shows how", undrawn.id))
}

fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Everything that a student reads about a check.
fn told(check: &CheckReport) -> String {
    let sentences =
        [Some(&check.summary), check.expected.as_ref(), check.seen.as_ref(), check.question.as_ref()];
    let actions: Vec<String> = check.steps.iter().map(|step| step.action.to_string()).collect();
    let mut told: Vec<&str> = sentences.into_iter().flatten().map(String::as_str).collect();
    for (step, action) in check.steps.iter().zip(&actions) {
        told.push(action);
        told.extend(step.details.iter().map(String::as_str));
    }
    for event in &check.run.events {
        told.push(&event.label);
        told.extend(event.note.as_deref());
    }
    told.extend(
        check.run.missing.iter().flat_map(|missing| [missing.label.as_str(), missing.helped.as_str()]),
    );
    told.extend(check.run.endings.iter().map(|ending| ending.sentence.as_str()));
    told.join("\n")
}
