//! The compiler, run once over everything that is staged.

use crate::diagnostic::{Diagnostic, Line};
use crate::policy::{LINTS, Violation};
use crate::stage::{Package, Stage};
use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// The processor time that one run of the compiler may use. The labs take it under a second; a busy machine takes longer,
/// but uses no more of it.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// How long the compiler may finish nothing at all, whatever it waits for.
const STANDSTILL: Duration = Duration::from_secs(600);

/// The target directory for packages that are edited and compiled again.
const EDITED: &str = "target";
/// The one for packages that are not.
const MANY: &str = "target-many";

/// What became of one package.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The program, or why there is none.
    pub outcome: Outcome,
    /// What the student's files use although the lab forbids it.
    pub violations: Vec<Violation>,
}

/// Whether there is a program.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// There is: this one.
    Built(PathBuf),
    /// The compiler's messages, as it shows them, and the files of the lab they point to.
    Refused {
        /// In colour, with the compiler's name for the lab's directory, see [`Package::prefix`].
        messages: Vec<String>,
        /// Such as `src/buffer.rs`.
        files: BTreeSet<String>,
        /// Whether it is the driver that was refused: the lab is sound in itself, but not what the driver calls.
        driver: bool,
    },
    /// The compiler used up its processor time or its stack.
    TimedOut,
}

/// The compiler of this machine.
pub struct Compiler {
    cargo: PathBuf,
    clippy: Option<PathBuf>,
    patience: Duration,
    target: &'static str,
}

impl Compiler {
    /// Looks for cargo, and for clippy beside it. `patience` is the processor time for each run of the compiler.
    pub fn find(patience: Duration) -> Compiler {
        let cargo = std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from);
        let beside = cargo.with_file_name("clippy-driver");
        let clippy = if cargo.is_absolute() { Some(beside) } else { in_sysroot() };
        Compiler { cargo, clippy: clippy.filter(|path| path.is_file()), patience, target: EDITED }
    }

    /// For many packages that are not edited and compiled again: what the compiler keeps in order to be faster the next
    /// time would cost more than the rest. Directories are kept apart, since one setting would undo the other's work.
    pub fn for_many(self) -> Compiler {
        Compiler { target: MANY, ..self }
    }

    /// A compiler without clippy, which sees no violation.
    pub fn without_clippy(self) -> Compiler {
        Compiler { clippy: None, ..self }
    }

    /// Whether violations of a lab's policy are seen.
    pub fn sees_violations(&self) -> bool {
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
        let lines = lines(cargo.stdout.take().expect("cargo's stdout is a pipe"));
        let mut build = Build::new(stage.dir(), packages);
        let end = build.follow(&lines, &mut each);
        // By now cargo has ended or overstayed; with it goes every compiler it started.
        let _ = killpg(Pid::from_raw(cargo.id() as i32), Signal::SIGKILL);
        cargo.wait().context("cannot wait for cargo")?;
        build.finish(end, &log_of(stage), each)
    }

    fn start(&self, stage: &Stage, packages: &[Package]) -> Result<Child> {
        let log = File::create(log_of(stage)).context("cannot write cargo's log")?;
        let mut command = Command::new(&self.cargo);
        command.args([
            "build",
            "--message-format=json-diagnostic-rendered-ansi",
            "--keep-going",
            "--offline",
            "--target-dir",
            self.target,
        ]);
        command.args(packages.iter().flat_map(|package| ["-p".to_owned(), package.driver()]));
        command.current_dir(stage.dir()).process_group(0);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        self.set_environment(&mut command);
        limit_processor_time(&mut command, self.patience);
        command.spawn().with_context(|| format!("cannot start {}", self.cargo.display()))
    }

    /// The environment outranks every configuration file, so these settings hold wherever the course lies.
    fn set_environment(&self, command: &mut Command) {
        let warn = LINTS.map(|lint| format!("--force-warn={lint}")).join("\x1f");
        command.env("CARGO_ENCODED_RUSTFLAGS", format!("-Aclippy::all\x1f{warn}"));
        command.env("CARGO_INCREMENTAL", if self.target == EDITED { "1" } else { "0" });
        command.env("CARGO_TERM_COLOR", "never").env_remove("RUSTC_WRAPPER").env_remove("CLIPPY_CONF_DIR");
        match &self.clippy {
            Some(clippy) => command.env("RUSTC_WORKSPACE_WRAPPER", clippy),
            None => command.env_remove("RUSTC_WORKSPACE_WRAPPER"),
        };
    }
}

fn in_sysroot() -> Option<PathBuf> {
    let output = Command::new("rustc").args(["--print", "sysroot"]).output().ok()?;
    let sysroot = String::from_utf8(output.stdout).ok()?;
    Some(Path::new(sysroot.trim()).join("bin/clippy-driver"))
}

fn log_of(stage: &Stage) -> PathBuf {
    stage.dir().join("cargo.log")
}

fn lines(stdout: ChildStdout) -> Receiver<Line> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            // Only cargo's own lines are JSON; a macro of the student's may print others.
            let Ok(line) = serde_json::from_str(&line) else {
                continue;
            };
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

#[derive(Clone, Copy)]
enum End {
    Finished,
    BrokeOff,
    TimedOut,
}

/// What is known so far of a build.
struct Build<'a> {
    dir: &'a Path,
    packages: &'a [Package<'a>],
    known: Vec<Known>,
}

#[derive(Default)]
struct Known {
    messages: Vec<String>,
    files: BTreeSet<String>,
    driver: bool,
    violations: Vec<Violation>,
    told: bool,
}

impl<'a> Build<'a> {
    fn new(dir: &'a Path, packages: &'a [Package<'a>]) -> Build<'a> {
        let known = packages.iter().map(|_| Known::default()).collect();
        Build { dir, packages, known }
    }

    fn follow(&mut self, lines: &Receiver<Line>, each: &mut impl FnMut(usize, Compiled)) -> End {
        loop {
            match lines.recv_timeout(STANDSTILL) {
                Ok(Line::CompilerMessage { manifest_path, message }) => self.note(&manifest_path, message),
                Ok(Line::CompilerArtifact { manifest_path, executable: Some(program) }) => {
                    if let Some(number) = self.number(&manifest_path) {
                        self.tell(number, Outcome::Built(program), each);
                    }
                }
                Ok(Line::BuildFinished {}) => return End::Finished,
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => return End::TimedOut,
                Err(RecvTimeoutError::Disconnected) => return End::BrokeOff,
            }
        }
    }

    fn finish(mut self, end: End, log: &Path, mut each: impl FnMut(usize, Compiled)) -> Result<()> {
        for number in 0..self.packages.len() {
            let known = &mut self.known[number];
            if known.told {
                continue;
            }
            let (messages, files) = (std::mem::take(&mut known.messages), std::mem::take(&mut known.files));
            let driver = known.driver;
            let outcome = match (end, refusal(&read(log), &self.packages[number])) {
                (End::TimedOut, _) | (_, Some(Refusal::GivenUp)) => Outcome::TimedOut,
                (_, Some(Refusal::Plain)) => Outcome::Refused { messages, files, driver },
                (_, None) => bail!("cargo did not compile {}:\n{}", self.packages[number].name(), read(log)),
            };
            self.tell(number, outcome, &mut each);
        }
        Ok(())
    }

    fn note(&mut self, manifest: &Path, message: Diagnostic) {
        let Some(number) = self.number(manifest) else {
            return;
        };
        let (package, known) = (&self.packages[number], &mut self.known[number]);
        let mut places = message.places(&package.prefix());
        places.retain(|(file, _)| package.lab.files.contains(file));
        if message.is_error() {
            known.messages.extend(message.rendered);
            known.driver |= manifest.starts_with(self.dir.join("drivers"));
            known.files.extend(places.into_iter().map(|(file, _)| file));
        } else if message.code.is_some_and(|code| LINTS.contains(&code.code.as_str()))
            && let Some((file, line)) = places.into_iter().next()
        {
            known.violations.extend(Violation::new(package.lab, &message.message, file, line));
        }
    }

    fn tell(&mut self, number: usize, outcome: Outcome, each: &mut impl FnMut(usize, Compiled)) {
        let known = &mut self.known[number];
        known.told = true;
        each(number, Compiled { outcome, violations: std::mem::take(&mut known.violations) });
    }

    /// Whose manifest it is: a package's own, or its driver's.
    fn number(&self, manifest: &Path) -> Option<usize> {
        let name = manifest.strip_prefix(self.dir).ok()?.components().nth(1)?.as_os_str();
        self.packages.iter().position(|package| *package.name() == *name)
    }
}

/// How cargo says that a package was not compiled.
enum Refusal {
    Plain,
    /// The compiler used up its processor time or its stack.
    GivenUp,
}

fn refusal(log: &str, package: &Package) -> Option<Refusal> {
    let starts = [package.name(), package.driver()].map(|name| format!("`{name}`"));
    let mut parts = log.split("error: could not compile ");
    let part = parts.find(|part| starts.iter().any(|start| part.starts_with(start)))?;
    let signals = ["(signal: 24", "(signal: 11", "(signal: 6"];
    Some(if signals.iter().any(|signal| part.contains(signal)) { Refusal::GivenUp } else { Refusal::Plain })
}

/// Lets every process that the command starts have this much processor time, and no more. A compiler that outlives the
/// grader ends by that, too.
fn limit_processor_time(command: &mut Command, time: Duration) {
    let limit = libc::rlimit { rlim_cur: time.as_secs(), rlim_max: time.as_secs() + 1 };
    let enter = move || {
        // SAFETY: `limit` is a live rlimit, which the call only reads.
        match unsafe { libc::setrlimit(libc::RLIMIT_CPU, &limit) } {
            0 => Ok(()),
            _ => Err(std::io::Error::last_os_error()),
        }
    };
    // SAFETY: between fork and exec, `enter` makes one system call and touches nothing that another thread may hold.
    unsafe { command.pre_exec(enter) };
}

fn read(log: &Path) -> String {
    std::fs::read_to_string(log).unwrap_or_default()
}
