//! What is reported of a candidate, once its checks have been run.

use super::{Attempt, Fault};
use crate::check::{Finding, Location, Status};
use crate::grade::Findings;
use crate::lab::Check;
use crate::message;
use crate::report::{CheckReport, LabReport, LabStatus};
use crate::source;
use crate::submission::Refusal;

/// The lints that a `todo!()` sets off by itself.
const UNUSED: [&str; 6] = [
    "dead_code",
    "unreachable_code",
    "unused_assignments",
    "unused_imports",
    "unused_mut",
    "unused_variables",
];

impl Attempt<'_> {
    /// Puts the report on the candidate together.
    pub(crate) fn report(self, mut found: Findings, sees_violations: bool) -> LabReport {
        let lab = self.candidate.lab;
        let mut checks = Vec::new();
        for check in &self.candidate.checks {
            let (finding, in_messages, millis) = match (self.decided(check), found.remove(&check.id)) {
                (Some(finding), _) => (finding, self.is_refused(check), 0),
                (None, Some((finding, millis))) => {
                    let needs_others = self.needs_others(&finding) && !self.is_unread();
                    (self.complete(finding, check, sees_violations), needs_others, millis)
                }
                (None, None) => (message::never_ran(), false, 0),
            };
            checks.push(CheckReport { in_messages, ..self.check_report(check, finding, millis) });
        }
        LabReport {
            lab: lab.name.clone(),
            status: self.status(&checks),
            score: checks.iter().map(|check| check.score).sum(),
            max_score: checks.iter().map(|check| check.max_score).sum(),
            warnings: self.warnings(&checks),
            messages: self.messages,
            checks,
            not_run: 0,
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
            // A `todo!()` that stands in the place of what is off limits is not the student's.
            Status::Todo if let Some((function, violation)) = self.barred_at(finding.location.as_ref()) => {
                return message::needs_barred(&function, violation);
            }
            // A `todo!()` of the starter's version of a file is not the student's.
            _ if self.needs_others(&finding) => {
                let files = self.faulty_files();
                return if self.is_unread() {
                    message::needs_unread(&files)
                } else {
                    message::needs_others(&files)
                };
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

    /// Whether the messages say what is wrong with a check's file.
    fn is_refused(&self, check: &Check) -> bool {
        let fault = self.faults.get(self.file_of(check));
        matches!(fault, Some(Fault::Refused(_) | Fault::DoesNotCompile | Fault::NeedsOthers(_)))
    }

    /// Whether a run came to a `todo!()` of the starter's version of a file.
    fn needs_others(&self, finding: &Finding) -> bool {
        finding.status == Status::Todo && !self.is_own(finding.location.as_ref())
    }

    /// The warnings about the student's own files. As long as a part is not begun, those of code that is not used yet are
    /// left out: they come from the `todo!()`s, and would hide the others.
    fn warnings(&self, checks: &[CheckReport]) -> Vec<String> {
        let begun = checks.iter().all(|check| check.status != Status::Todo);
        let is_own = |file: &String| !self.faults.contains_key(file) && !self.candidate.given.contains(file);
        let shown = self.warnings.iter().filter(|warning| is_own(&warning.file));
        let shown = shown.filter(|warning| begun || !UNUSED.contains(&warning.lint.as_str()));
        shown.map(|warning| warning.text.clone()).collect()
    }

    /// Whether a place is in a file as the student wrote it. Where no place is known, only if all files are.
    fn is_own(&self, place: Option<&Location>) -> bool {
        place.map_or(self.faults.is_empty(), |place| !self.faults.contains_key(&place.file))
    }

    /// Whether the system kept the grader from a file.
    fn is_unread(&self) -> bool {
        self.faults.values().any(|fault| matches!(fault, Fault::Refused(Refusal::Unreadable(_))))
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

/// What a program wrote, with the student's paths: a panic names its file as the compiler was told it.
fn without(prefix: &str, output: &[u8]) -> Vec<u8> {
    match std::str::from_utf8(output) {
        Ok(text) => text.replace(prefix, "").into_bytes(),
        Err(_) => output.to_owned(),
    }
}
