//! The way of one candidate through the compiler: where a file keeps the lab from being compiled, the starter's version
//! takes its place, so that the lab's other files are still graded. What is checked is always the student's own.

use crate::candidate::{Candidate, HandedOut};
use crate::check::{Finding, Location, Status};
use crate::compile::{Compiled, Outcome};
use crate::course::Course;
use crate::grade::{Findings, with_files};
use crate::lab::Check;
use crate::message;
use crate::policy::Violation;
use crate::report::{CheckReport, LabReport, LabStatus};
use crate::source::{self, Declaration};
use crate::stage::{self, Package};
use crate::submission::Refusal;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Why a file is not graded as it stands.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// It was not read.
    Refused(Refusal),
    /// The compiler's messages point to it.
    DoesNotCompile,
    /// It does not go together with the starter's version of these files.
    NeedsOthers(String),
    /// The compiler did not come to an end.
    TimedOut,
    /// Something of the grader's own does not compile.
    Ours,
}

/// One candidate, and what has become of it so far.
pub(crate) struct Attempt<'a> {
    candidate: &'a Candidate<'a>,
    given: &'a HandedOut,
    faults: BTreeMap<String, Fault>,
    violations: Vec<Violation>,
    messages: Vec<String>,
    prefix: String,
}

impl<'a> Attempt<'a> {
    pub(crate) fn new(candidate: &'a Candidate<'a>, given: &'a HandedOut) -> Attempt<'a> {
        let refused = candidate.files.iter().filter_map(|(file, content)| {
            Some((file.clone(), Fault::Refused(content.as_ref().err()?.clone())))
        });
        let messages = refused_files(candidate);
        Attempt {
            candidate,
            given,
            faults: refused.collect(),
            violations: Vec::new(),
            messages,
            prefix: String::new(),
        }
    }

    /// What to compile next; nothing where no file of the candidate's is left, or no starter's version is at hand.
    pub(crate) fn package(&self) -> Option<Package<'a>> {
        let lab = self.candidate.lab;
        let replaceable = |file: &String| self.given.files.contains_key(Path::new(file));
        if self.faults.len() == lab.files.len() || !self.faults.keys().all(replaceable) {
            return None;
        }
        let own = self.candidate.files.iter().filter(|(file, _)| !self.faults.contains_key(*file));
        let own = own.filter_map(|(file, content)| Some((file.clone(), content.as_ref().ok()?.clone())));
        let origin = format!("{} without {}", self.candidate.origin, self.faulty_files());
        Some(Package { lab, key: stage::key(&origin), files: with_files(&self.given.files, own) })
    }

    /// Takes note of what became of a package: the driver, or nothing and some more faults.
    pub(crate) fn note(&mut self, compiled: Compiled, package: &Package, course: &Course) -> Option<PathBuf> {
        self.violations = compiled.violations;
        self.prefix = package.prefix();
        match compiled.outcome {
            Outcome::Built(driver) => return Some(driver),
            Outcome::TimedOut => self.blame_rest(&Fault::TimedOut),
            Outcome::Refused { messages, files, driver } => {
                let messages = messages.iter().map(|text| shown(text, self.candidate, package, course));
                self.refuse(messages.collect(), files, driver);
            }
        }
        None
    }

    /// The first refusal is about the files themselves. After that, a file may also miss what the starter's version of
    /// another one lacks, and the compiler's messages about that would lead astray.
    fn next_fault(&self) -> Fault {
        let uncompiled = self.faults.iter().filter(|(_, fault)| !matches!(fault, Fault::Refused(_)));
        let uncompiled: Vec<&str> = uncompiled.map(|(file, _)| file.as_str()).collect();
        match uncompiled.as_slice() {
            [] => Fault::DoesNotCompile,
            files => Fault::NeedsOthers(files.join(", ")),
        }
    }

    /// The compiler refused `files`. Where it points to none of the student's lines, a function that the grader's own
    /// files call must be missing, or declared in another way.
    fn refuse(&mut self, messages: Vec<String>, mut files: BTreeSet<String>, driver: bool) {
        let fault = self.next_fault();
        let mut changed = self.changed_declarations();
        let calls = driver || files.is_empty();
        if files.is_empty() {
            files = changed.iter().map(|(file, _)| file.clone()).collect();
        }
        if files.is_empty() {
            self.blame_rest(&Fault::Ours);
        }
        changed.retain(|(file, _)| files.contains(file));
        if matches!(fault, Fault::DoesNotCompile) {
            if calls && !files.is_empty() {
                self.messages.extend(changed.into_iter().map(|(_, sentence)| sentence));
                self.messages.push(message::CHANGED_SIGNATURE.to_owned());
            }
            if let Some(refused) = self.refused() {
                self.messages.push(message::compiled_without(&refused));
            }
            self.messages.extend(messages);
        }
        self.faults.extend(files.into_iter().map(|file| (file, fault.clone())));
    }

    /// The files that were not read.
    fn refused(&self) -> Option<String> {
        let refused = self.faults.iter().filter(|(_, fault)| matches!(fault, Fault::Refused(_)));
        let files: Vec<&str> = refused.map(|(file, _)| file.as_str()).collect();
        (!files.is_empty()).then(|| files.join(", "))
    }

    /// The functions of the starter that the student's files lack or declare in another way, file by file.
    fn changed_declarations(&self) -> Vec<(String, String)> {
        let mut changed = Vec::new();
        for (function, file) in self.given.homes.iter().filter(|(_, file)| !self.faults.contains_key(*file)) {
            let given = String::from_utf8_lossy(&self.given.files[Path::new(file)]);
            let own = self.text(file).unwrap_or_default();
            let (wanted, found) =
                (source::declarations(&given).remove(function), source::declarations(own).remove(function));
            let line =
                |text: &str, declared: &Declaration| source::line(text, declared.line).unwrap_or_default();
            let Some(wanted) =
                wanted.filter(|wanted| found.as_ref().is_none_or(|found| found.types != wanted.types))
            else {
                continue;
            };
            let found = found.map(|found| (found.line, line(own, &found)));
            changed.push((
                file.clone(),
                message::changed_declaration(file, function, &line(&given, &wanted), found),
            ));
        }
        changed
    }

    fn blame_rest(&mut self, fault: &Fault) {
        for file in &self.candidate.lab.files {
            self.faults.entry(file.clone()).or_insert_with(|| fault.clone());
        }
    }

    fn faulty_files(&self) -> String {
        self.faults.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
    }

    /// The checks that a run decides.
    pub(crate) fn to_run(&self) -> impl Iterator<Item = &'a Check> {
        self.candidate.checks.iter().copied().filter(|check| self.decided(check).is_none())
    }

    /// What is known of a check without a run: its file cannot be graded, or uses what is off limits.
    fn decided(&self, check: &Check) -> Option<Finding> {
        let file = self.file_of(check);
        if let Some(fault) = self.faults.get(file) {
            let whole_lab = matches!(fault, Fault::Refused(Refusal::NoLab));
            return Some(message::faulty_file(
                if whole_lab { &self.candidate.lab.name } else { file },
                fault,
            ));
        }
        self.violations.iter().find(|violation| violation.file == file).map(message::violation)
    }

    /// The file that holds a check's function, in the lab as it was handed out, or as the student wrote it.
    fn file_of(&self, check: &Check) -> &'a str {
        if let Some(file) = self.given.homes.get(&check.function) {
            return file;
        }
        let files = &self.candidate.lab.files;
        let own = files.iter().find(|file| self.line_in(file, check).is_some());
        own.or(files.first()).map_or("", String::as_str)
    }

    fn line_in(&self, file: &str, check: &Check) -> Option<u32> {
        source::functions(self.text(file)?).remove(&check.function)
    }

    fn text(&self, file: &str) -> Option<&'a str> {
        self.candidate.files.get(file)?.as_ref().ok().map(String::as_str)
    }

    /// Puts the report on the candidate together.
    pub(crate) fn report(self, mut found: Findings, sees_violations: bool) -> LabReport {
        let lab = self.candidate.lab;
        let mut checks = Vec::new();
        for check in &self.candidate.checks {
            let (finding, millis) = match (self.decided(check), found.remove(&check.id)) {
                (Some(finding), _) => (finding, 0),
                (None, Some((finding, millis))) => (self.complete(finding, check, sees_violations), millis),
                (None, None) => (message::never_ran(), 0),
            };
            checks.push(self.check_report(check, finding, millis));
        }
        LabReport {
            lab: lab.name.clone(),
            status: self.status(&checks),
            score: checks.iter().map(|check| check.score).sum(),
            max_score: checks.iter().map(|check| check.max_score).sum(),
            messages: self.messages,
            checks,
        }
    }

    fn check_report(&self, check: &Check, finding: Finding, millis: u64) -> CheckReport {
        let handout = finding.misconception.as_deref().and_then(|name| self.candidate.lab.handout(name));
        let place = finding.location.clone();
        let mut report =
            CheckReport::new(&check.id, &check.title, check.points, handout.map(str::to_owned), finding);
        report.source = place.and_then(|place| source::line(self.text(&place.file)?, place.line));
        report.millis = millis;
        report
    }

    /// Adds to what a run found what only the whole candidate tells.
    fn complete(&self, finding: Finding, check: &Check, sees_violations: bool) -> Finding {
        let lab = self.candidate.lab;
        let mut finding = match finding.status {
            Status::Pass if !sees_violations && !lab.forbid.is_empty() => message::policy_unseen(&finding),
            // A `todo!()` of the starter's version of a file is not the student's.
            Status::Todo if !self.is_own(finding.location.as_ref()) => {
                return message::needs_others(&self.faulty_files());
            }
            _ => finding,
        };
        finding.output = without(&self.prefix, &finding.output);
        if matches!(finding.status, Status::Fail | Status::Limit) {
            finding.misconception = finding.misconception.or_else(|| check.misconception.clone());
            finding.location = finding.location.or_else(|| self.place_of(check));
        }
        finding
    }

    /// Whether a place is in a file as the student wrote it. Where no place is known, only if all files are.
    fn is_own(&self, place: Option<&Location>) -> bool {
        place.map_or(self.faults.is_empty(), |place| !self.faults.contains_key(&place.file))
    }

    fn place_of(&self, check: &Check) -> Option<Location> {
        let file = self.file_of(check);
        Some(Location { file: file.to_owned(), line: self.line_in(file, check)? })
    }

    fn status(&self, checks: &[CheckReport]) -> LabStatus {
        let compiles = !self.faults.values().any(|fault| !matches!(fault, Fault::Refused(_) | Fault::Ours));
        let all = |status| !checks.is_empty() && checks.iter().all(|check| check.status == status);
        match compiles {
            false => LabStatus::DoesNotCompile,
            true if all(Status::Todo) => LabStatus::Todo,
            true if all(Status::Unchecked) => LabStatus::Unchecked,
            true => LabStatus::Graded,
        }
    }
}

/// A message of the compiler with the student's paths in place of the stage's, and none of this machine's.
fn shown(message: &str, candidate: &Candidate, package: &Package, course: &Course) -> String {
    let root = format!("{}/", course.root().display());
    message.replace(&package.prefix(), &format!("{}/", candidate.shown)).replace(&root, "")
}

/// What a program wrote, with the student's paths: a panic names its file as the compiler was told it.
fn without(prefix: &str, output: &[u8]) -> Vec<u8> {
    match std::str::from_utf8(output) {
        Ok(text) => text.replace(prefix, "").into_bytes(),
        Err(_) => output.to_owned(),
    }
}

/// One sentence per refused file; one for all where the whole directory is missing.
fn refused_files(candidate: &Candidate) -> Vec<String> {
    let refusals = candidate.files.iter().filter_map(|(file, content)| Some((file, content.as_ref().err()?)));
    let mut sentences: Vec<String> =
        refusals.map(|(file, refusal)| message::refused_file(&candidate.shown, file, refusal)).collect();
    sentences.dedup();
    sentences
}
