//! Runs one of the student's servers and says how it came to an end, if it does.

use driver::{Channel, Options};
use nix::sys::signal::SaFlags;
use protocol::program::Said;
use protocol::stats::Counts;
use protocol::threaded_server::{Answer, Function, Serve, Then, ThreadedServer};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use threaded_server::{Error, Pool, Snapshot, Stats, server};

type Handler = Box<dyn Fn(BorrowedFd<'_>) + Send + Sync>;

pub fn serve(task: Serve, channel: Channel<ThreadedServer>) {
    channel.report_panics();
    driver::tolerate_signals(SaFlags::empty());
    let pool = match task.function {
        Function::Threaded => None,
        Function::Pooled { workers, queue } => Some(Arc::new(Pool::new(workers, queue))),
    };
    let handler = handler(task.then, pool.clone(), &channel);
    let listener = if task.useless { driver::deaf() } else { driver::listener(Options::default()) };
    channel.say(driver::listening_at(listener.as_fd()));
    channel.say(refused(run(listener, pool.as_deref(), handler)));
    // What the pool still has to do, and what is left of it, can be looked at.
    pool.map_or_else(|| channel.done(), |_| driver::hold());
}

fn run(listener: OwnedFd, pool: Option<&Pool>, handler: Handler) -> Error {
    match pool {
        Some(pool) => server::serve_pooled(listener, pool, handler),
        None => server::serve_threaded(listener, handler),
    }
}

/// The handler, and whoever waits for the end of the input.
fn handler(then: Then, pool: Option<Arc<Pool>>, channel: &Channel<ThreadedServer>) -> Handler {
    let channel = channel.clone();
    match then {
        Then::Nothing => Box::new(driver::handle),
        Then::ShutDown => {
            let pool = pool.expect("only a pool is shut down");
            std::thread::spawn(move || {
                driver::gate();
                for _ in 0..2 {
                    pool.shutdown();
                    channel.answer(Answer::ShutDown);
                }
                driver::hold();
            });
            Box::new(driver::handle)
        }
        Then::Count { bytes } => {
            let stats = Arc::new(Stats::new());
            let seen = Arc::clone(&stats);
            std::thread::spawn(move || {
                driver::gate();
                let Snapshot { opened, closed, bytes } = seen.snapshot();
                channel.answer(Answer::Counted(Counts { opened, closed, bytes }));
                driver::hold();
            });
            Box::new(move |connection| count(connection, &stats, bytes))
        }
    }
}

fn count(connection: BorrowedFd<'_>, stats: &Stats, bytes: u64) {
    let _closes = Closes(stats);
    stats.connection_opened();
    stats.bytes(bytes);
    driver::handle(connection);
}

/// Counts a connection as closed, however its handler ends.
struct Closes<'a>(&'a Stats);

impl Drop for Closes<'_> {
    fn drop(&mut self) {
        self.0.connection_closed();
    }
}

fn refused(error: Error) -> Said<Answer> {
    let errno = match error {
        Error::Call { errno, .. } => Some(errno as i32),
        Error::ShutDown => None,
    };
    Said::Refused { message: error.to_string(), errno }
}
