//! A small lab, compiled as labs are: staged, by cargo, under clippy, linked, and in a box if there is one.

use super::trial::GREETING;
use crate::build::Outcome;
use crate::compile::Compiler;
use crate::course::Course;
use crate::lab::Lab;
use crate::stage::{Package, Stage};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const LAB: &str = r#"
title = "Is anything compiled"
files = ["src/part.rs"]
[[forbid]]
type = "std::sync::Mutex"
reason = "it has to be seen"
[[check]]
id = "compiles"
points = 100
title = "It compiles"
function = "part"
hints = ["It does."]
"#;
const MANIFEST: &str = "[package]\nname = \"doctor\"\nversion = \"0.0.0\"\nedition = \"2024\"\n";
const LIBRARY: &str = "//! One number.\nmod part;\npub use part::part;\n";
/// It uses what is forbidden.
const PART: &str =
    "/// One.\npub fn part() -> u32 {\n    std::sync::Mutex::new(1).into_inner().unwrap_or(0)\n}\n";
const WORKSPACE: &str = "[workspace]\nmembers = []\n[workspace.dependencies]\n";
const LOCK: &str = "version = 4\n";

/// What has come of it, for as long as this value lives.
pub(super) struct Workshop {
    /// The program, or why there is none.
    pub(super) program: Result<PathBuf>,
    /// Whether clippy has seen what is forbidden.
    pub(super) sees_violations: bool,
    _dir: Option<TempDir>,
}

impl Workshop {
    /// Compiles the lab below the course's `target`, where submissions are compiled as well.
    pub(super) fn open(course: &Course, compiler: &Compiler) -> Workshop {
        let dir = match directory(course) {
            Ok(dir) => dir,
            Err(error) => return Workshop { program: Err(error), sees_violations: false, _dir: None },
        };
        let mut sees_violations = false;
        let program = compile(dir.path(), compiler, &mut sees_violations);
        Workshop { program, sees_violations, _dir: Some(dir) }
    }
}

fn directory(course: &Course) -> Result<TempDir> {
    let target = course.root().join("target");
    let made = fs::create_dir_all(&target)
        .and_then(|()| tempfile::Builder::new().prefix("doctor-").tempdir_in(&target));
    made.with_context(|| format!("cannot create a directory in {}", target.display()))
}

fn compile(dir: &Path, compiler: &Compiler, sees_violations: &mut bool) -> Result<PathBuf> {
    let course = Course::at(dir);
    let main = course.driver_dir("doctor").join("src/main.rs");
    write(&dir.join("Cargo.toml"), WORKSPACE)?;
    write(&dir.join("Cargo.lock"), LOCK)?;
    write(
        &main,
        &format!(
            "fn main() {{\n    print!(\"{{}}\", [\"\", \"{GREETING}\"][doctor::part() as usize]);\n}}\n"
        ),
    )?;
    let lab = Lab::parse("doctor", LAB)?;
    let files = [("Cargo.toml", MANIFEST), ("src/lib.rs", LIBRARY), ("src/part.rs", PART)];
    let files = files.map(|(path, text)| (PathBuf::from(path), text.as_bytes().to_vec())).into();
    let stage = Stage::open(&course, || {})?;
    let mut outcome = None;
    compiler.compile(&stage, &[Package { lab: &lab, key: "0".to_owned(), files }], |_, compiled| {
        *sees_violations = !compiled.violations.is_empty();
        outcome = Some(compiled.outcome);
    })?;
    match outcome.context("cargo said nothing of it")? {
        Outcome::Built(program) => Ok(program),
        Outcome::Limit(limit) => anyhow::bail!("the compiler came to a limit: {limit:?}"),
        Outcome::Refused { messages, .. } => {
            let said: String = messages.into_iter().map(|message| message.text).collect();
            anyhow::bail!("{}", anstream::adapter::strip_str(&said))
        }
    }
}

fn write(path: &Path, text: &str) -> Result<()> {
    let parent = path.parent().context("a file lies in a directory")?;
    fs::create_dir_all(parent)
        .and_then(|()| fs::write(path, text))
        .with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::PATIENCE;

    #[test]
    fn what_is_forbidden_is_seen_by_clippy_alone() {
        let dir = TempDir::new().expect("a directory");
        let course = Course::at(dir.path());
        let open = |compiler: Compiler| Workshop::open(&course, &compiler);
        let whole = open(Compiler::find(PATIENCE));
        assert!(whole.program.is_ok_and(|program| program.is_file()) && whole.sees_violations);
        let blind = open(Compiler::find(PATIENCE).without_clippy());
        assert!(blind.program.is_ok() && !blind.sees_violations);
    }
}
