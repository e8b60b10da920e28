//! What a driver reports.

use super::program::Program;
use super::wait::Pace;
use super::{Failed, Scene};
use crate::process::Ending;
use protocol::{Body, Record};
use serde::de::DeserializeOwned;

/// What comes next from a driver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said<R> {
    /// A result.
    Result(R),
    /// The final record.
    Done,
    /// The program has ended (or was ended at a limit) without a final record.
    Ended(Ending),
    /// A record that is none of this lab's: driver and grader do not fit together.
    Garbled,
}

impl Scene {
    /// Waits for whatever the driver says next: a record, its last word, or the end of the program. Every record counts
    /// as progress: time and processor limits start anew. Fails only where the program is stuck.
    pub fn next<R: DeserializeOwned>(&mut self, program: Program) -> Result<Said<R>, Failed> {
        self.said(program, "speaks")
    }

    fn said<R: DeserializeOwned>(&mut self, program: Program, action: &str) -> Result<Said<R>, Failed> {
        let name = self.program_name(program);
        let said = self.wait(Pace::Events, |scene| scene.try_next(program));
        said.map_err(|stuck| self.stuck("grader", format!("waits until {name} {action}"), stuck))
    }

    /// The next record if it is there already; never waits, and never fails.
    pub fn try_next<R: DeserializeOwned>(&mut self, program: Program) -> Option<Said<R>> {
        let running = self.running(program);
        let Some(line) = running.io.channel.as_mut().and_then(|channel| channel.records.pop_front()) else {
            return (!running.alive()).then_some(Said::Ended(running.ending));
        };
        Some(match serde_json::from_slice::<Record<R>>(&line).map(|record| record.body) {
            Ok(Body::Result(result)) => Said::Result(result),
            Ok(Body::Done) => {
                self.running(program).end_is_known = true;
                Said::Done
            }
            Err(_) => Said::Garbled,
        })
    }

    /// Expects a result. That the driver is done, or has ended, fails with how it ended.
    pub fn record<R: DeserializeOwned>(&mut self, program: Program) -> Result<R, Failed> {
        let (name, action) = (self.program_name(program), "reports a result");
        match self.said(program, action)? {
            Said::Result(result) => Ok(result),
            other => Err(self.unexpected(&name, action, &other)),
        }
    }

    /// Expects the driver's final record.
    pub fn expect_done(&mut self, program: Program) -> Result<(), Failed> {
        let (name, action) = (self.program_name(program), "is done");
        match self.said::<serde_json::Value>(program, action)? {
            Said::Done => Ok(()),
            other => Err(self.unexpected(&name, action, &other)),
        }
    }

    fn unexpected<R>(&mut self, name: &str, action: &str, said: &Said<R>) -> Failed {
        let seen = match said {
            Said::Garbled => {
                return Failed::unchecked("The driver said what the grader does not understand.");
            }
            Said::Ended(ending) => format!("it {}", ending.words()),
            Said::Done => "it had nothing more to report".to_owned(),
            Said::Result(_) => "it reported more".to_owned(),
        };
        self.fail("grader", format!("waits until {name} {action}"), seen, Vec::new())
    }
}
