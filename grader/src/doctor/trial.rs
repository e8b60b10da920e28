//! What checks do, tried as a check: in a supervisor of its own, at a level, with a program that is under its control.

use super::subject::{ARGUMENT, Task};
use crate::check::{Finding, Status};
use crate::process::{Input, Launch, Limits, Trace};
use crate::sandbox::Level;
use crate::scene::{Address, Failed, Program, Scene};
use crate::supervisor::{Job, Supervisors};
use crate::trace::{Call, Fault, Rule};
use nix::errno::Errno;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

/// What trials are called in the place of a lab.
pub(crate) const LAB: &str = "doctor";

/// One thing that checks do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trial {
    /// A program starts, and is heard of.
    Starts,
    /// A call of a program is made to fail.
    Traces,
    /// A program that waits is seen to wait.
    SeesCalls,
    /// A program that listens is seen to listen, without being disturbed.
    SeesSockets,
    /// A client reaches a program.
    Connects,
    /// The same by IPv6.
    ConnectsByV6,
    /// A program that has just been compiled runs.
    RunsCompiled,
}

/// What a program says that was compiled for [`Trial::RunsCompiled`].
pub(super) const GREETING: &str = "compiled";

impl Trial {
    const ALL: [(Trial, &str); 7] = [
        (Trial::Starts, "starts"),
        (Trial::Traces, "traces"),
        (Trial::SeesCalls, "sees-calls"),
        (Trial::SeesSockets, "sees-sockets"),
        (Trial::Connects, "connects"),
        (Trial::ConnectsByV6, "connects-by-v6"),
        (Trial::RunsCompiled, "runs-compiled"),
    ];

    /// Makes the trial at a level: none, or what stands against it. `program` is the grader itself, or the compiled one.
    pub(super) fn obstacle(self, supervisors: &Supervisors, level: Level, program: &Path) -> Option<String> {
        let name = Trial::ALL.iter().find(|(trial, _)| *trial == self).map_or("", |(_, name)| name);
        let job = Job {
            lab: LAB.to_owned(),
            check: name.to_owned(),
            driver: program.to_owned(),
            source: Default::default(),
            limits: Limits::default(),
            offline: false,
        };
        let finding = supervisors.run(level, &job);
        (finding.status != Status::Pass).then_some(finding.seen.unwrap_or(finding.summary))
    }
}

/// Plays the trial that a job names.
pub(crate) fn play(job: &Job, scene: &mut Scene) -> Finding {
    let trial = Trial::ALL.iter().find(|(_, name)| *name == job.check).map(|(trial, _)| *trial);
    scene.judge(|scene| {
        match trial {
            None => Err(Failed::unchecked("There is no such trial.")),
            Some(Trial::Starts) => hears(scene, Task::Answer, Trace::default(), 0),
            Some(Trial::Traces) => {
                let fails = Rule::new(Call::Pipe, Fault::Fails(Errno::EMFILE));
                hears(scene, Task::Pipe, Trace::with([fails]), -(Errno::EMFILE as i32))
            }
            Some(Trial::SeesCalls) => sees_calls(scene),
            Some(Trial::SeesSockets) => sees_sockets(scene),
            Some(Trial::Connects) => connects(scene, Ipv4Addr::LOCALHOST.into()),
            Some(Trial::ConnectsByV6) => connects(scene, Ipv6Addr::LOCALHOST.into()),
            Some(Trial::RunsCompiled) => runs_compiled(scene, &job.driver),
        }
        .map(|()| String::new())
    })
}

fn subject(task: Task) -> Launch {
    Launch::driver("program", &task).arguments([ARGUMENT])
}

/// Behind the fence, where nothing is to strike: a machine that traces nothing starts programs all the same.
fn hears(scene: &mut Scene, task: Task, trace: Trace, wanted: i32) -> Result<(), Failed> {
    let launch = if trace.rules.is_empty() { subject(task).fenced() } else { subject(task).traced(trace) };
    let program = scene.start(launch)?;
    let said: i32 = scene.record(program)?;
    scene.require(said == wanted, "grader", format!("expects {wanted}"), &format!("{said} came"))?;
    scene.expect_done(program)
}

fn sees_calls(scene: &mut Scene) -> Result<(), Failed> {
    let program = scene.start(subject(Task::Wait).input(Input::Fed))?;
    let seen = scene.at_rest(program)?;
    let waits = seen.processes.iter().any(|process| !process.threads.is_empty());
    scene.require(waits, "grader", "sees the program wait", "nothing of it is seen")?;
    scene.end_input(program);
    scene.expect_done(program)
}

/// A program that listens, and where.
fn serves(scene: &mut Scene, address: IpAddr) -> Result<(Program, Address), Failed> {
    let program = scene.start(subject(Task::Serve(address)))?;
    let said: i32 = scene.record(program)?;
    let Ok(port) = u16::try_from(said) else {
        let errno = Errno::from_raw(-said);
        return Err(Failed::unchecked(format!("a program cannot listen at {address}: {}", errno.desc())));
    };
    Ok((program, Address::Inet(SocketAddr::new(address, port))))
}

fn sees_sockets(scene: &mut Scene) -> Result<(), Failed> {
    let (program, address) = serves(scene, Ipv4Addr::LOCALHOST.into())?;
    scene.expect_listening(program, address)
}

fn connects(scene: &mut Scene, address: IpAddr) -> Result<(), Failed> {
    let (program, address) = serves(scene, address)?;
    let client = scene.connect(address)?;
    scene.send(client, b"hello")?;
    scene.half_close(client)?;
    scene.expect(client, b"hello")?;
    scene.expect_done(program)
}

fn runs_compiled(scene: &mut Scene, program: &Path) -> Result<(), Failed> {
    let program = scene.start(Launch::program("program", program))?;
    scene.expect_output(program, GREETING.as_bytes())?;
    scene.expect_end_of(program).map(drop)
}
