//! The counters: what each check searches, and the words for what is found.

mod breach;
mod scenarios;

pub(super) use scenarios::plan;

use crate::checks::explored::{self, Diagnosis, Words};
use explore::trace::{Step, ThreadId};
use protocol::stats::{Breach, Call, Called, Counters};

type Run<'a> = explored::Run<'a, Counters>;
type Blocked = explored::Blocked<Counters>;

impl Words for Counters {
    const SUBJECT: &'static str = "the counters";
    const CONTENTS: &'static str = "counters";

    fn contents(_run: &Run, _index: usize) -> String {
        String::new()
    }

    fn sees(run: &Run, index: usize) -> String {
        match run.event(index).step {
            Step::Write { .. } => "counts".to_owned(),
            _ => "looks".to_owned(),
        }
    }

    fn breach(run: &Run, thread: ThreadId, called: Option<Called>, breach: &Breach) -> Diagnosis {
        breach::diagnose(run, thread, called, breach)
    }

    /// To count is to wait for nobody: whoever sleeps here does so for no reason.
    fn sleeper(run: &Run, blocked: &Blocked) -> Option<(usize, Diagnosis)> {
        let (slept, call) = (run.last_sleep(blocked.thread)?, blocked.call?);
        let diagnosis = Diagnosis {
            headline: format!(
                "To count is to wait for nobody: {} sleeps in {call}.",
                run.name(blocked.thread)
            ),
            expected: format!("{call} returns"),
            place: blocked.place.clone(),
            question: "What does this call wait for, and who promised that it would come?",
            ..Diagnosis::default()
        };
        Some((slept, diagnosis))
    }

    fn taking(_call: Option<Call>) -> (&'static str, &'static str) {
        ("counted", "change")
    }

    fn overtakes(_run: &Run, _call: Call, _index: usize) -> Option<&'static str> {
        None
    }

    fn why_asleep(_run: &Run, _blocked: &Blocked, _could_go_on: bool) -> String {
        String::new()
    }
}
