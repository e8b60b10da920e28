//! The labs' programs, with the solutions in them, do what a user expects of them.

mod program;

use grader::course::Course;
use nix::sys::signal::Signal;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, SockaddrIn, bind, getsockname, socket};
use program::Program;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Write;
use std::net::{Ipv4Addr, TcpStream};
use std::os::fd::AsRawFd;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// Programs that take `PORT` as their last argument, and echo.
const SERVERS: [&[&str]; 5] = [
    &["echo-server"],
    &["fork-server"],
    &["fork-server", "--protected"],
    &["threaded-server"],
    &["threaded-server", "--pool", "2"],
];

/// Those whose clients stand in a queue.
const ONE_AT_A_TIME: [&[&str]; 2] = [&["echo-server"], &["fork-server", "--protected"]];

/// The programs of all solutions, by name.
static PROGRAMS: LazyLock<BTreeMap<String, PathBuf>> = LazyLock::new(|| {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--locked", "--quiet", "--bins", "--message-format=json"]);
    cargo.current_dir(Course::here().unwrap().root().join("solutions"));
    let output = cargo.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let messages = String::from_utf8(output.stdout).unwrap();
    messages.lines().filter_map(program_built).collect()
});

fn program_built(line: &str) -> Option<(String, PathBuf)> {
    let message: Value = serde_json::from_str(line).unwrap();
    let (name, path) = (message["target"]["name"].as_str()?, message["executable"].as_str()?);
    Some((name.to_owned(), path.into()))
}

fn start(name: &str, arguments: &[&str]) -> Program {
    Program::start(&PROGRAMS[name], arguments)
}

/// A server, and the port that its first line names.
fn serving(command: &[&str], port: &str) -> (Program, String) {
    let mut server = start(command[0], &[&command[1..], &[port]].concat());
    let port = port_in(&server.line());
    (server, port)
}

fn port_in(line: &str) -> String {
    let named = line.strip_prefix("listening on ").and_then(|place| place.rsplit([' ', ':']).next());
    named.unwrap_or_else(|| panic!("this line names no port: {line}")).to_owned()
}

/// Ctrl-C. The program ends of it at once, or takes the time to say what it has done.
fn interrupt(program: Program) {
    program.interrupt();
    let ended = program.end();
    let signal = ended.status.signal();
    assert!(signal == Some(Signal::SIGINT as i32) || ended.status.success(), "{ended:?}");
}

#[test]
fn a_server_names_the_port_that_it_was_given() {
    for command in SERVERS {
        let (server, port) = serving(command, "0");
        assert_ne!(port, "0", "{command:?}");
        TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
        interrupt(server);
        let mut server = start(command[0], &command[1..]);
        assert_ne!(port_in(&server.line()), "0", "{command:?}");
        interrupt(server);
    }
}

#[test]
fn a_server_listens_at_the_port_that_was_asked_for() {
    let mut ports = 20_000 + (std::process::id() % 10_000) as u16..;
    for command in SERVERS {
        let server = ports.by_ref().take(100).find_map(|port| listening_at(command, port));
        interrupt(server.expect("one of a hundred ports is free"));
    }
}

/// A server that listens at this port, unless the port belongs to somebody else.
fn listening_at(command: &[&str], port: u16) -> Option<Program> {
    let mut server = start(command[0], &[&command[1..], &[&port.to_string()]].concat());
    let Some(line) = server.next_line() else {
        let ended = server.end();
        assert!(ended.complained.contains("Address already in use"), "{ended:?}");
        return None;
    };
    assert_eq!(port_in(&line), port.to_string(), "{command:?}");
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    Some(server)
}

#[test]
fn ctrl_c_ends_a_server_and_its_conversations() {
    for command in SERVERS {
        let (server, port) = serving(command, "0");
        let mut client = start("echo-client", &["localhost", &port]);
        client.type_in("hello\n");
        assert_eq!(client.line(), "hello");
        interrupt(server);
        client.end();
    }
}

#[test]
fn every_client_gets_its_echo() {
    for command in SERVERS {
        let (server, port) = serving(command, "0");
        let address = format!("telnet://127.0.0.1:{port}");
        for (client, arguments) in [
            ("echo-client", &["localhost", &port][..]),
            ("nc", &["127.0.0.1", &port]),
            ("curl", &["--silent", "--no-buffer", &address]),
            ("echo-client", &["127.0.0.1", &port]),
        ] {
            if let Some(path) = find(client) {
                let mut client = Program::start(&path, arguments);
                client.type_in("one\n");
                assert_eq!(client.line(), "one", "{command:?}, {}", path.display());
                client.type_in("two\nthree\n");
                assert_eq!((client.line(), client.line()), ("two".into(), "three".into()));
                interrupt(client);
            }
        }
        interrupt(server);
    }
}

#[test]
fn who_is_served_keeps_nobody_waiting_but_where_that_is_said() {
    for command in SERVERS.iter().filter(|command| !ONE_AT_A_TIME.contains(command)) {
        let (server, port) = serving(command, "0");
        let mut clients = [(); 2].map(|()| start("echo-client", &["localhost", &port]));
        for client in clients.iter_mut().rev() {
            client.type_in("hello\n");
            assert_eq!(client.line(), "hello", "{command:?}");
        }
        clients.into_iter().for_each(interrupt);
        interrupt(server);
    }
}

#[test]
fn a_client_ends_with_its_input() {
    let (server, port) = serving(&["echo-server"], "0");
    let mut client = start("echo-client", &["localhost", &port]);
    client.type_in("no end of line");
    let ended = client.end();
    assert!(ended.status.success() && ended.printed == "no end of line", "{ended:?}");
    interrupt(server);
}

#[test]
fn a_path_is_as_good_as_a_port() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("echo");
    let path = path.to_str().unwrap();
    for _restart in 0..2 {
        let mut server = start("echo-server", &[path]);
        assert_eq!(server.line(), format!("listening at {path}"));
        let mut client = start("echo-client", &[path]);
        client.type_in("hello\n");
        assert_eq!(client.line(), "hello");
        assert!(client.end().status.success());
        interrupt(server);
    }
}

#[test]
fn where_nobody_listens_a_client_says_so() {
    let taken = socket(AddressFamily::Inet, SockType::Stream, SockFlag::empty(), None).unwrap();
    bind(taken.as_raw_fd(), &SockaddrIn::new(127, 0, 0, 1, 0)).unwrap();
    let port = getsockname::<SockaddrIn>(taken.as_raw_fd()).unwrap().port().to_string();
    let ended = start("echo-client", &["127.0.0.1", &port]).end();
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    assert!(ended.complained.contains("connect"), "{ended:?}");
}

#[test]
fn a_pipeline_is_what_a_shell_makes_of_it() {
    for line in [
        "find . -name *.rs | wc -l",
        "echo hello",
        "yes | head -n 3",
        "cat",
        "printf a b | tr a c | cat | tr b d",
        "echo hello | grep nothing",
        "no-such-program-here | cat",
        "true | no-such-program-here",
    ] {
        let ours = start("pipes", &line.split(' ').collect::<Vec<_>>()).end();
        let shells = Program::start(Path::new("/bin/sh"), &["-c", &format!("set -f; {line}")]).end();
        assert_eq!((ours.status, ours.printed), (shells.status, shells.printed), "{line}");
    }
}

#[test]
fn the_pipeline_of_the_handout() {
    let solutions = Course::here().unwrap().root().join("solutions");
    let manifest = solutions.join("Cargo.toml");
    let line = ["run", "--quiet", "-p", "pipes", "--manifest-path", manifest.to_str().unwrap(), "--"];
    let find = ["find", solutions.to_str().unwrap(), "-name", "*.rs", "|", "wc", "-l"];
    let ended = Program::start(Path::new(env!("CARGO")), &[&line[..], &find].concat()).end();
    assert!(ended.status.success() && ended.printed.trim().parse::<u32>().unwrap() > 10, "{ended:?}");
}

#[test]
fn arguments_that_make_no_sense_get_the_usage() {
    for (program, arguments) in [
        ("echo-server", &["1", "2"][..]),
        ("echo-server", &["--help"]),
        ("echo-server", &["65536"]),
        ("echo-server", &["echo"]),
        ("echo-server", &[""]),
        ("echo-client", &[]),
        ("echo-client", &["localhost"]),
        ("echo-client", &["localhost", "-1"]),
        ("echo-client", &["localhost", "1", "2"]),
        ("fork-server", &["8080", "--protected"]),
        ("fork-server", &["-1"]),
        ("threaded-server", &["--pool", "0"]),
        ("threaded-server", &["1", "2"]),
        ("pipes", &[]),
        ("pipes", &["ls", "|"]),
        ("pipes", &["ls", "|", "|", "wc"]),
    ] {
        let ended = start(program, arguments).end();
        assert_eq!(ended.status.code(), Some(2), "{program} {arguments:?}: {ended:?}");
        assert!(ended.complained.starts_with(&format!("usage: {program} ")), "{ended:?}");
        assert_eq!(ended.printed, "");
    }
}

/// A program of the labs, or one that is installed. That it is not is said past the test harness, which keeps what
/// passing tests print.
fn find(name: &str) -> Option<PathBuf> {
    let installed = || {
        let places = std::env::var_os("PATH")?;
        std::env::split_paths(&places)
            .map(|place| place.join(name))
            .find(|path: &PathBuf| Path::is_file(path))
    };
    let found = PROGRAMS.get(name).cloned().or_else(installed);
    if found.is_none() {
        let _ =
            writeln!(std::io::stderr(), "programs: {name} is not installed, so it is not tried as a client");
    }
    found
}
