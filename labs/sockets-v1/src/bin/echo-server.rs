//! `echo-server [PORT | PATH]`: says everything back, one client at a time, until it is interrupted.
//!
//! An argument with a slash in it is the path of a Unix socket. Without an argument, or with port 0, the system chooses a
//! free port. The first line of output says where it listens.

use nix::sys::socket::{SockaddrStorage, getsockname};
use sockets_v1::{Error, local, server};
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let listener = match arguments.as_slice() {
        [] => listen("0"),
        [port] if port.parse::<u16>().is_ok() => listen(port),
        [path] if path.contains('/') => listen_at(path),
        _ => {
            eprintln!("usage: echo-server [PORT | PATH], with a slash in PATH");
            return ExitCode::from(2);
        }
    };
    let error = match listener {
        Ok(listener) => server::run_server(listener),
        Err(error) => error,
    };
    eprintln!("echo-server: {error}");
    ExitCode::FAILURE
}

fn listen(port: &str) -> Result<OwnedFd, Error> {
    let listener = server::listen_on(port)?;
    let address: SockaddrStorage = getsockname(listener.as_raw_fd()).map_err(Error::of("getsockname"))?;
    println!("listening on {address}");
    Ok(listener)
}

fn listen_at(path: &str) -> Result<OwnedFd, Error> {
    let listener = local::listen_at(Path::new(path))?;
    println!("listening at {path}");
    Ok(listener)
}
