//! What a driver reports.

use super::program::Program;
use super::wait::Pace;
use super::{Explain, Failed, Scene};
use crate::process::{Channel, Ending, Running};
use crate::steps::{Action, Actor, Due};
use protocol::Body;
use protocol::seal::Void;
use serde::Serialize;
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
    /// Nothing: not all that came over the channel is the driver's, or not all that is came.
    Void(Void),
}

/// Which process of a driver's is asked and heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// The driver itself.
    Driver(Program),
    /// Its twin, see [`protocol::TWIN_FD`].
    Twin(Program),
}

impl From<Program> for Speaker {
    fn from(program: Program) -> Speaker {
        Speaker::Driver(program)
    }
}

impl Speaker {
    fn program(self) -> Program {
        match self {
            Speaker::Driver(program) | Speaker::Twin(program) => program,
        }
    }

    fn channel(self, running: &mut Running) -> Option<&mut Channel> {
        match self {
            Speaker::Driver(_) => running.io.channel.as_mut(),
            Speaker::Twin(_) => running.io.twin.as_mut(),
        }
    }
}

impl Scene {
    /// Waits for whatever the driver says next: a record, its last word, or the end of the program. Every record counts
    /// as progress: time and processor limits start anew. Fails only where the program is stuck.
    pub fn next<R: DeserializeOwned>(&mut self, speaker: impl Into<Speaker>) -> Result<Said<R>, Failed> {
        self.said(speaker.into(), Due::Word)
    }

    fn said<R: DeserializeOwned>(&mut self, speaker: Speaker, due: Due) -> Result<Said<R>, Failed> {
        let program = self.program_name(speaker.program());
        let said = self.wait(Pace::Events, |scene| scene.try_next(speaker));
        let action = Action::AwaitsReport { program, due };
        match said.map_err(|stuck| self.stuck(Actor::Grader, action, stuck))? {
            Said::Void(void) => Err(self.voided(void)),
            said => Ok(said),
        }
    }

    /// Asks the driver something more, for which it waits.
    pub(crate) fn ask(&mut self, program: Program, question: &impl Serialize) {
        self.running(program).io.channel.iter_mut().for_each(|channel| channel.ask(question));
    }

    /// Gives a driver's twin its job.
    pub(crate) fn order_twin(&mut self, program: Program, task: &impl Serialize) {
        self.running(program).io.twin.iter_mut().for_each(|channel| channel.order(task, Vec::new()));
    }

    /// Whether all that came from all drivers was theirs, and in its place.
    ///
    /// # Errors
    /// Where it was not: nothing that it seems to say counts.
    pub(super) fn hears_drivers_alone(&mut self) -> Result<(), Failed> {
        let channels = |program: &Running| program.io.channels().find_map(Channel::void);
        self.programs.iter().find_map(channels).map_or(Ok(()), |void| Err(self.voided(void)))
    }

    /// The next record if it is there already; never waits, and never fails.
    pub fn try_next<R: DeserializeOwned>(&mut self, speaker: impl Into<Speaker>) -> Option<Said<R>> {
        let speaker = speaker.into();
        let program = speaker.program();
        let running = self.running(program);
        let channel = speaker.channel(running);
        // Of a twin's end its channel tells alone.
        let is_over = speaker == Speaker::Twin(program) && channel.as_ref().is_none_or(|it| it.is_over());
        let body = match channel.map_or(Ok(None), Channel::next) {
            Ok(Some(body)) => body,
            Ok(None) => return (is_over || !running.alive()).then_some(Said::Ended(running.ending)),
            Err(void) => return Some(Said::Void(void)),
        };
        Some(match serde_json::from_slice::<Body<R>>(&body) {
            Ok(Body::Result(result)) => Said::Result(result),
            Ok(Body::Done) => {
                self.running(program).end_is_known |= speaker == Speaker::Driver(program);
                Said::Done
            }
            Err(_) => Said::Garbled,
        })
    }

    /// Expects a result. That the driver is done, or has ended, fails with how it ended.
    pub fn record<R: DeserializeOwned>(&mut self, program: Program) -> Result<R, Failed> {
        match self.said(program.into(), Due::Result)? {
            Said::Result(result) => Ok(result),
            other => Err(self.unexpected(program, Due::Result, &other)),
        }
    }

    /// Expects the driver's final record.
    pub fn expect_done(&mut self, program: Program) -> Result<(), Failed> {
        match self.said::<serde_json::Value>(program.into(), Due::Done)? {
            Said::Done => Ok(()),
            other => Err(self.unexpected(program, Due::Done, &other)),
        }
    }

    fn unexpected<R>(&mut self, program: Program, due: Due, said: &Said<R>) -> Failed {
        let action = Action::AwaitsReport { program: self.program_name(program), due };
        let seen = match said {
            Said::Void(void) => return self.voided(*void),
            Said::Garbled => {
                return Failed::unchecked("The driver said what the grader does not understand.");
            }
            Said::Ended(_) => return self.fail_by_end(action, program),
            Said::Done => "it had nothing more to report".to_owned(),
            Said::Result(_) => "it reported more".to_owned(),
        };
        self.fail(Actor::Grader, action, seen, Vec::new())
    }

    /// The words for a conversation that is worth nothing.
    fn voided(&mut self, void: Void) -> Failed {
        let seen = match void {
            Void::Foreign => "a line came over it that the driver has not written",
            Void::Disorder => "what the driver wrote came incomplete, twice, or in another order",
        };
        Failed {
            expected: Some("the driver alone uses the descriptor on which it reports".to_owned()),
            seen: Some(seen.to_owned()),
            ..self.fail(Actor::Grader, Action::ExpectsOwnChannel, seen.to_owned(), Vec::new())
        }
        .or_say("The program used a descriptor of the grader's, so nothing that was reported over it counts.")
    }
}
