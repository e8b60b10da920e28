//! `grader restart`: the starter's files again. What the student wrote is kept beside them.

use crate::cli::Restart;
use crate::course::Course;
use crate::exit_code::ExitCode;
use crate::kept;
use crate::message;
use crate::starter::{self, Files};
use anyhow::{Result, bail};
use std::fs;
use std::path::Path;

pub(crate) fn run(course: &Course, arguments: &Restart) -> Result<ExitCode> {
    let lab = course.select(std::slice::from_ref(&arguments.lab))?.remove(0).name;
    if !course.solution_dir(&lab).is_dir() {
        bail!(ExitCode::Usage.because(message::no_starter(&lab)));
    }
    let mut files = starter::starter(course, &lab)?;
    if let Some(file) = &arguments.file {
        files = one(&lab, files, file)?;
    }
    let shown = Path::new("labs").join(&lab);
    let mut same = true;
    for (path, content) in &files {
        same &= !put_back(course, &shown.join(path), content)?;
    }
    if same {
        anstream::println!("{}", message::nothing_to_restart(&shown, arguments.file.as_deref()));
    }
    Ok(ExitCode::Full)
}

/// The starter's file of this name: below the lab's directory, below the course's, or without any directory.
fn one(lab: &str, files: Files, file: &str) -> Result<Files> {
    let below = Path::new(file.trim_start_matches("./"));
    let below = below.strip_prefix(Path::new("labs").join(lab)).unwrap_or(below);
    let known: Vec<String> = files.keys().map(|path| path.display().to_string()).collect();
    let found: Files = files.into_iter().filter(|(path, _)| path.ends_with(below)).collect();
    if found.len() != 1 {
        let nothing = format!("the starter of {lab} has no file");
        bail!(ExitCode::Usage.because(message::unknown_name(&nothing, file, "its files are", &known)));
    }
    Ok(found)
}

/// Writes a file of the starter, and says where the old one is kept. Says whether anything was to be done.
fn put_back(course: &Course, shown: &Path, content: &[u8]) -> Result<bool> {
    let path = course.root().join(shown);
    if fs::read(&path).is_ok_and(|old| old == content) {
        return Ok(false);
    }
    let old = if path.symlink_metadata().is_ok() { Some(kept::keep(&path)?) } else { None };
    starter::write_file(&path, content)?;
    let kept = old.as_deref().and_then(|old| old.strip_prefix(course.root()).ok());
    anstream::println!("{}", message::restarted(shown, kept));
    Ok(true)
}
