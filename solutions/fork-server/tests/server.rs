//! Examples to extend: `cargo test -p fork-server`. They are never graded.
//!
//! A program that forks has one thread, and a test has not: each test here starts the program and is its client.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::{Child, Command, Stdio};

/// The program, until the test ends.
struct Server {
    program: Child,
    port: u16,
}

impl Server {
    /// Starts `fork-server` with these options at a port that the system chooses.
    fn start(options: &[&str]) -> Server {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fork-server"));
        let mut program = command.args(options).arg("0").stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(program.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().rsplit(' ').next().unwrap().parse().unwrap();
        Server { program, port }
    }

    fn connect(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.port)).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.program.kill().unwrap();
        self.program.wait().unwrap();
    }
}

/// Sends a message and waits for as many bytes to come back.
fn echo_of(mut client: &TcpStream, message: &str) -> String {
    client.write_all(message.as_bytes()).unwrap();
    let mut echo = vec![0; message.len()];
    client.read_exact(&mut echo).unwrap();
    String::from_utf8(echo).unwrap()
}

/// Says that nothing more will come, and waits for the server to close the connection.
fn leave(mut client: TcpStream) {
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(client.read_to_end(&mut Vec::new()).unwrap(), 0);
}

#[test]
fn protected_clients_are_served_one_after_the_other() {
    let server = Server::start(&["--protected"]);
    let (first, second) = (server.connect(), server.connect());
    assert_eq!(echo_of(&first, "hello"), "hello");
    leave(first);
    assert_eq!(echo_of(&second, "once more"), "once more");
    leave(second);
}

#[test]
fn parallel_clients_are_served_while_others_are_silent() {
    let server = Server::start(&[]);
    let (first, second) = (server.connect(), server.connect());
    assert_eq!(echo_of(&second, "hello"), "hello");
    leave(second);
    assert_eq!(echo_of(&first, "once more"), "once more");
    leave(first);
}

#[test]
fn a_crash_ends_one_connection() {
    let server = Server::start(&[]);
    let (mut victim, witness) = (server.connect(), server.connect());
    victim.write_all(b"crash").unwrap();
    assert!(matches!(victim.read(&mut [0; 16]), Ok(0) | Err(_)));
    assert_eq!(echo_of(&witness, "still here"), "still here");
}
