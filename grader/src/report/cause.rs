//! Why points were lost: checks that failed for the same cause are told together.

use super::{CheckReport, LabReport, LabStatus};
use crate::check::Status;

/// Checks of one lab that failed for one cause; the first one stands for all.
pub(super) struct Cause<'a> {
    pub(super) lab: &'a LabReport,
    pub(super) first: &'a CheckReport,
    pub(super) others: Vec<&'a CheckReport>,
}

impl Cause<'_> {
    /// The points that it costs. Those of what could not be checked stay open.
    pub(super) fn costs(&self) -> u32 {
        let checks = std::iter::once(&self.first).chain(&self.others);
        checks
            .filter(|check| check.status != Status::Unchecked)
            .map(|check| check.max_score - check.score)
            .sum()
    }
}

/// The causes to tell of, the one that costs most first.
pub(super) fn causes(lab: &LabReport) -> Vec<Cause<'_>> {
    let mut causes: Vec<Cause> = Vec::new();
    for check in lab.checks.iter().filter(|check| is_told(check)) {
        match causes.iter_mut().find(|cause| same_cause(cause.first, check)) {
            Some(cause) => cause.others.push(check),
            None => causes.push(Cause { lab, first: check, others: Vec::new() }),
        }
    }
    causes.sort_by_key(|cause| std::cmp::Reverse(cause.costs()));
    causes
}

/// Whether a check came to an outcome of its own, and not to that of a file that does not compile.
pub(super) fn was_graded(lab: &LabReport, check: &CheckReport) -> bool {
    lab.status != LabStatus::DoesNotCompile || !check.in_messages || check.status == Status::Unchecked
}

/// Whether there is more to say of a check than its line does, and than what stands above all lines.
fn is_told(check: &CheckReport) -> bool {
    matches!(check.status, Status::Fail | Status::Limit | Status::Unchecked) && !check.in_messages
}

/// Whether two checks failed for one cause: at one place, by one misunderstanding. A failure of which neither is known has
/// a cause of its own; what could not be checked has one obstacle.
fn same_cause(one: &CheckReport, other: &CheckReport) -> bool {
    let is_known = one.class.is_some() || one.misconception.is_some() || one.location.is_some();
    (is_known || one.status == Status::Unchecked)
        && one.status == other.status
        && (one.class, &one.misconception, &one.location)
            == (other.class, &other.misconception, &other.location)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Finding, Location};

    fn failed(id: &str, points: u32, summary: &str, line: Option<u32>) -> CheckReport {
        let location = line.map(|line| Location { file: "src/buffer.rs".into(), line });
        CheckReport::new(
            id,
            "A title",
            points,
            None,
            Finding { location, ..Finding::new(Status::Fail, summary) },
        )
    }

    fn grouped(checks: Vec<CheckReport>) -> Vec<Vec<String>> {
        let max_score = checks.iter().map(|check| check.max_score).sum();
        let lab = LabReport {
            lab: "condvar-buffer".into(),
            status: LabStatus::Graded,
            score: 0,
            max_score,
            messages: Vec::new(),
            checks,
            not_run: 0,
            warnings: Vec::new(),
        };
        let ids = |cause: &Cause| {
            std::iter::once(&cause.first).chain(&cause.others).map(|c| c.id.clone()).collect()
        };
        causes(&lab).iter().map(ids).collect()
    }

    #[test]
    fn the_cause_is_what_the_findings_have_in_common_and_no_words() {
        let one_place = ["C1 sleeps.", "An item is lost."];
        let checks = one_place.map(|summary| failed(summary, 3, summary, Some(24)));
        assert_eq!(grouped(checks.into()), [["C1 sleeps.", "An item is lost."]]);
        let two_places = [24, 25].map(|line| failed(&line.to_string(), 3, "C1 sleeps.", Some(line)));
        assert_eq!(grouped(two_places.into()), [["24"], ["25"]]);
    }

    #[test]
    fn failures_of_which_nothing_is_known_have_no_cause_in_common() {
        let checks = ["one", "other"].map(|id| failed(id, 3, "It is over.", None));
        assert_eq!(grouped(checks.into()), [["one"], ["other"]]);
    }

    #[test]
    fn the_cause_that_costs_most_comes_first() {
        let checks =
            vec![failed("a", 5, "", Some(1)), failed("b", 4, "", Some(2)), failed("c", 4, "", Some(2))];
        assert_eq!(grouped(checks), [vec!["b", "c"], vec!["a"]]);
    }

    #[test]
    fn what_stands_in_the_messages_is_not_told_again() {
        assert!(grouped(vec![CheckReport { in_messages: true, ..failed("a", 5, "", Some(1)) }]).is_empty());
    }
}
