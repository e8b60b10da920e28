//! Runs one of the student's servers and says how it came to an end, if it does. Knows no check and no expected value.

use driver::{Channel, Options};
use fork_server::{Error, server};
use nix::sys::signal::SaFlags;
use protocol::fork_server::{Answer, ForkServer, Function, Task};
use protocol::program::Said;
use std::os::fd::{AsFd, OwnedFd};

fn main() {
    let (task, reporter) = protocol::driver::start::<ForkServer>();
    let channel = Channel::new(reporter);
    channel.report_panics();
    driver::tolerate_signals(SaFlags::empty());
    let listener = if task.useless { driver::deaf() } else { driver::listener(Options::default()) };
    channel.say(driver::listening_at(listener.as_fd()));
    let own = std::process::id();
    let error = serve(&task, listener);
    if std::process::id() != own {
        channel.answer(Answer::Escaped);
        std::process::exit(1);
    }
    channel.say(Said::Refused { message: error.to_string(), errno: Some(error.errno as i32) });
    channel.done();
}

fn serve(task: &Task, listener: OwnedFd) -> Error {
    match task.function {
        Function::Protected => server::serve_protected(listener, driver::handle),
        Function::Parallel => server::serve_parallel(listener, driver::handle),
    }
}
