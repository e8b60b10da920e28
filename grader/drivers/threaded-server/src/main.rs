//! The driver of threaded-server: searches the counters and the pool, and runs the servers.

mod explored;
mod serve;

use driver::Channel;
use explored::{Counters, Workers};
use protocol::threaded_server::{Task, ThreadedServer};

fn main() {
    let (task, reporter) = protocol::driver::start::<ThreadedServer>();
    match task {
        Task::Stats(task) => driver::stats::carry_out(task, reporter.of(), Counters::make),
        Task::Pool(task) => driver::pool::carry_out(task, reporter.of(), Workers::make),
        Task::Serve(task) => serve::serve(task, Channel::new(reporter)),
    }
}
