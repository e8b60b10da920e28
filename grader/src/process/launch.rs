//! What to start, and how.

use super::Limits;
use crate::trace::{Call, Rule, filter};
use protocol::trace::Instruction;
use serde::Serialize;
use std::ffi::OsString;
use std::path::PathBuf;

/// A program to start.
#[derive(Clone, Debug)]
pub struct Launch {
    pub(crate) name: String,
    pub(crate) program: Option<PathBuf>,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) task: Option<serde_json::Value>,
    pub(crate) input: Input,
    pub(crate) limits: Option<Limits>,
    pub(crate) trace: Option<Trace>,
    pub(crate) fenced: bool,
    pub(crate) twin: bool,
}

/// How closely a driver is watched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// Which of its calls come out otherwise.
    pub rules: Vec<Rule>,
    /// Whether reads, writes and polls are recorded as well, which makes the program several times slower.
    pub bytes: bool,
}

impl Trace {
    /// With these rules, and no more calls recorded than they need.
    pub fn with(rules: impl IntoIterator<Item = Rule>) -> Trace {
        Trace { rules: rules.into_iter().collect(), bytes: false }
    }

    /// The filter that makes the calls stop that are to be recorded, or that some rule is about.
    pub(crate) fn filter(&self) -> Vec<Instruction> {
        let strikes = |call| self.rules.iter().any(|rule| rule.call == call);
        filter(|call| self.bytes || !call.comes_often() || strikes(call))
    }

    /// Whether reads are among the calls that it stops.
    pub(crate) fn shows_bytes(&self) -> bool {
        self.bytes || self.rules.iter().any(|rule| rule.call == Call::Read)
    }
}

/// A program's standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// End of file at once.
    Nothing,
    /// These bytes, then end of file.
    Bytes(Vec<u8>),
    /// What the check feeds it, see [`Scene::feed`](crate::scene::Scene::feed).
    Fed,
}

impl Launch {
    /// The check's driver with a task, called `name` in every sentence (`server`, `client`). Input: nothing.
    pub fn driver<T: Serialize>(name: &str, task: &T) -> Launch {
        let task = serde_json::to_value(task).expect("tasks are plain data");
        Launch { task: Some(task), ..Launch::blank(name, None) }
    }

    /// Another program, without a channel.
    pub fn program(name: &str, program: impl Into<PathBuf>) -> Launch {
        Launch::blank(name, Some(program.into()))
    }

    fn blank(name: &str, program: Option<PathBuf>) -> Launch {
        let name = name.to_owned();
        Launch {
            name,
            program,
            arguments: Vec::new(),
            task: None,
            input: Input::Nothing,
            limits: None,
            trace: None,
            fenced: false,
            twin: false,
        }
    }

    /// With this standard input.
    pub fn input(self, input: Input) -> Launch {
        Launch { input, ..self }
    }

    /// With these arguments.
    pub fn arguments(mut self, arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Launch {
        self.arguments = arguments.into_iter().map(Into::into).collect();
        self
    }

    /// With its system calls recorded, and some of them made to fail. For drivers only.
    pub fn traced(self, trace: Trace) -> Launch {
        Launch { trace: Some(trace), ..self }
    }

    /// With a fence round the student's code, which sees nothing of `/proc`. For drivers that can do without it.
    pub fn fenced(self) -> Launch {
        Launch { fenced: true, ..self }
    }

    /// With a twin that waits for a job of its own, see [`protocol::TWIN_FD`]. For drivers only.
    pub(crate) fn with_twin(self) -> Launch {
        Launch { twin: true, ..self }
    }

    /// With limits of its own.
    pub fn limits(self, limits: Limits) -> Launch {
        Launch { limits: Some(limits), ..self }
    }
}
