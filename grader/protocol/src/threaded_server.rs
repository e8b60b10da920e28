//! Tasks of the driver for threaded-server: searches of its counters and of its pool, and servers to run.

use crate::driver::Lab;
use crate::{Job, Record, pool, stats};
use serde::{Deserialize, Serialize};

/// The lab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThreadedServer;

/// What the driver is to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Search `Stats`.
    Stats(stats::Task),
    /// Search `Pool`.
    Pool(pool::Task),
}

impl Lab for ThreadedServer {
    type Task = Task;
    type Said = ();

    fn read(line: &str) -> serde_json::Result<Job<Task>> {
        serde_json::from_str(line)
    }

    fn write(record: &Record<()>) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(record)
    }
}
