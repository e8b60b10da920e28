//! What keeps the compiler from the machine: cargo sees what is staged and what that depends on, and the compiler of one
//! package nothing but its own. No variable of the grader's environment reaches them.

use crate::cargo_home::CargoHome;
use crate::course::Course;
use crate::manifest;
use crate::sandbox::{self, Level, View};
use crate::stage::Stage;
use anyhow::Result;
use std::ffi::OsString;
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

    /// Cargo, to be given its arguments and its environment.
    pub(crate) fn command(&self, cargo: &Path, home: &CargoHome, stage: &Stage) -> Result<Command> {
        let view = self.view_of_cargo(given_to_all(cargo, home, stage.course())?, stage);
        let mut command = sandbox::enclosed(&self.grader, self.level, view)?;
        command.arg(cargo);
        Ok(command)
    }

    /// What makes the grader the compiler of every package, and how it is to compile: with this much processor time for each
    /// package of a submission.
    pub(crate) fn environment(
        &self,
        cargo: &Path,
        clippy: Option<&Path>,
        home: &CargoHome,
        stage: &Stage,
        patience: Duration,
    ) -> Result<[(&'static str, OsString); 2]> {
        let given = given_to_all(cargo, home, stage.course())?;
        let order = sandbox::RustcOrder {
            level: self.level,
            // The compiler adds the package itself.
            view: given.reading("/proc").writing(stage.dir().join("target")).writing(stage.room()),
            clippy: clippy.map(Path::to_owned),
            patience,
        };
        let order = serde_json::to_string(&order)?.into();
        Ok([(sandbox::RUSTC, order), ("RUSTC_WORKSPACE_WRAPPER", self.grader.clone().into())])
    }

    fn view_of_cargo(&self, given: View, stage: &Stage) -> View {
        let root = stage.course().root();
        let own = ["Cargo.toml", "grader/drivers"].map(|name| root.join(name));
        let view = own.into_iter().fold(given, View::reading);
        view.reading(&self.grader).writing(stage.dir())
    }
}

/// The toolchain, and what labs depend on.
fn given_to_all(cargo: &Path, home: &CargoHome, course: &Course) -> Result<View> {
    let toolchain = cargo.parent().and_then(Path::parent).map(Path::to_owned);
    let local = manifest::local_dependencies(course)?.into_iter().map(|(_, dir)| dir);
    let packages = home.packages.iter().cloned();
    Ok(toolchain.into_iter().chain(packages).chain(local).fold(View::of_system(), View::reading))
}
