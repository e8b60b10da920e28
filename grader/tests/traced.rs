//! Programs whose calls are recorded and made to fail.
//!
//! This executable is the supervisor and the traced program as well, as its first argument says.

use grader::check::{Finding, Status};
use grader::process::{Ending, Launch, Limits, Trace};
use grader::sandbox::{self, Level};
use grader::scene::{Failed, Program, Scene};
use grader::supervisor::{ARGUMENT, Job, Supervisors, supervise};
use grader::trace::{Call, Fault, Kind, Outcome, Record, Role, Rule};
use nix::errno::Errno;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::{ForkResult, fork, pipe, read, write};
use protocol::driver::{Lab, Reporter};
use protocol::{Body, driver};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;

const PROGRAM: &str = "__program";
/// More than a pipe takes wholly or not at all.
const MUCH: [u8; 5_000] = [0; 5_000];
/// Several times as many calls as may move nothing.
const SINGLE_BYTES: i64 = 20_000;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some(ARGUMENT) => supervise(play),
        Some(sandbox::PROBE) => sandbox::probe(),
        Some(PROGRAM) => {
            behave();
            ExitCode::SUCCESS
        }
        wanted => run_all(wanted),
    }
}

fn run_all(wanted: Option<&str>) -> ExitCode {
    let mut failures = 0;
    let own = std::env::current_exe().expect("an executable");
    let wanted = || CASES.iter().filter(|(name, ..)| wanted.is_none_or(|part| name.contains(part)));
    let supervisors = Supervisors::start(&own).expect("they can be started");
    let levels = Level::possible(&own).into_iter();
    let cases = levels.flat_map(|level| wanted().map(move |case| (level, case)));
    for (level, (name, ..)) in cases.clone() {
        let (lab, check, source) = ("test".to_owned(), (*name).to_owned(), env!("CARGO_MANIFEST_DIR").into());
        let job = Job { lab, check, driver: own.clone(), source, limits: Limits::default(), offline: false };
        let finding = supervisors.run(level, &job);
        let passed = finding.status == Status::Pass;
        println!("{} {} {name}", if passed { "ok    " } else { "FAILED" }, level.name());
        if !passed {
            failures += 1;
            println!("{finding:#?}");
        }
    }
    println!("\n{} cases, {failures} failed", cases.count());
    if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn play(job: &Job, scene: &mut Scene) -> Finding {
    let (_, trace, judge) = CASES.iter().find(|(name, ..)| *name == job.check).expect("a case of this table");
    scene.judge(|scene| {
        let launch = Launch::driver("program", &job.check).arguments([PROGRAM]);
        let program = scene.start(launch.traced(trace()))?;
        judge(scene, program)
    })
}

/// The program: its task is the name of a case, and it says numbers.
struct Numbers;

impl Lab for Numbers {
    type Task = String;
    type Said = i64;
    fn read(line: &str) -> serde_json::Result<protocol::Job<String>> {
        serde_json::from_str(line)
    }
    fn write(body: &Body<i64>) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(body)
    }
}

fn behave() {
    let (case, mut reporter) = driver::start::<Numbers>();
    let (_, act) = ACTS.iter().find(|(name, _)| *name == case).expect("an act for the case");
    act(&mut reporter);
    reporter.done();
}

/// What a call has returned, or its error negated.
fn said<T: TryInto<i64>>(result: nix::Result<T>) -> i64 {
    result.map_or_else(|errno| -(errno as i64), |value| value.try_into().ok().expect("a small number"))
}

/// Between the call and the act.
fn retry<T>(call: &dyn Fn() -> nix::Result<T>) -> nix::Result<T> {
    call()
}

type Act = fn(&mut Reporter<Numbers>);
type Judge = fn(&mut Scene, Program) -> Result<String, Failed>;
type Traced = fn() -> Trace;

const ACTS: &[(&str, Act)] = &[
    ("a read comes out short", |reporter| {
        let (source, sink) = pipe().unwrap();
        write(&sink, b"hello").unwrap();
        let mut buffer = [0; 16];
        for _ in 0..2 {
            reporter.send(said(read(&source, &mut buffer)));
        }
    }),
    ("a call fails as often as it is told", |reporter| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let _client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        for _ in 0..3 {
            let result =
                listener.accept().map(|_| 0).map_err(|error| Errno::from_raw(error.raw_os_error().unwrap()));
            reporter.send(said(result));
        }
    }),
    ("only the kind of descriptor that is meant", |reporter| {
        let (source, sink) = pipe().unwrap();
        write(&sink, b"hello").unwrap();
        reporter.send(said(read(&source, &mut [0; 16])));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (accepted, _) = listener.accept().unwrap();
        write(&client, b"hello").unwrap();
        reporter.send(said(read(&accepted, &mut [0; 16])));
        write(&accepted, b"hello").unwrap();
        reporter.send(said(read(&client, &mut [0; 16])));
    }),
    ("only the process that is meant", |reporter| {
        let (source, sink) = pipe().unwrap();
        // SAFETY: this program has one thread.
        match unsafe { fork() }.unwrap() {
            ForkResult::Child => {
                let result = said(write(&sink, &MUCH));
                std::process::exit(result as i32);
            }
            ForkResult::Parent { child } => {
                let status = waitpid(child, None).unwrap();
                let code = if let nix::sys::wait::WaitStatus::Exited(_, code) = status { code } else { -1 };
                reporter.send(i64::from(code));
                reporter.send(said(write(&sink, &MUCH)));
                drop(source);
            }
        }
    }),
    ("a fork fails, and the next one does not", |reporter| {
        for _ in 0..2 {
            // SAFETY: this program has one thread.
            match unsafe { fork() } {
                Err(errno) => reporter.send(-(errno as i64)),
                Ok(ForkResult::Child) => std::process::exit(0),
                Ok(ForkResult::Parent { child }) => {
                    waitpid(child, None).unwrap();
                    reporter.send(0);
                }
            }
        }
    }),
    ("threads are traced, and fail by themselves", |reporter| {
        let (source, sink) = pipe().unwrap();
        let counts: Vec<i64> = (0..4)
            .map(|_| {
                let sink = sink.try_clone().unwrap();
                std::thread::spawn(move || said(write(&sink, &MUCH)))
            })
            .map(|thread| thread.join().unwrap())
            .collect();
        reporter.send(counts.iter().sum());
        drop(source);
    }),
    ("a signal interrupts a traced call", |reporter| {
        extern "C" fn nothing(_: libc::c_int) {}
        let action = SigAction::new(SigHandler::Handler(nothing), SaFlags::empty(), SigSet::empty());
        // SAFETY: the handler does nothing.
        unsafe { sigaction(Signal::SIGUSR1, &action) }.unwrap();
        let (source, _sink) = pipe().unwrap();
        reporter.send(0);
        reporter.send(said(read(&source, &mut [0; 1])));
    }),
    ("who handles no signal is not interrupted", |reporter| {
        let (source, sink) = pipe().unwrap();
        write(&sink, b"hello").unwrap();
        reporter.send(said(read(&source, &mut [0; 2])));
        extern "C" fn nothing(_: libc::c_int) {}
        let action = SigAction::new(SigHandler::Handler(nothing), SaFlags::empty(), SigSet::empty());
        // SAFETY: the handler does nothing.
        unsafe { sigaction(Signal::SIGUSR1, &action) }.unwrap();
        reporter.send(said(read(&source, &mut [0; 2])));
        SigSet::all().thread_block().unwrap();
        reporter.send(said(read(&source, &mut [0; 2])));
    }),
    ("another program runs, traced as well", |reporter| {
        let words = ["if=/dev/zero", "bs=5000", "count=1", "status=none"];
        let output = std::process::Command::new("dd").args(words).output().unwrap();
        reporter.send(output.stdout.len() as i64);
    }),
    ("a hundred calls at once come out right", |reporter| {
        let (source, sink) = pipe().unwrap();
        let threads: Vec<_> = (0..100)
            .map(|_| {
                let sink = sink.try_clone().unwrap();
                std::thread::spawn(move || (0..20).map(|_| said(write(&sink, b"12345678"))).sum::<i64>())
            })
            .collect();
        reporter.send(threads.into_iter().map(|thread| thread.join().unwrap()).sum());
        drop(source);
    }),
    ("what a pipe takes wholly is not cut", |reporter| {
        let (_source, sink) = pipe().unwrap();
        reporter.send(said(write(&sink, &MUCH[..libc::PIPE_BUF])));
        reporter.send(said(write(&sink, &MUCH)));
    }),
    ("a call is found in its line", |reporter| {
        let nested = || retry(&|| pipe());
        let (_source, _sink) = nested().unwrap();
        reporter.send(0);
    }),
    ("who waits is found in a line, though nobody records the call", |reporter| {
        let (source, _sink) = pipe().unwrap();
        std::thread::spawn(move || read(&source, &mut [0; 1]));
        let (_sender, receiver) = std::sync::mpsc::channel::<()>();
        reporter.send(0);
        let _ = receiver.recv();
    }),
    ("a call that does not return is seen", |reporter| {
        let (source, _sink) = pipe().unwrap();
        reporter.send(0);
        let _ = read(&source, &mut [0; 1]);
    }),
    ("bytes that move one by one are progress", |reporter| {
        let (source, sink) = pipe().unwrap();
        let moved = || write(&sink, b"a").unwrap() + read(&source, &mut [0; 1]).unwrap();
        let moved: usize = (0..SINGLE_BYTES).map(|_| moved()).sum();
        reporter.send(moved as i64);
    }),
    ("end of file again and again is no progress", |_| {
        let (source, _) = pipe().unwrap();
        while read(&source, &mut [0; 1]) == Ok(0) {}
    }),
    ("waiting without blocking is no progress", |_| {
        while let Ok(_) | Err(Errno::ECHILD) = waitpid(None, Some(WaitPidFlag::WNOHANG)) {}
    }),
    ("bytes that move without end are no progress", |_| {
        let (source, sink) = pipe().unwrap();
        while write(&sink, &MUCH).and_then(|_| read(&source, &mut MUCH.clone())).is_ok() {}
    }),
];

const CASES: &[(&str, Traced, Judge)] = &[
    (
        "a read comes out short",
        || Trace::with([Rule::new(Call::Read, Fault::Short(3)).on(Kind::Pipe)]),
        |scene, program| says(scene, program, &[3, 2]),
    ),
    (
        "a call fails as often as it is told",
        || Trace::with([Rule::new(Call::Accept, Fault::Fails(Errno::EMFILE)).times(1, 2)]),
        |scene, program| {
            says(scene, program, &[-24, -24, 0])?;
            let failed = |record: &&Record| record.call == Call::Accept && record.fault.is_some();
            expect(scene.calls().iter().filter(failed).count() == 2, "both are recorded")
        },
    ),
    (
        "only the kind of descriptor that is meant",
        || Trace::with([Rule::new(Call::Read, Fault::Fails(Errno::EINTR)).on(Kind::Accepted).times(1, 9)]),
        |scene, program| says(scene, program, &[5, -4, 5]),
    ),
    (
        "only the process that is meant",
        || Trace::with([Rule::new(Call::Write, Fault::Short(2)).by(Role::Child).times(1, 9)]),
        |scene, program| {
            says(scene, program, &[2, 5_000])?;
            let waits = |record: &Record| record.call == Call::Wait && record.other == Some(1);
            expect(scene.calls().iter().any(waits), "the wait is for the child")
        },
    ),
    (
        "a fork fails, and the next one does not",
        || Trace::with([Rule::new(Call::Fork, Fault::Fails(Errno::EAGAIN))]),
        |scene, program| says(scene, program, &[-11, 0]),
    ),
    (
        "threads are traced, and fail by themselves",
        || Trace::with([Rule::new(Call::Write, Fault::Short(1)).on(Kind::Pipe).times(2, 1)]),
        |scene, program| says(scene, program, &[15_001]),
    ),
    (
        "what a pipe takes wholly is not cut",
        || Trace::with([Rule::new(Call::Write, Fault::Short(2)).times(1, 9)]),
        |scene, program| says(scene, program, &[libc::PIPE_BUF as i64, 2]),
    ),
    (
        "a signal interrupts a traced call",
        || Trace { rules: Vec::new(), bytes: true },
        |scene, program| {
            says(scene, program, &[0])?;
            scene.at_rest(program)?;
            scene.signal(program, Signal::SIGUSR1)?;
            says(scene, program, &[-4])
        },
    ),
    (
        "who handles no signal is not interrupted",
        || Trace::with([Rule::new(Call::Read, Fault::Interrupted).on(Kind::Pipe).times(1, 9)]),
        |scene, program| says(scene, program, &[2, -4, 2]),
    ),
    (
        "another program runs, traced as well",
        || Trace {
            rules: vec![Rule::new(Call::Write, Fault::Short(2)).by(Role::Child).times(1, 2)],
            bytes: true,
        },
        |scene, program| {
            says(scene, program, &[5_000])?;
            let shorts = scene
                .calls()
                .iter()
                .filter(|record| record.call == Call::Write && record.outcome == Outcome::Returned(2));
            expect(shorts.count() == 2, "dd has written again what was not taken")
        },
    ),
    (
        "a hundred calls at once come out right",
        || Trace { rules: Vec::new(), bytes: true },
        |scene, program| says(scene, program, &[16_000]),
    ),
    ("a call is found in its line", Trace::default, |scene, program| {
        says(scene, program, &[0])?;
        let pipe = scene.calls().iter().find(|record| record.call == Call::Pipe);
        let place = pipe.and_then(|record| scene.place(record));
        let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/traced.rs"));
        let line = text.unwrap_or_default().lines().position(|line| line.contains("= || retry(&|| pipe"));
        let wanted = line.map(|index| index as u32 + 1);
        expect(place.as_ref().map(|place| place.line) == wanted, &format!("{place:?}, not line {wanted:?}"))
    }),
    ("who waits is found in a line, though nobody records the call", Trace::default, |scene, program| {
        says(scene, program, &[0])?;
        scene.at_rest(program)?;
        let told = scene.diagnosis();
        scene.kill(program);
        let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/traced.rs"));
        let text = text.unwrap_or_default();
        for (thread, call) in [(0, "let _ = receiver.recv"), (1, "spawn(move || read(")] {
            let line = text.lines().position(|line| line.contains(call)).unwrap_or_default() + 1;
            let sentence = told.get(thread).map(String::as_str).unwrap_or_default();
            expect(sentence.contains(&format!("at tests/traced.rs, line {line}:")), sentence)?;
        }
        Ok("both threads".to_owned())
    }),
    (
        "a call that does not return is seen",
        || Trace { rules: Vec::new(), bytes: true },
        |scene, program| {
            says(scene, program, &[0])?;
            scene.at_rest(program)?;
            scene.kill(program);
            let last = scene.calls().last().map(|record| (record.call, record.outcome));
            expect(last == Some((Call::Read, Outcome::Pending)), "the last call is the read that waits")
        },
    ),
    ("bytes that move one by one are progress", READS_AND_WRITES, |scene, program| {
        says(scene, program, &[2 * SINGLE_BYTES])
    }),
    ("end of file again and again is no progress", READS_AND_WRITES, |scene, program| {
        ends(scene, program, Ending::CallLimit(Limits::default().calls))
    }),
    ("waiting without blocking is no progress", READS_AND_WRITES, |scene, program| {
        ends(scene, program, Ending::CallLimit(Limits::default().calls))
    }),
    ("bytes that move without end are no progress", READS_AND_WRITES, |scene, program| {
        ends(scene, program, Ending::MoveLimit)
    }),
];

const READS_AND_WRITES: Traced = || Trace { rules: Vec::new(), bytes: true };

/// The program says no number, but is ended by the grader in this way.
fn ends(scene: &mut Scene, program: Program, ending: Ending) -> Result<String, Failed> {
    let said = scene.record::<i64>(program);
    let ended = scene.outcome(program).ending;
    expect(said.is_err() && ended == ending, &format!("said {said:?}, {ended:?}"))
}

/// The numbers that the program says next.
fn says(scene: &mut Scene, program: Program, numbers: &[i64]) -> Result<String, Failed> {
    for number in numbers {
        let said: i64 = scene.record(program)?;
        expect(said == *number, &format!("said {said}, not {number}"))?;
    }
    Ok("as expected".to_owned())
}

fn expect(holds: bool, what: &str) -> Result<String, Failed> {
    if holds { Ok(String::new()) } else { Err(Failed::wrong(what)) }
}
