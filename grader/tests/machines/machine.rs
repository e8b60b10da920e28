//! A machine as data: how it is entered, and what has to come out there.

use crate::entry::Entry;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// One file of `tests/machines`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Machine {
    #[serde(skip)]
    pub(crate) file: PathBuf,
    /// What it stands for, in a few words.
    pub(crate) what: String,
    #[serde(default)]
    pub(crate) entry: Entry,
    pub(crate) expect: Expectation,
}

/// What has to come out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expectation {
    /// The doctor's exit code.
    pub(crate) doctor: i32,
    /// Words of the doctor's.
    #[serde(default)]
    says: Vec<String>,
    /// The level at which the solutions are graded; where none is named, only the doctor is asked.
    pub(crate) level: Option<String>,
    /// The checks that come out as `unchecked`; all others pass.
    #[serde(default)]
    unchecked: BTreeSet<String>,
}

impl Machine {
    /// All of them, by name; those that compile more than others come last.
    pub(crate) fn all() -> Vec<Machine> {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/machines");
        let files = fs::read_dir(dir).expect("a directory").map(|entry| entry.expect("an entry").path());
        let mut files: Vec<PathBuf> =
            files.filter(|file| file.extension().is_some_and(|end| end == "toml")).collect();
        files.sort();
        let mut machines: Vec<Machine> = files.into_iter().map(Machine::read).collect();
        machines.sort_by_key(|machine| (machine.entry.debian.is_some(), machine.entry.odd_path));
        machines
    }

    /// The machine of one file.
    pub(crate) fn read(file: PathBuf) -> Machine {
        let text = fs::read_to_string(&file).expect("a machine's file can be read");
        let machine = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        Machine { file, ..machine }
    }

    pub(crate) fn name(&self) -> &str {
        self.file.file_stem().and_then(|name| name.to_str()).expect("a plain name")
    }
}

/// How a command has ended, and what it wrote.
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Expectation {
    /// What of the doctor's word is not as expected.
    pub(crate) fn of_doctor(&self, said: &Said) -> Result<(), String> {
        // Its sentences are broken into lines.
        let told = said.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        let silent = self.says.iter().find(|words| !told.contains(*words));
        match (said.code == Some(self.doctor), silent) {
            (true, None) => Ok(()),
            (true, Some(words)) => Err(format!("doctor does not say `{words}`:\n{}", said.stdout)),
            (false, _) => Err(format!(
                "doctor ends with {:?}, not {}:\n{}{}",
                said.code, self.doctor, said.stdout, said.stderr
            )),
        }
    }

    /// What of a grading of the solutions is not as expected; or the marks.
    pub(crate) fn of_grading(&self, said: &Said) -> Result<String, String> {
        let report: serde_json::Value = serde_json::from_str(&said.stdout)
            .map_err(|_| format!("no report, code {:?}:\n{}{}", said.code, said.stdout, said.stderr))?;
        let level = report["sandbox"].as_str().map(str::to_owned);
        if level != self.level {
            return Err(format!("it graded at {level:?}, not at {:?}", self.level));
        }
        let (mut unchecked, mut lost) = (BTreeSet::new(), Vec::new());
        for lab in report["labs"].as_array().into_iter().flatten() {
            for check in lab["checks"].as_array().into_iter().flatten() {
                let name = format!("{}/{}", text(&lab["lab"]), text(&check["id"]));
                match text(&check["status"]) {
                    "pass" => {}
                    "unchecked" => drop(unchecked.insert(name)),
                    status => lost.push(format!("{name}: {status}: {}", text(&check["summary"]))),
                }
            }
        }
        if !lost.is_empty() {
            return Err(format!("the solutions lose points:\n{}", lost.join("\n")));
        }
        if !unchecked.is_empty() && self.doctor != 3 {
            return Err(format!("unchecked, though the doctor says that nothing is missing: {unchecked:?}"));
        }
        if unchecked != self.unchecked {
            return Err(format!("unchecked are {unchecked:?}, not {:?}", self.unchecked));
        }
        let wanted = if unchecked.is_empty() { 0 } else { 3 };
        match said.code == Some(wanted) {
            true => Ok(format!("{} of {}", report["score"], report["max_score"])),
            false => Err(format!("it ends with {:?}, not {wanted}", said.code)),
        }
    }
}

fn text(value: &serde_json::Value) -> &str {
    value.as_str().unwrap_or_default()
}
