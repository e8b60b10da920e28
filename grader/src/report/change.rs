//! What has changed since the last grading.

use super::LabReport;
use crate::check::Status;
use std::collections::BTreeMap;

/// The outcomes of a lab's parts by their ids: whether they passed.
pub type Outcomes = BTreeMap<String, bool>;

/// The difference between two gradings, in the parts that both have an outcome of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// The points won, or lost.
    points: i64,
    /// How many parts pass that did not.
    more: usize,
    /// The parts that pass no more: `pipes/ends-are-closed`.
    less: Vec<String>,
}

/// More names of parts than this are counted.
const NAMED: usize = 3;

/// What a report says of the parts that came to an outcome. Of a file that does not compile, and where nothing could be
/// checked, there is nothing to learn.
pub fn outcomes(lab: &LabReport) -> Outcomes {
    let known = lab.checks.iter().filter(|check| check.status != Status::Unchecked && !check.in_messages);
    known.map(|check| (check.id.clone(), check.status == Status::Pass)).collect()
}

impl Change {
    /// From the last outcomes of the lab to this report; nothing where they have no part in common.
    pub fn between(last: &Outcomes, lab: &LabReport) -> Option<Change> {
        let now = outcomes(lab);
        if !now.keys().any(|id| last.contains_key(id)) {
            return None;
        }
        let mut change = Change::default();
        for check in &lab.checks {
            let points = i64::from(check.max_score);
            match (last.get(&check.id), now.get(&check.id)) {
                (Some(false), Some(true)) => {
                    change.points += points;
                    change.more += 1;
                }
                (Some(true), Some(false)) => {
                    change.points -= points;
                    change.less.push(format!("{}/{}", lab.lab, check.id));
                }
                _ => {}
            }
        }
        Some(change)
    }

    /// Both together: two labs of one grading.
    pub fn and(mut self, other: Change) -> Change {
        self.points += other.points;
        self.more += other.more;
        self.less.extend(other.less);
        self
    }

    /// "+14 points since the last time: 3 parts more, 1 part less: pipes/ends-are-closed".
    pub(super) fn sentence(&self) -> String {
        let mut parts = Vec::new();
        if self.more > 0 {
            parts.push(format!("{} more", counted(self.more, "part")));
        }
        if !self.less.is_empty() {
            parts.push(format!("{} less: {}", counted(self.less.len(), "part"), self.names()));
        }
        if parts.is_empty() {
            return "nothing since the last time".to_owned();
        }
        let unit = if self.points.abs() == 1 { "point" } else { "points" };
        format!("{:+} {unit} since the last time: {}", self.points, parts.join(", "))
    }

    fn names(&self) -> String {
        let named = &self.less[..self.less.len().min(NAMED)];
        match self.less.len() - named.len() {
            0 => named.join(", "),
            more => format!("{}, and {more} more", named.join(", ")),
        }
    }
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Finding;
    use crate::report::{CheckReport, LabStatus};

    fn graded(checks: &[(&str, Status)]) -> LabReport {
        let check =
            |&(id, status): &(&str, Status)| CheckReport::new(id, "", 5, None, Finding::new(status, ""));
        LabReport {
            lab: "pipes".into(),
            status: LabStatus::Graded,
            score: 0,
            max_score: 0,
            messages: Vec::new(),
            checks: checks.iter().map(check).collect(),
            not_run: 0,
            warnings: Vec::new(),
        }
    }

    fn change(last: &[(&str, Status)], now: &[(&str, Status)]) -> Option<String> {
        Change::between(&outcomes(&graded(last)), &graded(now)).map(|change| change.sentence())
    }

    use Status::{Fail, Limit, Pass, Todo, Unchecked};

    #[test]
    fn it_says_how_many_parts_pass_and_which_do_no_more() {
        let last = [("a", Fail), ("b", Todo), ("c", Limit), ("d", Pass), ("e", Pass)];
        let now = [("a", Pass), ("b", Pass), ("c", Pass), ("d", Fail), ("e", Pass)];
        let said = "+10 points since the last time: 3 parts more, 1 part less: pipes/d";
        assert_eq!(change(&last, &now).as_deref(), Some(said));
        let said = "-10 points since the last time: 1 part more, 3 parts less: pipes/a, pipes/b, pipes/c";
        assert_eq!(change(&now, &last).as_deref(), Some(said));
        assert_eq!(change(&now, &now).as_deref(), Some("nothing since the last time"));
    }

    #[test]
    fn it_is_about_parts_that_came_to_an_outcome_both_times() {
        assert_eq!(change(&[("a", Fail)], &[("b", Pass)]), None);
        assert_eq!(change(&[("a", Unchecked)], &[("a", Pass)]), None);
        assert_eq!(change(&[("a", Pass)], &[("a", Unchecked)]), None);
        let said = Some("nothing since the last time".to_owned());
        assert_eq!(change(&[("a", Pass), ("b", Pass)], &[("a", Unchecked), ("b", Pass)]), said);
    }
}
