//! `echo-server [PORT | PATH]`: says everything back, one client at a time, until it is interrupted.
//!
//! An argument with a slash in it is the path of a Unix socket. Without an argument, or with port 0, the system chooses a
//! free port; the first line of output names it.

use nix::sys::socket::{SockaddrStorage, getsockname};
use sockets_v1::{Error, local, server};
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let place = match arguments.as_slice() {
        [] => "0",
        [place] => place,
        _ => {
            eprintln!("usage: echo-server [PORT | PATH]");
            return ExitCode::from(2);
        }
    };
    match start(place) {
        Ok(listener) => complain(server::run_server(listener)),
        Err(error) => complain(error),
    }
}

fn start(place: &str) -> Result<OwnedFd, Error> {
    if place.contains('/') {
        let listener = local::listen_at(Path::new(place))?;
        println!("listening at {place}");
        return Ok(listener);
    }
    let listener = server::listen_on(place)?;
    let address: SockaddrStorage = getsockname(listener.as_raw_fd()).map_err(Error::of("getsockname"))?;
    println!("listening on {address}");
    Ok(listener)
}

fn complain(error: Error) -> ExitCode {
    eprintln!("echo-server: {error}");
    ExitCode::FAILURE
}
