//! `fork-server [--protected] [PORT]`: says everything back, to each client from a process of its own, until it is
//! interrupted.
//!
//! With `--protected` it serves one client at a time, else all at once. Without a port, or with port 0, the system chooses
//! a free one; the first line of output names it.

use fork_server::{Error, handler, listener, server};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let protected = arguments.first().is_some_and(|first| first == "--protected");
    arguments.drain(..usize::from(protected));
    let port = match arguments.as_slice() {
        [] => Ok(0),
        [port] => port.parse(),
        _ => "".parse(),
    };
    let Ok(port) = port else {
        eprintln!("usage: fork-server [--protected] [PORT]");
        return ExitCode::from(2);
    };
    let error = serve(port, protected).unwrap_or_else(|error| error);
    eprintln!("fork-server: {error}");
    ExitCode::FAILURE
}

/// Returns only when something is wrong.
fn serve(port: u16, protected: bool) -> Result<Error, Error> {
    let listener = listener::listen_on(port)?;
    println!("listening on port {}", listener::port_of(&listener)?);
    Ok(if protected {
        server::serve_protected(listener, handler::echo)
    } else {
        server::serve_parallel(listener, handler::echo)
    })
}
