//! What the driver of fork-server is told to do, and what it says of it.

use crate::driver::lab;
use crate::program::{self, Said};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Display};

/// The driver's side of fork-server.
pub struct ForkServer;

lab!(ForkServer: Task => Said<Answer>);

/// A server to start. Says [`Said::Listening`], and calls the function with a listener and a handler of the driver's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Which function.
    pub function: Function,
    /// Whether the listener is a socket that does not listen.
    pub useless: bool,
}

/// A function of the lab.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Function {
    /// `serve_protected`
    Protected,
    /// `serve_parallel`
    Parallel,
}

impl Function {
    /// Its name in the student's file.
    pub fn name(self) -> &'static str {
        match self {
            Function::Protected => "serve_protected",
            Function::Parallel => "serve_parallel",
        }
    }

    /// The task to call it, with nothing in its way.
    pub fn task(self) -> Task {
        Task { function: self, useless: false }
    }
}

impl program::Task for Task {
    type Answer = Answer;

    fn function(&self) -> Option<&'static str> {
        Some(self.function.name())
    }
}

/// What was seen of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It has come to its end in another process than the one that called it.
    Escaped,
}

impl Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Answer::Escaped => write!(f, "in a child"),
        }
    }
}
