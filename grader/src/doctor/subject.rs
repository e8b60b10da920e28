//! The program that trials are made with: the grader itself, started as a lab's driver is.

use nix::errno::Errno;
use protocol::driver::{self, Fence, Lab, Reporter};
use protocol::{Body, Job};
use serde::{Deserialize, Serialize};
use std::io::{Read, Write};
use std::net::{IpAddr, TcpListener};
use std::process::ExitCode;

/// The first argument that makes the grader this program.
pub const ARGUMENT: &str = "__subject";

/// What it does.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) enum Task {
    /// Says a number from behind the fence, where there is one.
    Answer,
    /// Makes a pipe, and says with which error that failed.
    Pipe,
    /// Reads its input to the end.
    Wait,
    /// Listens, says its port, and sends what a client has sent.
    Serve(IpAddr),
}

/// A driver that says numbers; an error number is negative.
struct Subject;

impl Lab for Subject {
    type Task = Task;
    type Said = i32;

    fn read(line: &str) -> serde_json::Result<Job<Task>> {
        serde_json::from_str(line)
    }

    fn write(body: &Body<i32>) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(body)
    }
}

/// To be called first thing in `main`, before any thread is started.
pub fn main() -> ExitCode {
    let (task, mut reporter) = driver::start::<Subject>();
    let done = match task {
        Task::Answer => {
            let fence = reporter.fence();
            let fenced = std::thread::spawn(|| fence.into_iter().for_each(Fence::put_up)).join();
            reporter.send(if fenced.is_ok() { 0 } else { -(Errno::EPERM as i32) });
            Ok(())
        }
        Task::Pipe => {
            reporter.send(nix::unistd::pipe().err().map_or(0, |errno| -(errno as i32)));
            Ok(())
        }
        Task::Wait => std::io::copy(&mut std::io::stdin(), &mut std::io::sink()).map(drop),
        Task::Serve(address) => serve(address, &mut reporter),
    };
    if let Err(error) = done {
        reporter.send(-error.raw_os_error().unwrap_or(Errno::EIO as i32));
    }
    reporter.done();
    ExitCode::SUCCESS
}

fn serve(address: IpAddr, reporter: &mut Reporter<Subject>) -> std::io::Result<()> {
    let listener = TcpListener::bind((address, 0))?;
    reporter.send(listener.local_addr()?.port().into());
    let (mut client, _) = listener.accept()?;
    let mut bytes = Vec::new();
    client.read_to_end(&mut bytes)?;
    client.write_all(&bytes)
}
