//! What keeps the compiler from the machine: cargo sees what is staged and what that depends on, and the compiler of one
//! package nothing but its own. No variable of the grader's environment reaches them.

use crate::course::Course;
use crate::manifest;
use crate::sandbox::{self, Level, View};
use crate::stage::Stage;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The grader's own program, which becomes each of them in turn, and a level.
pub(crate) struct Enclosure {
    grader: PathBuf,
    level: Level,
}

impl Enclosure {
    pub(crate) fn new(grader: &Path, level: Level) -> Enclosure {
        Enclosure { grader: grader.to_owned(), level }
    }

    /// Cargo, to be given its arguments. The compiler has this much processor time for each package of a submission.
    pub(crate) fn command(
        &self,
        cargo: &Path,
        clippy: Option<&Path>,
        stage: &Stage,
        patience: Duration,
    ) -> Result<Command> {
        let given = given_to_all(cargo, stage.course())?;
        let view = self.view_of_cargo(given.clone(), stage);
        let mut command = sandbox::enclosed(&self.grader, self.level, view, stage.dir())?;
        let room = room(stage)?;
        let order = sandbox::RustcOrder {
            level: self.level,
            // The compiler adds the package itself.
            view: given.reading("/proc").writing(stage.dir().join("target")).writing(&room),
            clippy: clippy.map(Path::to_owned),
            patience,
        };
        command.arg(cargo).env_clear().env(sandbox::RUSTC, serde_json::to_string(&order)?);
        command.env("RUSTC", cargo.with_file_name("rustc")).env("RUSTC_WORKSPACE_WRAPPER", &self.grader);
        // The linker is found as the grader's user finds it.
        command.env("TMPDIR", &room).envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command.envs(cargo_home().map(|home| ("CARGO_HOME", home)));
        Ok(command)
    }

    fn view_of_cargo(&self, given: View, stage: &Stage) -> View {
        let root = stage.course().root();
        let own = ["Cargo.toml", ".cargo", "vendor", "grader/drivers"].map(|name| root.join(name));
        let config = cargo_home().map(|home| home.join("config.toml"));
        let view = own.into_iter().chain(config).fold(given, View::reading);
        view.reading(&self.grader).writing(stage.dir())
    }
}

/// The toolchain, and what labs depend on.
fn given_to_all(cargo: &Path, course: &Course) -> Result<View> {
    let toolchain = cargo.parent().and_then(Path::parent).map(Path::to_owned);
    let registry = cargo_home().map(|home| home.join("registry"));
    let local = manifest::local_dependencies(course)?.into_iter().map(|(_, dir)| dir);
    Ok(toolchain.into_iter().chain(registry).chain(local).fold(View::of_system(), View::reading))
}

fn cargo_home() -> Option<PathBuf> {
    let named = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    named.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")))
}

/// For temporary files; those of a compiler that was killed go now.
fn room(stage: &Stage) -> Result<PathBuf> {
    let room = stage.dir().join("tmp");
    let _ = fs::remove_dir_all(&room);
    fs::create_dir_all(&room).with_context(|| format!("cannot create {}", room.display()))?;
    Ok(room)
}
