//! One run of cargo, followed message by message: what becomes of each package.

use crate::dep_info;
use crate::diagnostic::{Diagnostic, Line};
use crate::message;
use crate::policy::{LINTS, Violation};
use crate::report::Message;
use crate::stage::Package;
use crate::trouble::Trouble;
use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::ChildStdout;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// How long the compiler may finish nothing at all, whatever it waits for, once it is at the submissions. What they depend on
/// takes as long as it takes: a first build on a slow machine is no failure.
const STANDSTILL: Duration = Duration::from_secs(600);
/// How long it may take to end once all is built: it writes down what it has learned of itself, for the next time.
const PARTING: Duration = Duration::from_secs(2);

/// What became of one package.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The program, or why there is none.
    pub outcome: Outcome,
    /// What the student's files use although the lab forbids it.
    pub violations: Vec<Violation>,
    /// What the compiler warns of in the lab's files.
    pub warnings: Vec<Warning>,
}

/// A warning of the compiler's.
#[derive(Clone, Debug)]
pub struct Warning {
    /// Such as `src/buffer.rs`.
    pub file: String,
    /// The lint's name: `unused_must_use`.
    pub lint: String,
    /// As the compiler shows it, see [`Package::prefix`]; empty where there was too much to keep.
    pub text: String,
}

/// Whether there is a program.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// There is: this one.
    Built(PathBuf),
    /// The compiler's messages, as it shows them, and the files of the lab they point to.
    Refused {
        /// In colour, with the compiler's name for the lab's directory, see [`Package::prefix`].
        messages: Vec<Message>,
        /// Such as `src/buffer.rs`, with the lines of errors in it.
        files: BTreeMap<String, BTreeSet<u32>>,
        /// Whether it is the driver that was refused: the lab is sound in itself, but not what the driver calls.
        driver: bool,
    },
    /// The compiler came to this limit.
    Limit(Limit),
}

/// What the compiler may not have more of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Processor time.
    Time,
    /// Its stack: what it reads nests too deeply.
    Stack,
    /// Address space.
    Memory,
    /// Bytes in one file that it writes.
    File,
}

/// How a build came to its end.
#[derive(Clone, Copy)]
pub(crate) enum End {
    Finished,
    BrokeOff,
    TimedOut,
}

/// What is known so far of a build.
pub(crate) struct Build<'a> {
    dir: &'a Path,
    packages: &'a [Package<'a>],
    known: Vec<Known>,
    /// The compiler's errors in packages that no student wrote.
    of_course: Vec<String>,
}

/// How many bytes of the compiler's messages are kept: more than anybody reads.
const MOST_SAID: usize = 64 << 10;

#[derive(Default)]
struct Known {
    messages: Vec<Message>,
    /// How many there were beyond those.
    unsaid: usize,
    files: BTreeMap<String, BTreeSet<u32>>,
    driver: bool,
    violations: Vec<Violation>,
    warnings: Vec<Warning>,
    told: bool,
}

impl Known {
    fn say(&mut self, mut message: String) {
        let said = self.messages.iter().map(|message| message.text.len());
        let room = MOST_SAID - said.sum::<usize>().min(MOST_SAID);
        match message.len() <= room {
            true => self.messages.push(Message::of_compiler(message)),
            false if self.messages.is_empty() => {
                message.truncate(message.floor_char_boundary(room));
                self.messages.push(Message::of_compiler(message + "\n"));
            }
            false => self.unsaid += 1,
        }
    }

    /// The messages, and a word on those that were left out.
    fn said(&mut self) -> Vec<Message> {
        let mut messages = std::mem::take(&mut self.messages);
        messages.extend((self.unsaid > 0).then(|| Message::of_grader(message::unsaid(self.unsaid))));
        messages
    }

    fn warn(&mut self, file: String, lint: String, text: String) {
        let kept: usize = self.warnings.iter().map(|warning| warning.text.len()).sum();
        let text = if kept + text.len() <= MOST_SAID { text } else { String::new() };
        self.warnings.push(Warning { file, lint, text });
    }
}

impl<'a> Build<'a> {
    pub(crate) fn new(dir: &'a Path, packages: &'a [Package<'a>]) -> Build<'a> {
        let known = packages.iter().map(|_| Known::default()).collect();
        Build { dir, packages, known, of_course: Vec::new() }
    }

    /// Tells `each` of every program as soon as it is there, up to the end of the build, and `dependency` of what had to be
    /// compiled before.
    pub(crate) fn follow(
        &mut self,
        stdout: ChildStdout,
        dependency: &dyn Fn(&str),
        each: &mut impl FnMut(usize, Compiled),
    ) -> Result<End> {
        let lines = lines(stdout);
        let mut patience = Duration::MAX;
        loop {
            let line = lines.recv_timeout(patience);
            match line {
                Ok(Line::CompilerMessage { manifest_path, message }) => self.note(&manifest_path, message),
                Ok(Line::CompilerArtifact { manifest_path, target, fresh, executable, filenames }) => {
                    let Some(number) = self.number(&manifest_path) else {
                        if !fresh && !target.is_build_script() {
                            dependency(&target.name);
                        }
                        continue;
                    };
                    patience = STANDSTILL;
                    match executable {
                        None => self.look_into(number, &manifest_path, &filenames)?,
                        Some(program) => self.tell(number, Outcome::Built(program), each),
                    }
                }
                Ok(Line::BuildFinished {}) => patience = PARTING,
                Ok(_) => {}
                Err(_) if patience == PARTING => return Ok(End::Finished),
                Err(RecvTimeoutError::Timeout) => return Ok(End::TimedOut),
                Err(RecvTimeoutError::Disconnected) => return Ok(End::BrokeOff),
            }
        }
    }

    /// Tells `each` why there is no program of the others. `log` is what cargo wrote beside its messages.
    pub(crate) fn finish(
        mut self,
        end: End,
        log: &str,
        each: &mut impl FnMut(usize, Compiled),
    ) -> Result<()> {
        for number in 0..self.packages.len() {
            let known = &mut self.known[number];
            if known.told {
                continue;
            }
            let (messages, files) = (known.said(), std::mem::take(&mut known.files));
            let driver = known.driver;
            let outcome = match (end, refusal(log, &self.packages[number])) {
                (_, Some(Refusal::At(limit))) => Outcome::Limit(limit),
                (_, Some(Refusal::Plain)) => Outcome::Refused { messages, files, driver },
                (End::TimedOut, None) => anyhow::bail!("{}:\n{log}", message::standstill(STANDSTILL)),
                (_, None) => {
                    let package = self.packages[number].name();
                    return Err(Trouble::new(package, self.dir, &self.of_course, log).into());
                }
            };
            self.tell(number, outcome, each);
        }
        Ok(())
    }

    fn note(&mut self, manifest: &Path, message: Diagnostic) {
        let Some(number) = self.number(manifest) else {
            if message.is_error() {
                self.of_course.extend(message.rendered);
            }
            return;
        };
        let (package, known) = (&self.packages[number], &mut self.known[number]);
        let mut places = message.places(&package.prefix());
        places.retain(|(file, _)| package.lab.files.contains(file));
        if message.is_error() {
            known.say(message.rendered.unwrap_or_default());
            known.driver |= manifest.starts_with(self.dir.join("drivers"));
            for (file, line) in places {
                known.files.entry(file).or_default().insert(line);
            }
        } else if let Some((file, line)) = places.into_iter().next() {
            let lint = message.lint();
            if LINTS.contains(&lint.as_str()) {
                known.violations.extend(Violation::new(package.lab, &message.message, file, line));
            } else if message.is_warning() {
                known.warn(file, lint, message.rendered.unwrap_or_default());
            }
        }
    }

    /// Whatever a lab was compiled from that is not its own is a violation, in whichever of its files that happened.
    fn look_into(&mut self, number: usize, manifest: &Path, written: &[PathBuf]) -> Result<()> {
        let Some(library) = written.first() else { return Ok(()) };
        let package = &self.packages[number];
        if manifest.starts_with(self.dir.join("labs"))
            && !dep_info::strangers(library, self.dir, package)?.is_empty()
        {
            let files = package.lab.files.iter();
            self.known[number].violations.extend(files.map(|file| Violation::other_file(file.clone())));
        }
        Ok(())
    }

    fn tell(&mut self, number: usize, outcome: Outcome, each: &mut impl FnMut(usize, Compiled)) {
        let known = &mut self.known[number];
        known.told = true;
        let (violations, warnings) =
            (std::mem::take(&mut known.violations), std::mem::take(&mut known.warnings));
        each(number, Compiled { outcome, violations, warnings });
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
    At(Limit),
}

fn refusal(log: &str, package: &Package) -> Option<Refusal> {
    let starts = [package.name(), package.driver()].map(|name| format!("`{name}`"));
    let mut parts = log.split("error: could not compile ");
    let part = parts.find(|part| starts.iter().any(|start| part.starts_with(start)))?;
    Some(limit(part, log).map_or(Refusal::Plain, Refusal::At))
}

/// What the compiler's end by a signal means. `log` has its last words.
fn limit(part: &str, log: &str) -> Option<Limit> {
    let number = part.split_once("(signal: ")?.1.split(|end: char| !end.is_ascii_digit()).next()?;
    let lacks_memory = || ["memory allocation of", "out of memory"].iter().any(|words| log.contains(words));
    Some(match number.parse().ok()? {
        libc::SIGXFSZ => Limit::File,
        libc::SIGABRT | libc::SIGSEGV if lacks_memory() => Limit::Memory,
        libc::SIGABRT | libc::SIGSEGV => Limit::Stack,
        libc::SIGXCPU | libc::SIGKILL => Limit::Time,
        _ => return None,
    })
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
