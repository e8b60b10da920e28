//! `threaded-server [--pool WORKERS] [PORT]`: says everything back, to each client from a thread of its own, until it is
//! interrupted; then it says what it has done.
//!
//! With `--pool` it has that many threads for all clients, and room for as many that wait. Without a port, or with port 0,
//! the system chooses a free one; the first line of output names it.

use nix::sys::signal::{SigSet, Signal};
use std::os::fd::OwnedFd;
use std::process::ExitCode;
use std::sync::Arc;
use threaded_server::{Error, Pool, Stats, handler, listener, server};

const USAGE: &str = "usage: threaded-server [--pool WORKERS] [PORT]";

/// What the command line asks for.
struct Wanted {
    port: u16,
    /// None: a thread per client.
    workers: Option<usize>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(wanted) = parse(&arguments) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let error = run(wanted).unwrap_or_else(|error| error);
    eprintln!("threaded-server: {error}");
    ExitCode::FAILURE
}

fn parse(arguments: &[String]) -> Option<Wanted> {
    let (workers, rest) = match arguments {
        [option, workers, rest @ ..] if option == "--pool" => {
            (Some(workers.parse().ok().filter(|&workers| workers > 0)?), rest)
        }
        rest => (None, rest),
    };
    match rest {
        [] => Some(Wanted { port: 0, workers }),
        [port] => Some(Wanted { port: port.parse().ok()?, workers }),
        _ => None,
    }
}

/// Serves until the program is interrupted; returns only when something is wrong.
fn run(wanted: Wanted) -> Result<Error, Error> {
    // Threads inherit what is blocked: a signal stays pending until `wait` takes it.
    let interrupts: SigSet = [Signal::SIGINT, Signal::SIGTERM].into_iter().collect();
    interrupts.thread_block().map_err(Error::of("pthread_sigmask"))?;
    let listener = listener::listen_on(wanted.port)?;
    println!("listening on port {}", listener::port_of(&listener)?);
    let stats = Arc::new(Stats::new());
    let counted = Arc::clone(&stats);
    std::thread::spawn(move || end_when_interrupted(interrupts, &stats));
    Ok(serve(listener, wanted.workers, counted))
}

/// Waits for a signal, says what the server has done, and ends the program.
fn end_when_interrupted(interrupts: SigSet, stats: &Stats) {
    let _ = interrupts.wait();
    let now = stats.snapshot();
    println!("{} connections, {} of them open; {} bytes echoed", now.opened, now.open(), now.bytes);
    std::process::exit(0);
}

fn serve(listener: OwnedFd, workers: Option<usize>, stats: Arc<Stats>) -> Error {
    match workers {
        Some(workers) => {
            let pool = Pool::new(workers, workers);
            server::serve_pooled(listener, &pool, move |connection| handler::echo(connection, &stats))
        }
        None => server::serve_threaded(listener, move |connection| handler::echo(connection, &stats)),
    }
}
