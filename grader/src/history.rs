//! What the last grading of a lab came to, so that the next one can say what has changed.

use crate::course::Course;
use crate::report::{Change, LabReport, Outcomes, outcomes};
use crate::stage;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// The last gradings of what lies in one directory.
pub(crate) struct History {
    dir: PathBuf,
    /// Which directory of labs: those of others have a history of their own.
    submission: String,
}

/// The format of the files.
const VERSION: u32 = 1;

/// What is kept of a grading.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    version: u32,
    lab: String,
    passed: Outcomes,
}

impl History {
    /// The history of the labs in a directory, kept beside what is compiled of them.
    pub(crate) fn of(course: &Course, submission: &Path) -> History {
        let path = submission.join(".").canonicalize().unwrap_or_else(|_| submission.to_owned());
        History { dir: course.stage_dir().join("last"), submission: stage::key(&path.display().to_string()) }
    }

    /// What has changed since the last time, over all labs; nothing where none was graded before.
    pub(crate) fn change(&self, labs: &[LabReport]) -> Option<Change> {
        labs.iter().filter_map(|lab| Change::between(&self.last(&lab.lab), lab)).reduce(Change::and)
    }

    /// Keeps what this grading came to. Parts that it says nothing of stay as they were.
    pub(crate) fn keep(&self, labs: &[LabReport]) -> io::Result<()> {
        fs::create_dir_all(&self.dir)?;
        for lab in labs {
            let mut passed = self.last(&lab.lab);
            passed.extend(outcomes(lab));
            let kept = Kept { version: VERSION, lab: lab.lab.clone(), passed };
            let mut draft = NamedTempFile::new_in(&self.dir)?;
            serde_json::to_writer(&mut draft, &kept)?;
            draft.persist(self.file(&lab.lab))?;
        }
        Ok(())
    }

    /// The last outcomes; none where there is no file, or one that somebody else has written.
    fn last(&self, lab: &str) -> Outcomes {
        let text = fs::read(self.file(lab)).unwrap_or_default();
        let kept = serde_json::from_slice(&text).ok();
        kept.filter(|kept: &Kept| kept.version == VERSION && kept.lab == lab)
            .map_or_else(Outcomes::new, |kept| kept.passed)
    }

    fn file(&self, lab: &str) -> PathBuf {
        self.dir.join(format!("{lab}-{}.json", self.submission))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Finding, Status};
    use crate::report::{CheckReport, LabStatus};
    use tempfile::TempDir;

    fn graded(parts: usize, status: Status) -> Vec<LabReport> {
        let check = |part: usize| CheckReport::new(&part.to_string(), "", 1, None, Finding::new(status, ""));
        vec![LabReport {
            lab: "pipes".into(),
            status: LabStatus::Graded,
            score: 0,
            max_score: 0,
            messages: Vec::new(),
            checks: (0..parts).map(check).collect(),
            not_run: 0,
            warnings: Vec::new(),
        }]
    }

    fn history(dir: &TempDir) -> History {
        History::of(&Course::at(dir.path()), dir.path())
    }

    #[test]
    fn a_grading_is_compared_with_the_one_before() {
        let dir = TempDir::new().unwrap();
        assert_eq!(history(&dir).change(&graded(2, Status::Pass)), None);
        history(&dir).keep(&graded(2, Status::Fail)).unwrap();
        assert!(history(&dir).change(&graded(2, Status::Pass)).is_some());
        let elsewhere = History::of(&Course::at(dir.path()), &dir.path().join("target"));
        assert_eq!(elsewhere.change(&graded(2, Status::Pass)), None);
    }

    #[test]
    fn parts_that_were_not_graded_stay_as_they_were() {
        let dir = TempDir::new().unwrap();
        history(&dir).keep(&graded(3, Status::Pass)).unwrap();
        history(&dir).keep(&graded(1, Status::Fail)).unwrap();
        assert_eq!(history(&dir).last("pipes").into_values().collect::<Vec<_>>(), [false, true, true]);
    }

    #[test]
    fn a_file_that_is_damaged_or_of_somebody_else_is_no_history() {
        let dir = TempDir::new().unwrap();
        history(&dir).keep(&graded(1, Status::Pass)).unwrap();
        let file = history(&dir).file("pipes");
        let whole = fs::read_to_string(&file).unwrap();
        assert_eq!(history(&dir).last("pipes").len(), 1);
        let others = [
            String::new(),
            whole[..whole.len() / 2].to_owned(),
            whole.replace("pipes", "locks"),
            whole.replace("\"version\":1", "\"version\":2"),
            whole.replace("true", "1"),
            "\u{0}".repeat(100),
        ];
        for text in others {
            fs::write(&file, &text).unwrap();
            assert_eq!(history(&dir).change(&graded(1, Status::Fail)), None, "{text}");
            history(&dir).keep(&graded(1, Status::Pass)).unwrap();
            assert_eq!(history(&dir).last("pipes").len(), 1, "it is written anew");
        }
    }

    #[test]
    fn graders_at_once_leave_a_whole_file() {
        let dir = TempDir::new().unwrap();
        std::thread::scope(|scope| {
            for parts in 1..=8 {
                let dir = &dir;
                scope.spawn(move || {
                    (0..20).for_each(|_| history(dir).keep(&graded(parts, Status::Pass)).unwrap())
                });
            }
            for _ in 0..200 {
                let known = history(&dir).last("pipes");
                assert!(known.values().all(|passed| *passed));
            }
        });
        assert!(!history(&dir).last("pipes").is_empty());
        assert_eq!(fs::read_dir(&history(&dir).dir).unwrap().count(), 1, "no draft is left");
    }
}
