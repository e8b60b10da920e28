//! The way of one candidate through the compiler: where a file keeps the lab from being compiled, the starter's version
//! takes its place, so that the lab's other files are still graded. What is checked is always the student's own.

mod barred;
mod report;

use self::barred::Barred;
use crate::build::{Compiled, Limit, Outcome, Warning};
use crate::candidate::{Candidate, HandedOut};
use crate::check::Finding;
use crate::course::Course;
use crate::grade::with_files;
use crate::lab::Check;
use crate::message;
use crate::policy::Violation;
use crate::report::Message;
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
    /// The compiler came to a limit.
    Limit(Limit),
    /// Something of the grader's own does not compile.
    Ours,
}

/// One candidate, and what has become of it so far.
pub(crate) struct Attempt<'a> {
    candidate: &'a Candidate<'a>,
    given: &'a HandedOut,
    faults: BTreeMap<String, Fault>,
    /// Of files that do not compile, what does: they keep what other files need of them. Tried first.
    cut: BTreeMap<String, String>,
    /// What is off limits in files that are not graded for that.
    violations: Vec<Violation>,
    warnings: Vec<Warning>,
    barred: Barred,
    messages: Vec<Message>,
    prefix: String,
}

impl<'a> Attempt<'a> {
    pub(crate) fn new(candidate: &'a Candidate<'a>, given: &'a HandedOut) -> Attempt<'a> {
        let refused = candidate.files.iter().filter_map(|(file, content)| {
            Some((file.clone(), Fault::Refused(content.as_ref().err()?.clone())))
        });
        let messages = refused_files(candidate).into_iter().map(Message::of_grader).collect();
        Attempt {
            candidate,
            given,
            faults: refused.collect(),
            cut: BTreeMap::new(),
            violations: Vec::new(),
            warnings: Vec::new(),
            barred: Barred::default(),
            messages,
            prefix: String::new(),
        }
    }

    /// What to compile next; nothing where no file of the candidate's is left, or no starter's version is at hand.
    pub(crate) fn package(&self) -> Option<Package<'a>> {
        let lab = self.candidate.lab;
        let replaceable = |file: &String| self.given.files.contains_key(Path::new(file));
        let left = |file: &&String| !self.faults.contains_key(*file) && !self.candidate.given.contains(file);
        if !lab.files.iter().any(|file| left(&file)) || !self.faults.keys().all(replaceable) {
            return None;
        }
        let own = self.candidate.files.iter().filter(|(file, _)| !self.faults.contains_key(*file));
        let own = own.filter_map(|(file, content)| Some((file.clone(), content.as_ref().ok()?.clone())));
        let own = own.chain(self.cut.clone()).chain(self.barred.files.clone());
        let how = if self.cut.is_empty() { "without" } else { "without functions of" };
        let mut origin = format!("{} {how} {}", self.candidate.origin, self.faulty_files());
        if !self.barred.files.is_empty() {
            origin.push_str(", and without what is off limits");
        }
        Some(Package { lab, key: stage::key(&origin), files: with_files(&self.given.files, own) })
    }

    /// Takes note of what became of a package: the driver, or nothing and some more faults.
    pub(crate) fn note(&mut self, compiled: Compiled, package: &Package, course: &Course) -> Option<PathBuf> {
        let mut violations = compiled.violations;
        violations.retain(|violation| !self.is_import(violation));
        self.prefix = package.prefix();
        self.warnings = compiled.warnings;
        for warning in &mut self.warnings {
            warning.text = shown(&warning.text, self.candidate, package, course);
        }
        match compiled.outcome {
            Outcome::Built(_) if self.bar(&violations) => return None,
            Outcome::Built(driver) => {
                self.violations = violations;
                return Some(driver);
            }
            Outcome::Limit(limit) => self.blame_rest(&Fault::Limit(limit)),
            Outcome::Refused { .. } if !self.barred.files.is_empty() => self.barred.give_up(),
            Outcome::Refused { messages, files, driver } => {
                if !self.cut.is_empty() {
                    // What is left of them does not compile either.
                    self.cut.clear();
                    return None;
                }
                let messages = messages.into_iter().map(|message| Message {
                    text: shown(&message.text, self.candidate, package, course),
                    ..message
                });
                self.refuse(messages.collect(), files.keys().cloned().collect(), driver);
                self.cut = self.without_bodies(&files);
            }
        }
        None
    }

    /// Of files that do not compile, what is left without the functions in which the errors are. Nothing where any of them
    /// cannot be cut.
    fn without_bodies(&self, files: &BTreeMap<String, BTreeSet<u32>>) -> BTreeMap<String, String> {
        let cut = |(file, lines): (&String, _)| {
            matches!(self.faults.get(file), Some(Fault::DoesNotCompile)).then_some(())?;
            Some((file.clone(), source::without_bodies(self.text(file)?, lines)?))
        };
        files.iter().map(cut).collect::<Option<_>>().unwrap_or_default()
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
    fn refuse(&mut self, messages: Vec<Message>, mut files: BTreeSet<String>, driver: bool) {
        let fault = self.next_fault();
        let mut changed = self.changed_declarations();
        // Where a declaration has changed, the compiler points to the calls as well.
        let declares = |file: &String| changed.iter().any(|(changed, _)| changed == file);
        let whole = |(file, _): &(String, String)| self.text(file).is_some_and(source::has_tokens);
        let redeclared = changed.iter().any(whole) && !files.iter().all(declares);
        let calls = driver || redeclared || files.is_empty();
        if redeclared || files.is_empty() {
            files = changed.iter().map(|(file, _)| file.clone()).collect();
        }
        if files.is_empty() {
            self.blame_rest(&Fault::Ours);
        }
        changed.retain(|(file, _)| files.contains(file));
        if matches!(fault, Fault::DoesNotCompile) {
            if calls && !files.is_empty() {
                self.messages.extend(changed.into_iter().map(|(_, sentence)| Message::of_grader(sentence)));
                self.messages.push(Message::of_grader(message::CHANGED_SIGNATURE));
            }
            if let Some(refused) = self.refused() {
                self.messages.push(Message::of_grader(message::compiled_without(&refused)));
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
    pub(crate) fn to_run(&self) -> impl DoubleEndedIterator<Item = &'a Check> {
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
        let whole = self.violations.iter().find(|violation| violation.file == file);
        whole.or_else(|| self.barred_in(check)).map(message::violation)
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
}

/// A message of the compiler with the student's paths in place of the stage's, and none of this machine's.
fn shown(message: &str, candidate: &Candidate, package: &Package, course: &Course) -> String {
    let root = format!("{}/", course.root().display());
    let own = |message: String, file: &String| {
        message.replace(&format!("{}{file}", package.prefix()), &format!("the grader's {file}"))
    };
    let message = candidate.given.iter().fold(message.to_owned(), own);
    message.replace(&package.prefix(), &format!("{}/", candidate.shown)).replace(&root, "")
}

/// One sentence per refused file; one for all where the whole directory is missing.
fn refused_files(candidate: &Candidate) -> Vec<String> {
    let refusals = candidate.files.iter().filter_map(|(file, content)| Some((file, content.as_ref().err()?)));
    let lab = &candidate.lab.name;
    let mut sentences: Vec<String> =
        refusals.map(|(file, refusal)| message::refused_file(lab, &candidate.shown, file, refusal)).collect();
    sentences.dedup();
    sentences
}
