//! `echo-client HOST PORT`, or `echo-client PATH` for a Unix socket: sends its input, prints what comes back.

use sockets_v1::{Error, client, local};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let socket = match arguments.as_slice() {
        [host, port] if port.parse::<u16>().is_ok() => client::connect_to(host, port),
        [path] if path.contains('/') => local::connect_at(Path::new(path)),
        _ => {
            eprintln!("usage: echo-client HOST PORT | echo-client PATH, with a slash in PATH");
            return ExitCode::from(2);
        }
    };
    match socket.and_then(|socket| talk(socket.as_fd())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("echo-client: {error}");
            ExitCode::FAILURE
        }
    }
}

fn talk(socket: std::os::fd::BorrowedFd<'_>) -> Result<(), Error> {
    client::run_client(socket, std::io::stdin().as_fd(), std::io::stdout().as_fd())
}
