//! The directory that `--submission` names: it has to hold labs. One that lies a level above or below is told from one in which
//! the labs are missing.

use crate::course::Course;
use crate::exit_code::ExitCode;
use crate::lab::Lab;
use anyhow::{Result, bail};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The directory of the submission; the course's labs where none is named.
pub(super) fn submission(course: &Course, named: Option<&Path>, labs: &[Lab]) -> Result<PathBuf> {
    let Some(dir) = named else {
        return Ok(relative(course.labs_dir()));
    };
    if let Err(error) = fs::read_dir(dir) {
        bail!(ExitCode::Usage.because(unusable(dir, &error)));
    }
    if let Some(sentence) = misplaced(dir, labs) {
        bail!(ExitCode::Usage.because(sentence));
    }
    Ok(dir.to_owned())
}

fn unusable(dir: &Path, error: &io::Error) -> String {
    let shown = dir.display();
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            format!("{shown} is no directory; --submission takes one that holds the labs, as labs/ does")
        }
        _ => format!(
            "{shown} cannot be read: {error}. Allow the user of the grader to read and to enter it (`chmod u+rx`), or give \
             another directory to --submission"
        ),
    }
}

/// Where the labs are instead, if they are near.
fn misplaced(dir: &Path, labs: &[Lab]) -> Option<String> {
    if labs.iter().any(|lab| holds(dir, lab)) {
        return None;
    }
    let found = |lab: &Lab, what: &str, there: &Path| {
        let (dir, name, there) = (dir.display(), &lab.name, there.display());
        format!(
            "{dir} does not hold the lab {name}: {what}. --submission takes the directory that holds the labs' directories: \
             give --submission {there}"
        )
    };
    if let Some((lab, below)) = below(dir, labs) {
        return Some(found(lab, &format!("it is one level down, in {}", below.display()), &below));
    }
    let own = dir.canonicalize().ok()?;
    for lab in labs {
        let (is, above) = match (is_source(&own, lab), is_lab(&own, lab)) {
            (true, _) => ("it is the directory with the lab's files", own.parent()?),
            (_, true) => ("it is the lab's own directory", own.as_path()),
            _ => continue,
        };
        if above.file_name().is_some_and(|name| *name == *lab.name) {
            return Some(found(lab, is, above.parent()?));
        }
        return Some(format!(
            "{} does not hold the lab {name}: {is}. Rename {} to {name}, and give the directory above it to --submission",
            dir.display(),
            above.display(),
            name = lab.name
        ));
    }
    None
}

fn holds(dir: &Path, lab: &Lab) -> bool {
    dir.join(&lab.name).symlink_metadata().is_ok()
}

/// The first directory in this one that holds a lab.
fn below<'a>(dir: &Path, labs: &'a [Lab]) -> Option<(&'a Lab, PathBuf)> {
    let mut inside: Vec<PathBuf> = fs::read_dir(dir).ok()?.flatten().map(|entry| entry.path()).collect();
    inside.sort();
    inside.into_iter().find_map(|inside| Some((labs.iter().find(|lab| holds(&inside, lab))?, inside)))
}

fn is_lab(dir: &Path, lab: &Lab) -> bool {
    lab.files.iter().all(|file| dir.join(file).is_file())
}

fn is_source(dir: &Path, lab: &Lab) -> bool {
    lab.files.iter().all(|file| file.strip_prefix("src/").is_some_and(|name| dir.join(name).is_file()))
}

/// As seen from the working directory.
fn relative(path: PathBuf) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    match pathdiff::diff_paths(&path, here) {
        Some(same) if same.as_os_str().is_empty() => PathBuf::from("."),
        Some(from_here) => from_here,
        None => path,
    }
}
