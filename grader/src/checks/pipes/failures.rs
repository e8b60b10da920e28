//! No room for another pipe, or another process: the caller is told, and nothing is left of what was begun.

use super::capture::{no_child_left, no_end_left, owned};
use super::worker::work;
use super::{Play, both_go_on, hang};
use crate::process::Input;
use crate::scene::{Explain, Failed, Program};
use crate::steps::Actor;
use crate::trace::{Call, Fault, Rule};
use nix::errno::Errno;
use protocol::pipes::{Act, Answer, Handler, Said, Task};

/// Which call of which function fails.
struct Case {
    function: &'static str,
    stages: &'static [&'static [&'static str]],
    call: Call,
    nth: u32,
    errno: Errno,
}

const fn case(
    function: &'static str,
    stages: &'static [&'static [&'static str]],
    (call, nth, errno): (Call, u32, Errno),
) -> Case {
    Case { function, stages, call, nth, errno }
}

const CAPTURE: &str = "capture";
const RUN: &str = "run_pipeline";
const START: &str = "Worker::start";

const ONE: &[&[&str]] = &[&["true"]];
const THREE: &[&[&str]] = &[&["cat"], &["cat"], &["cat"]];
/// The first stage ends only when nobody can read any more.
const ENDLESS: &[&[&str]] = &[&["yes"], &["true"]];

const CASES: [Case; 7] = [
    case(CAPTURE, ONE, (Call::Pipe, 1, Errno::EMFILE)),
    case(CAPTURE, ONE, (Call::Fork, 1, Errno::EAGAIN)),
    case(RUN, THREE, (Call::Pipe, 2, Errno::ENFILE)),
    case(RUN, THREE, (Call::Fork, 2, Errno::EAGAIN)),
    case(RUN, ENDLESS, (Call::Fork, 2, Errno::EAGAIN)),
    case(START, &[], (Call::Pipe, 2, Errno::EMFILE)),
    case(START, &[], (Call::Fork, 1, Errno::EAGAIN)),
];

pub(super) fn failures_leave_nothing(play: &mut Play<'_>) -> Result<String, Failed> {
    let mut failures = 0;
    for case in &CASES {
        let file = if case.function == START { "src/channel.rs" } else { "src/pipeline.rs" };
        play.look_at(file, case.function);
        failures += usize::from(case.play(play)?);
    }
    match failures {
        0 => Err(Failed::unchecked("No call was made that could be made to fail.")),
        _ => {
            Ok(format!("`pipe` and `fork` failed {failures} times; callers were told, and nothing was left."))
        }
    }
}

impl Case {
    /// Says whether the call was made, and failed.
    fn play(&self, play: &mut Play<'_>) -> Result<bool, Failed> {
        let before = play.calls().len();
        let program = self.start(play)?;
        let said = play.said(program);
        let failed = play.calls()[before..].iter().any(|record| record.fault.is_some());
        let said = said.map_err(|failed| self.hangs(play, program, failed))?;
        self.told(play, &said, failed)?;
        self.nothing_left(play, program)?;
        play.kill(program);
        Ok(failed)
    }

    fn start(&self, play: &mut Play<'_>) -> Result<Program, Failed> {
        let rule = Rule::new(self.call, Fault::Fails(self.errno)).times(self.nth, 1);
        let commands = self.stages.iter().map(|command| owned(command)).collect();
        let task = match self.function {
            CAPTURE => Task::Capture { commands, unwritten: String::new() },
            RUN => Task::RunPipeline { pipelines: vec![commands] },
            _ => return work(play, vec![Act::Start(Handler::Echo), Act::Stop { worker: 0 }], [rule]),
        };
        play.start_with_faults("parent", &task, Input::Nothing, [rule])
    }

    fn call(&self) -> &'static str {
        if self.call == Call::Pipe { "pipe2" } else { "fork" }
    }

    /// An `Err` where the call has failed. Who has tried again has a result, and one that has to be right.
    fn told(&self, play: &mut Play<'_>, said: &Said, failed: bool) -> Result<(), Failed> {
        let refused = failed && matches!(said, Said::Refused { .. } | Said::Answer(Answer::Early { .. }));
        let done = match said {
            Said::Answer(Answer::Astray { panicked }) => {
                return Err(both_go_on(play, self.function, *panicked));
            }
            Said::Answer(Answer::Captured { output, status: 0 }) => output.size == 0,
            Said::Answer(Answer::Ended(statuses)) => self.statuses(statuses),
            Said::Returned => true,
            _ => false,
        };
        let (function, call) = (self.function, self.call());
        let seen = format!("it says {}", in_words(said));
        play.require(refused || done, Actor::Grader, format!("expects an `Err` of `{function}`"), &seen)
            .or_say(&format!(
                "A call that fails is told: `{call}` failed, and `{function}` did not return its `Err`."
            ))
            .expected(&format!("`{function}` fails with the error of `{call}`"))
            .ask("What becomes of the result of each call?")
            .misconception("error-swallowed")
    }

    fn statuses(&self, statuses: &[i32]) -> bool {
        statuses.len() == self.stages.len() && statuses[1..].iter().all(|status| *status == 0)
    }

    fn nothing_left(&self, play: &mut Play<'_>, program: Program) -> Result<(), Failed> {
        let (function, call) = (self.function, self.call());
        // The way out that was taken there begins with the call that failed.
        let says = |failed: Failed, headline: &str| {
            Failed { place: None, ..failed }
                .or_say(headline)
                .ask("What was there already when the call failed, and who sees to it on that path?")
        };
        no_child_left(play, program, function).map_err(|failed| {
            let headline = "Who gives up still waits for its children";
            says(failed, &format!("{headline}: `{call}` failed, and `{function}` left one behind."))
        })?;
        no_end_left(play, program, function).map_err(|failed| {
            let headline = "Who gives up still closes what is open";
            says(failed, &format!("{headline}: `{call}` failed, and `{function}` left descriptors open."))
        })
    }

    /// It does not come back.
    fn hangs(&self, play: &mut Play<'_>, program: Program, failed: Failed) -> Failed {
        let (function, call) = (self.function, self.call());
        let kept = hang::explain(play, program, self.stages.len(), failed.clone());
        if kept.misconception.is_none() {
            return failed;
        }
        kept.or_say(&format!(
            "Who gives up closes its ends, then waits: `{call}` failed, and `{function}` does not come back."
        ))
        .expected("the ends of all pipes are closed before the stages that were started are waited for")
        .ask("Which ends are still open in the parent on the path that the failure takes?")
    }
}

fn in_words(said: &Said) -> String {
    match said {
        Said::Answer(answer) => answer.to_string(),
        Said::Refused { message, .. } => format!("an `Err`: {message}"),
        _ => "`Ok`".to_owned(),
    }
}
