//! What the driver of pipes is told to do, and what it says of it.
//!
//! Bytes that a function has returned are told as [`Content`]. Messages, and what is written, are the
//! [`pattern`](crate::pattern()) of a size.

use crate::driver::lab;
use crate::{Content, program};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::PathBuf;

/// What this driver says.
pub type Said = program::Said<Answer>;

/// The driver's side of pipes.
pub struct Pipes;

lab!(Pipes: Task => Said);

/// A program and its arguments.
pub type Command = Vec<String>;

/// One function of the lab, and what to call it with. `SIGUSR1` interrupts what the function waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Writes so many bytes with `write_all` to a pipe that holds a page. Its reader is the driver's own: for every line on
    /// standard input it takes as many bytes as the line says, and says [`Answer::Taken`]; when the input ends, it closes
    /// the pipe. Only then says that the function has returned `Ok`, but at once that it has failed.
    WriteAll {
        /// How many bytes.
        size: usize,
        /// Whether the kernel makes an interrupted call again that has not begun its work.
        restart: bool,
    },
    /// Reads standard input with `read_to_end`. Says [`Answer::Bytes`].
    ReadToEnd {
        /// What to read instead.
        path: Option<PathBuf>,
    },
    /// Reads standard input with `read_exact`, once for each of these sizes. Says [`Answer::Bytes`] or [`Answer::Early`] of
    /// each.
    ReadExact {
        /// The sizes of the buffers.
        sizes: Vec<usize>,
    },
    /// Runs each of these commands with `capture`, and says [`Answer::Captured`] of each. Then holds.
    Capture {
        /// The commands.
        commands: Vec<Command>,
        /// Waits in the buffer of standard output meanwhile.
        unwritten: String,
    },
    /// Runs each of these pipelines with `run_pipeline`, and says [`Answer::Ended`] of each. Then holds.
    RunPipeline {
        /// The pipelines.
        pipelines: Vec<Vec<Command>>,
    },
    /// Does this with workers, and says something of each act but the waiting. Then holds.
    Work {
        /// What to do, in order.
        acts: Vec<Act>,
    },
}

impl program::Task for Task {
    type Answer = Answer;

    fn function(&self) -> Option<&'static str> {
        match self {
            Task::WriteAll { .. } => Some("write_all"),
            _ => None,
        }
    }
}

/// Something that is done with workers; they are numbered in the order of their start, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Starts the next worker. Says [`Said::Returned`](program::Said::Returned).
    Start(Handler),
    /// Sends a worker a request of so many bytes. Says [`Answer::Bytes`].
    Call {
        /// The worker.
        worker: usize,
        /// The size of the request.
        size: usize,
    },
    /// Stops a worker. Says [`Answer::Status`].
    Stop {
        /// The worker.
        worker: usize,
    },
    /// Waits for a line on standard input.
    Wait,
}

/// What a server does with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Handler {
    /// Answers with the request.
    Echo,
    /// Answers with so many bytes.
    Size(usize),
    /// Answers with the number of requests so far, in digits.
    Count,
    /// Answers with the number of its own process, in digits.
    Process,
    /// Panics.
    Panic,
    /// Ends the process with this status.
    Exit(i32),
    /// Ends the process by this signal.
    Signal(i32),
}

/// What a function of the lab has answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Bytes.
    Bytes(Content),
    /// Bytes were taken from the pipe that the function writes to.
    Taken(Content),
    /// End of file came first, after so many bytes.
    Early {
        /// How many the function says had come.
        came: usize,
    },
    /// A command's output and its status.
    Captured {
        /// The output.
        output: Content,
        /// The status.
        status: i32,
    },
    /// The statuses of a pipeline's stages.
    Ended(Vec<i32>),
    /// The status of a worker.
    Status(i32),
    /// A child of the driver's has come out of the function as well.
    Astray {
        /// By a panic; else by returning.
        panicked: bool,
    },
}

/// What a function returned, in words.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Answer::Bytes(bytes) | Answer::Taken(bytes) => write!(f, "{bytes}"),
            Answer::Early { came } => write!(f, "`Error::Ended` with {came} bytes come"),
            Answer::Captured { output, status } => write!(f, "status {status} and {output}"),
            Answer::Ended(statuses) => write!(f, "the statuses {statuses:?}"),
            Answer::Status(status) => write!(f, "status {status}"),
            Answer::Astray { .. } => write!(f, "in a child as well"),
        }
    }
}
