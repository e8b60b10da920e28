//! The solutions on other machines: what the doctor says there, and which marks they get. `make test-machines`
//!
//! A machine is a file of this directory. This executable goes into it, as its first argument says, and becomes the grader
//! there. What this machine cannot give is skipped, and said.

mod calls;
mod entry;
mod machine;
mod root;
mod site;

use grader::sandbox::Level;
use machine::Machine;
use nix::unistd::geteuid;
use site::Site;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

const ENTER: &str = "__enter";
/// How an entry ends that this machine does not allow; the grader never ends so.
const NOT_ENTERED: u8 = 125;
/// The doctor takes two seconds, a grading ten; the first grading on a machine compiles what labs depend on.
const DOCTOR: Duration = Duration::from_secs(120);
const GRADING: Duration = Duration::from_secs(900);
/// The grader itself is compiled.
const FIRST: Duration = Duration::from_secs(1800);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [ENTER, file, root, shown, program, rest @ ..] => {
            let Machine { entry, .. } = Machine::read(file.into());
            let mut command = Command::new(program);
            let error = entry.exec(Path::new(root), Path::new(shown), command.args(rest));
            eprintln!("it cannot be entered: {error}");
            NOT_ENTERED.into()
        }
        ["--ignored", wanted @ ..] => run_all(wanted),
        _ => {
            println!("ignored: it takes minutes: `make test-machines`");
            ExitCode::SUCCESS
        }
    }
}

/// What came of one machine.
enum Outcome {
    /// With the marks, or that none were asked for.
    AsExpected(String),
    Otherwise(String),
    /// This machine cannot give what it takes.
    Skipped(String),
}

fn run_all(wanted: &[&str]) -> ExitCode {
    if geteuid().is_root() {
        root::own_mounts().expect("root has mounts of its own");
    }
    let site = Site::make().expect("there is room for the course");
    let mut failures = 0;
    let is_wanted =
        |machine: &&Machine| wanted.is_empty() || wanted.iter().any(|part| machine.name().contains(part));
    for machine in Machine::all().iter().filter(is_wanted) {
        let begun = Instant::now();
        let outcome = try_out(machine, &site).unwrap_or_else(|error| Outcome::Otherwise(error.to_string()));
        failures += usize::from(matches!(outcome, Outcome::Otherwise(_)));
        let (sign, words) = match outcome {
            Outcome::AsExpected(words) => ("ok", words),
            Outcome::Otherwise(words) => ("FAILED", words),
            Outcome::Skipped(words) => ("skipped", words),
        };
        let (name, seconds) = (machine.name(), begun.elapsed().as_secs());
        println!("{sign:8} {name:24} {words} ({seconds} s): {}", machine.what);
    }
    println!("\n{failures} failed");
    if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What this machine lacks to stand in for another one: a grading here needs what it is to need there.
fn out_of_reach(machine: &Machine, site: &Site) -> Option<String> {
    if machine.entry.needs_root() && !geteuid().is_root() {
        return Some("only root can make it".to_owned());
    }
    let possible = Level::possible(site.grader_program());
    let level = machine.expect.level.as_ref()?;
    if !possible.iter().any(|possible| possible.name() == level) {
        return Some(format!("this machine has no level `{level}`"));
    }
    let needs_ipv6 = machine.expect.doctor == 0;
    (needs_ipv6 && TcpListener::bind("[::1]:0").is_err()).then(|| "this machine has no IPv6".to_owned())
}

fn try_out(machine: &Machine, site: &Site) -> std::io::Result<Outcome> {
    let Machine { entry, expect, .. } = machine;
    if let Some(why) = out_of_reach(machine, site) {
        return Ok(Outcome::Skipped(why));
    }
    site.give(entry)?;
    if let Some(packages) = &entry.debian {
        if let Err(why) = root::unpack(&site.path("debian"), packages) {
            return Ok(Outcome::Skipped(why));
        }
        // The README's first step, which compiles the grader.
        let said = site.run(machine, &["make", "doctor"], FIRST)?;
        if said.code != Some(0) {
            return Ok(Outcome::Otherwise(format!(
                "make doctor: {:?}\n{}{}",
                said.code, said.stdout, said.stderr
            )));
        }
    }
    let doctor = site.grader(machine, &["doctor"], DOCTOR)?;
    if doctor.code == Some(NOT_ENTERED.into()) {
        return Ok(Outcome::Skipped(doctor.stderr.trim().to_owned()));
    }
    if let Err(why) = expect.of_doctor(&doctor) {
        return Ok(Outcome::Otherwise(why));
    }
    let Some(level) = &expect.level else { return Ok(Outcome::AsExpected("the doctor alone".to_owned())) };
    let grading = ["grade", "--submission", "solutions", "--format", "json"];
    Ok(match expect.of_grading(&site.grader(machine, &grading, GRADING)?) {
        Ok(marks) => Outcome::AsExpected(format!("{marks} at {level}")),
        Err(why) => Outcome::Otherwise(why),
    })
}
