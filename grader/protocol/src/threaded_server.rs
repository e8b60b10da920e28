//! Tasks of the driver for threaded-server: searches of its counters and of its pool, and servers to run.

use crate::driver::lab;
use crate::program::{self, Said};
use crate::stats::Counts;
use crate::{pool, stats};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Display};

/// The driver's side of threaded-server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThreadedServer;

lab!(ThreadedServer: Task => Said<Answer>);

/// What the driver is to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Search `Stats`.
    Stats(stats::Task),
    /// Search `Pool`.
    Pool(pool::Task),
    /// Run a server. Says [`Said::Listening`], and calls the function with a listener and a handler of the driver's own.
    Serve(Serve),
}

/// A server to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Serve {
    /// Which function.
    pub function: Function,
    /// Whether the listener is a socket that does not listen.
    pub useless: bool,
    /// What happens when the driver's input ends.
    pub then: Then,
}

/// A function of the lab.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Function {
    /// `serve_threaded`
    Threaded,
    /// `serve_pooled`, with a pool of this kind.
    Pooled {
        /// Threads of the pool.
        workers: usize,
        /// Jobs that may wait.
        queue: usize,
    },
}

/// What a driver does when its input ends, from a thread of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    /// Nothing; and it has no thread for it.
    Nothing,
    /// It says [`Answer::Counted`]. The handler counts each connection, and so many bytes for each.
    Count {
        /// How many.
        bytes: u64,
    },
    /// It shuts the pool down twice, and says [`Answer::ShutDown`] each time.
    ShutDown,
}

impl Function {
    /// Its name in the student's file.
    pub fn name(self) -> &'static str {
        match self {
            Function::Threaded => "serve_threaded",
            Function::Pooled { .. } => "serve_pooled",
        }
    }

    /// The task to call it, with nothing in its way.
    pub fn task(self) -> Task {
        self.then(Then::Nothing)
    }

    /// The task to call it, and to do something when the input ends.
    pub fn then(self, then: Then) -> Task {
        Task::Serve(Serve { function: self, useless: false, then })
    }

    /// The task to call it with a socket that does not listen.
    pub fn useless(self) -> Task {
        Task::Serve(Serve { function: self, useless: true, then: Then::Nothing })
    }
}

impl program::Task for Task {
    type Answer = Answer;

    fn function(&self) -> Option<&'static str> {
        match self {
            Task::Stats(_) | Task::Pool(_) => None,
            Task::Serve(serve) => Some(serve.function.name()),
        }
    }
}

/// What a driver reports of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// What `Stats::snapshot` returned.
    Counted(Counts),
    /// `Pool::shutdown` has returned.
    ShutDown,
}

impl Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Answer::Counted(Counts { opened, closed, bytes }) => {
                write!(f, "{opened} opened, {closed} closed, {bytes} bytes")
            }
            Answer::ShutDown => write!(f, "from `shutdown`"),
        }
    }
}
