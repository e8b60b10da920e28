//! What the command line names: labs, and of some of them only certain parts.

use crate::course::{Course, lab_name};
use crate::exit_code::ExitCode;
use crate::lab::{Check, Lab};
use crate::message;
use anyhow::{Result, bail};

/// A lab, or a part of one: `pipes`, `pipes/ends-are-closed`; as a path, too: `labs/pipes/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) lab: String,
    pub(crate) part: Option<String>,
}

impl Name {
    pub(crate) fn parse(text: &str) -> Name {
        let text = lab_name(text);
        match text.split_once('/') {
            Some((lab, part)) => Name { lab: lab.to_owned(), part: Some(part.to_owned()) },
            None => Name { lab: text.to_owned(), part: None },
        }
    }
}

/// Labs, in the order of the course, and the parts of them that are wanted.
#[derive(Debug)]
pub(crate) struct Selection {
    pub(crate) labs: Vec<Lab>,
    named: Vec<Name>,
}

impl Selection {
    /// What these names select; everything where there is none.
    pub(crate) fn parse(course: &Course, names: &[String]) -> Result<Selection> {
        Selection::of(course, names.iter().map(|name| Name::parse(name)).collect())
    }

    /// The same, where of some labs only these checks are wanted.
    pub(crate) fn with_checks(course: &Course, names: &[String], checks: &[String]) -> Result<Selection> {
        let checks = checks.iter().map(|text| check_name(text)).collect::<Result<Vec<_>>>()?;
        let mut named: Vec<Name> = names.iter().map(|name| Name::parse(name)).collect();
        let stranger = checks.iter().find(|check| !named.iter().any(|name| name.lab == check.lab));
        if let (Some(check), false) = (stranger, named.is_empty()) {
            let part = check.part.as_deref().unwrap_or_default();
            let sentence = format!("the check {}/{part} is in none of the labs that are named", check.lab);
            bail!(ExitCode::Usage.because(sentence));
        }
        named.retain(|name| !checks.iter().any(|check| check.lab == name.lab));
        named.extend(checks);
        Selection::of(course, named)
    }

    fn of(course: &Course, named: Vec<Name>) -> Result<Selection> {
        let labs: Vec<String> = named.iter().map(|name| name.lab.clone()).collect();
        let selection = Selection { labs: course.select(&labs)?, named };
        for lab in &selection.labs {
            let parts = selection.named.iter().filter(|name| name.lab == lab.name);
            let mut parts = parts.filter_map(|name| name.part.as_deref());
            parts.try_for_each(|part| known_check(lab, part).map(drop))?;
        }
        Ok(selection)
    }

    /// Whether a check is wanted.
    pub(crate) fn holds(&self, lab: &str, check: &str) -> bool {
        let is_meant = |name: &Name| name.lab == lab && name.part.as_ref().is_none_or(|part| part == check);
        self.named.is_empty() || self.named.iter().any(is_meant)
    }
}

fn check_name(text: &str) -> Result<Name> {
    let name = Name::parse(text);
    if name.part.is_none() {
        bail!(ExitCode::Usage.because(format!("`{text}` names no check; a check is named as LAB/ID")));
    }
    Ok(name)
}

/// The check of this id.
pub(crate) fn known_check<'a>(lab: &'a Lab, id: &str) -> Result<&'a Check> {
    lab.check(id).ok_or_else(|| {
        let known: Vec<String> = lab.checks.iter().map(|check| check.id.clone()).collect();
        let nothing = format!("{} has no check", lab.name);
        ExitCode::Usage.because(message::unknown_name(&nothing, id, "its checks are", &known)).into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lab_and_its_parts_are_named_as_they_are_typed() {
        let name = |lab: &str, part: Option<&str>| Name { lab: lab.into(), part: part.map(str::to_owned) };
        for text in ["pipes", "pipes/", "labs/pipes", "labs/pipes/"] {
            assert_eq!(Name::parse(text), name("pipes", None));
        }
        for text in ["pipes/ends-are-closed", "labs/pipes/ends-are-closed"] {
            assert_eq!(Name::parse(text), name("pipes", Some("ends-are-closed")));
        }
    }
}
