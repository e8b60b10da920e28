//! What the drivers of all labs on processes say.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fmt::Display;

/// What a driver of a lab is told to do.
pub trait Task: Serialize {
    /// What its functions answer, beyond what every driver says. In words it follows "returned": "2 addresses".
    type Answer: DeserializeOwned + Display;

    /// The student's function whose end is all that the driver reports; none where it reports more.
    fn function(&self) -> Option<&'static str> {
        None
    }
}

/// What a driver says; `A` is the lab's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said<A> {
    /// What a function has returned, or what was seen of it.
    Answer(A),
    /// A listener is there.
    Listening {
        /// The port that the kernel says it listens at; 0 for a Unix socket.
        port: u16,
        /// Whether `accept` on it waits for a client.
        blocking: bool,
    },
    /// The function has returned, with nothing to say but that all is well.
    Returned,
    /// The function has returned an error.
    Refused {
        /// The error in words: `bind: Address already in use`.
        message: String,
        /// The call's error number, where a call failed.
        errno: Option<i32>,
    },
    /// A thread of the program has panicked.
    Panicked {
        /// What it said.
        message: String,
        /// The source file, as the compiler names it.
        file: String,
        /// The line, counted from 1.
        line: u32,
    },
}
