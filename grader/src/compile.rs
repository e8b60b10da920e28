//! The compiler, run once over everything that is staged, in a box if there is one.

use crate::build::Build;
pub use crate::build::{Compiled, Limit, Outcome};
use crate::cargo_home::{self, CargoHome};
use crate::enclosure::Enclosure;
use crate::policy::LINTS;
use crate::sandbox::Level;
use crate::signals;
use crate::stage::{Package, Stage};
use anyhow::{Context, Result};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::ffi::OsString;
use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The processor time that the compiler may use for one package of a submission. The labs take it under a second; a busy
/// machine takes longer, but uses no more of it. The grader's own packages take what they need.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The compiler of this machine.
pub struct Compiler {
    cargo: PathBuf,
    clippy: Option<PathBuf>,
    enclosure: Option<Enclosure>,
    patience: Duration,
    incremental: bool,
    dependency: Box<dyn Fn(&str) + Send + Sync>,
}

impl Compiler {
    /// Looks for cargo, and for clippy beside it. `patience` is the processor time for each package of a submission.
    pub fn find(patience: Duration) -> Compiler {
        let named = std::env::var_os("CARGO").map(PathBuf::from).filter(|cargo| cargo.is_absolute());
        let cargo = named.or_else(in_sysroot).unwrap_or_else(|| PathBuf::from("cargo"));
        let clippy = Some(cargo.with_file_name("clippy-driver")).filter(|path| path.is_file());
        Compiler { cargo, clippy, enclosure: None, patience, incremental: true, dependency: Box::new(|_| {}) }
    }

    /// Calls `dependency` with the name of each package that has to be compiled before the submissions can be.
    pub fn telling(self, dependency: impl Fn(&str) + Send + Sync + 'static) -> Compiler {
        Compiler { dependency: Box::new(dependency), ..self }
    }

    /// Kept from the machine at this level, and to its limits; `grader` is the grader's own program. Without, it is for
    /// files that are trusted.
    pub fn enclosed(self, grader: &Path, level: Level) -> Compiler {
        Compiler { enclosure: Some(Enclosure::new(grader, level)), ..self }
    }

    /// For many packages that are not edited and compiled again: what the compiler keeps in order to be faster the next
    /// time would cost more than the rest.
    pub fn for_many(self) -> Compiler {
        Compiler { incremental: false, ..self }
    }

    /// A compiler without clippy, which sees no violation.
    pub fn without_clippy(self) -> Compiler {
        Compiler { clippy: None, ..self }
    }

    /// What cargo says of its version; none where there is no cargo.
    pub(crate) fn version(&self) -> Option<String> {
        let output = Command::new(&self.cargo).arg("--version").output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Whether violations of a lab's policy are seen.
    pub(crate) fn sees_violations(&self) -> bool {
        self.clippy.is_some()
    }

    /// Compiles the packages and tells `each` what became of them, by their number, as soon as it is known.
    pub fn compile(
        &self,
        stage: &Stage,
        packages: &[Package],
        mut each: impl FnMut(usize, Compiled),
    ) -> Result<()> {
        stage.write(packages)?;
        let mut cargo = self.start(stage, packages)?;
        let mut build = Build::new(stage.dir(), packages);
        let end =
            build.follow(cargo.stdout.take().expect("cargo's stdout is a pipe"), &self.dependency, &mut each);
        // By now cargo has ended or overstayed; with it goes every compiler it started.
        let _ = killpg(Pid::from_raw(cargo.id() as i32), Signal::SIGKILL);
        cargo.wait().context("cannot wait for cargo")?;
        let log = std::fs::read_to_string(log_of(stage)).unwrap_or_default();
        build.finish(end?, &log, &mut each)
    }

    fn start(&self, stage: &Stage, packages: &[Package]) -> Result<Child> {
        let prepare = || {
            stage.clear_room()?;
            let path = log_of(stage);
            let log = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
            Ok((log, CargoHome::make(stage)?))
        };
        let (log, home) = prepare().map_err(|error| stage.unusable(error))?;
        let mut command = self.cargo_for(stage, &home)?;
        command.args([
            "build",
            "--message-format=json-diagnostic-rendered-ansi",
            "--keep-going",
            "--offline",
        ]);
        command.arg("--manifest-path").arg(stage.dir().join("Cargo.toml"));
        command.arg("--target-dir").arg(stage.dir().join("target"));
        command.args(packages.iter().flat_map(|package| ["-p".to_owned(), package.driver()]));
        // Cargo looks for configuration in its directory and in all above it: there is none above this one.
        command.current_dir("/").process_group(0);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        heed_signals(&mut command);
        command.spawn().with_context(|| format!("cannot start {}", self.cargo.display()))
    }

    /// Cargo, enclosed or not, in an environment that has nothing of the user's but where the linker is found.
    fn cargo_for(&self, stage: &Stage, home: &CargoHome) -> Result<Command> {
        let mut command = match &self.enclosure {
            Some(enclosure) => enclosure.command(&self.cargo, home, stage)?,
            None => Command::new(&self.cargo),
        };
        command.env_clear().env("PATH", path()).env("CARGO_HOME", &home.dir).env("TMPDIR", stage.room());
        command.env("RUSTC", self.cargo.with_file_name("rustc"));
        match &self.enclosure {
            Some(enclosure) => {
                let clippy = self.clippy.as_deref();
                let own = enclosure.environment(&self.cargo, clippy, home, stage, self.patience)?;
                command.envs(own);
            }
            None => drop(command.envs(self.clippy.iter().map(|clippy| ("RUSTC_WORKSPACE_WRAPPER", clippy)))),
        }
        self.set_flags(&mut command);
        Ok(command)
    }

    /// The environment outranks every configuration file.
    fn set_flags(&self, command: &mut Command) {
        let warn = LINTS.map(|lint| format!("--force-warn={lint}")).join("\x1f");
        command.env("CARGO_ENCODED_RUSTFLAGS", format!("-Aclippy::all\x1f{warn}"));
        command.env("CARGO_INCREMENTAL", if self.incremental { "1" } else { "0" });
        command.env("CARGO_TERM_COLOR", "never");
    }
}

/// Cargo itself: the one of rustup's name starts another, as the user's settings have it.
fn in_sysroot() -> Option<PathBuf> {
    let of_user = cargo_home::users().map(|home| home.join("bin/rustc"));
    [Some(PathBuf::from("rustc")), of_user].into_iter().flatten().find_map(|rustc| {
        let output = Command::new(rustc).args(["--print", "sysroot"]).output().ok()?;
        let sysroot = String::from_utf8(output.stdout).ok()?;
        Some(Path::new(sysroot.trim()).join("bin/cargo")).filter(|cargo| cargo.is_file())
    })
}

/// Where the linker is looked for: as the grader's user looks for it, and then where it usually is.
fn path() -> OsString {
    let named = std::env::var_os("PATH").filter(|path| !path.is_empty());
    let mut path = named.map_or_else(OsString::new, |mut path| {
        path.push(":");
        path
    });
    path.push("/usr/local/bin:/usr/bin:/bin");
    path
}

fn log_of(stage: &Stage) -> PathBuf {
    stage.dir().join("cargo.log")
}

/// Cargo waits for the end of compilers, which it does not hear of where that signal is ignored.
fn heed_signals(command: &mut Command) {
    let enter = || {
        signals::restore();
        Ok(())
    };
    // SAFETY: between fork and exec, `enter` makes system calls and touches nothing that another thread may hold.
    unsafe { command.pre_exec(enter) };
}
