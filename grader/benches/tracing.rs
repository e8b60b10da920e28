//! What tracing costs: the same server and the same clients, untraced and traced, in turns.
//!
//! This executable is the supervisor and the clients as well, as its first argument says. It prints, it does not judge.

mod common;
#[path = "../tests/common/solutions.rs"]
mod solutions;

use common::median;
use grader::check::{Finding, Status};
use grader::course::Course;
use grader::process::{Launch, Trace};
use grader::sandbox::Level;
use grader::scene::{Explain, Failed, Program, Scene};
use grader::supervisor::{ARGUMENT, Job, Supervisors, supervise};
use grader::trace::{Call, Fault, Kind, Rule};
use nix::errno::Errno;
use protocol::{fork_server, program, sockets};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

const CLIENTS: &str = "__clients";
/// Rounds whose median is printed.
const ROUNDS: usize = 9;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some(ARGUMENT) => supervise(play),
        Some(CLIENTS) => clients(&arguments[1..]),
        _ => compare(),
    }
}

/// A server, its clients, and how it is watched.
struct Case {
    name: &'static str,
    crowd: bool,
    count: usize,
    messages: usize,
    trace: fn() -> Option<Trace>,
}

const CASES: [Case; 7] = [
    Case { name: "untraced", crowd: false, count: 1, messages: 20_000, trace: || None },
    Case { name: "light", crowd: false, count: 1, messages: 20_000, trace: || Some(Trace::default()) },
    Case { name: "full", crowd: false, count: 1, messages: 2_000, trace: faults },
    Case { name: "one, untraced", crowd: false, count: 1, messages: 10, trace: || None },
    Case { name: "one, traced", crowd: false, count: 1, messages: 10, trace: || Some(Trace::default()) },
    Case { name: "crowd", crowd: true, count: 100, messages: 5, trace: || None },
    Case { name: "crowd, traced", crowd: true, count: 100, messages: 5, trace: || Some(Trace::default()) },
];

/// Every read and write stops, and every third read is cut short.
fn faults() -> Option<Trace> {
    let cut = |nth: u32| Rule::new(Call::Read, Fault::Short(8)).on(Kind::Accepted).times(3 * nth, 1);
    let refused = Rule::new(Call::Accept, Fault::Fails(Errno::ECONNABORTED));
    Some(Trace { bytes: true, ..Trace::with((1..20).map(cut).chain([refused])) })
}

fn compare() -> ExitCode {
    let course = Course::here().unwrap();
    let names = ["sockets-v1/serves-client-after-client", "fork-server/parallel-all-at-once"];
    let (_stage, jobs) = solutions::jobs(&course, &names);
    let own = std::env::current_exe().expect("an executable");
    let supervisors = Supervisors::start(&own).expect("they can be started");
    let round = || CASES.each_ref().map(|case| measure(&supervisors, case, &jobs[usize::from(case.crowd)]));
    let rounds: Vec<_> = (0..ROUNDS).map(|_| round()).collect();
    let clients = |case: usize| median(rounds.iter().map(|round| round[case].0));
    let check = |case: usize| median(rounds.iter().map(|round| round[case].1));
    let rate = |case: usize| CASES[case].messages as f64 / clients(case).as_secs_f64();
    println!("| echo server | round trips a second | of untraced |\n|---|---|---|");
    for (index, case) in CASES.iter().take(3).enumerate() {
        println!("| {} | {:.0} | {:.2} |", case.name, rate(index), rate(index) / rate(0));
    }
    let (bare, traced) = (check(3), check(4));
    println!(
        "\none check: untraced {bare:.1?}, traced {traced:.1?}, {:.1?} more",
        traced.saturating_sub(bare)
    );
    let (bare, traced) = (clients(5), clients(6));
    let times = traced.as_secs_f64() / bare.as_secs_f64();
    println!("100 clients at once: untraced {bare:.1?}, traced {traced:.1?}, {times:.2} times");
    ExitCode::SUCCESS
}

/// How long the clients took, and the whole check.
fn measure(supervisors: &Supervisors, case: &Case, job: &Job) -> (Duration, Duration) {
    let begun = Instant::now();
    let finding = supervisors.run(Level::Plain, &Job { check: case.name.to_owned(), ..job.clone() });
    let whole = begun.elapsed();
    assert_eq!(finding.status, Status::Pass, "{}: {finding:#?}", case.name);
    (Duration::from_micros(finding.summary.parse().expect("a number")), whole)
}

/// Plays a case: the summary is how many microseconds the clients took, by their own clock.
fn play(job: &Job, scene: &mut Scene) -> Finding {
    let case = CASES.iter().find(|case| case.name == job.check).expect("a case of this table");
    scene.judge(|scene| {
        let server = match case.crowd {
            false => Launch::driver("server", &sockets::Task::RunServer { useless: false }),
            true => Launch::driver("server", &fork_server::Function::Parallel.task()),
        };
        let launch = match (case.trace)() {
            Some(trace) => server.traced(trace),
            None => server,
        };
        let server = scene.start(launch)?;
        let port = port(scene, server, case.crowd)?;
        let numbers = [usize::from(port), case.count, case.messages].map(|number| number.to_string());
        let own = std::env::current_exe().expect("an executable");
        let clients =
            Launch::program("clients", own).arguments([CLIENTS.to_owned()].into_iter().chain(numbers));
        let clients = scene.start(clients)?;
        let outcome = scene.expect_end_of(clients).expected("every byte came back")?;
        Ok(String::from_utf8_lossy(&outcome.stdout).into_owned())
    })
}

fn port(scene: &mut Scene, server: Program, crowd: bool) -> Result<u16, Failed> {
    let port = match crowd {
        false => listening(scene.record::<program::Said<sockets::Answer>>(server)?),
        true => listening(scene.record::<program::Said<fork_server::Answer>>(server)?),
    };
    port.ok_or_else(|| Failed::unchecked("The server does not listen."))
}

fn listening<A>(said: program::Said<A>) -> Option<u16> {
    if let program::Said::Listening { port, .. } = said { Some(port) } else { None }
}

/// So many clients at once, with so many messages each: prints how many microseconds they took, if all came back.
fn clients(numbers: &[String]) -> ExitCode {
    let [port, count, messages] = [0, 1, 2].map(|at| numbers[at].parse::<usize>().expect("a number"));
    let begun = Instant::now();
    let clients: Vec<_> = (0..count).map(|_| thread::spawn(move || talk(port as u16, messages))).collect();
    let right = clients.into_iter().all(|client| client.join().is_ok());
    if !right {
        return ExitCode::FAILURE;
    }
    print!("{}", begun.elapsed().as_micros());
    ExitCode::SUCCESS
}

fn talk(port: u16, messages: usize) {
    let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("a server");
    connection.set_nodelay(true).expect("an option");
    let (message, mut answer) = ([b'x'; 64], [0; 64]);
    for _ in 0..messages {
        connection.write_all(&message).expect("room");
        connection.read_exact(&mut answer).expect("an answer");
        assert_eq!(message, answer);
    }
}
