//! The words for bounded buffers, whatever they are made of: one of `breach`, `permits`, `sleeper` and `waiting` finds the
//! decisive step of a schedule.

mod breach;
mod closing;
mod given;
mod permits;
mod sleeper;
mod state;
mod waiting;
mod wakeups;
mod words;

use super::explored::{self, Change, Diagnosis, Words, old_look};
use crate::class::Class;
use explore::trace::ThreadId;
use protocol::buffer::{Breach, Buffers, Call, Called, Fault};
use sleeper::Sleeper;

type Run<'a> = explored::Run<'a, Buffers>;
type Blocked = explored::Blocked<Buffers>;

impl Words for Buffers {
    const SUBJECT: &'static str = "the buffer";
    const CONTENTS: &'static str = "items";

    fn closes(call: Call) -> bool {
        call == Call::Close
    }

    fn contents(run: &Run, index: usize) -> String {
        run.contents(index)
    }

    fn level(run: &Run, index: usize) -> Option<String> {
        Some(run.level(index))
    }

    fn sees(run: &Run, index: usize) -> String {
        run.sees(index)
    }

    fn breach(run: &Run, thread: ThreadId, called: Option<Called>, breach: &Breach) -> Diagnosis {
        breach::diagnose(run, thread, called, breach)
    }

    fn class(breach: &Breach) -> Option<Class> {
        match breach.fault {
            Fault::Overfull => Some(Class::WrongCapacity),
            Fault::WrongOrder { .. } | Fault::TakenLate { .. } => Some(Class::WrongOrder),
            Fault::NotThere { .. } | Fault::GaveBackAnother { .. } => Some(Class::DuplicatedItem),
            Fault::Lost { .. } => Some(Class::LostItem),
            _ => None,
        }
    }

    fn panic(run: &Run, thread: ThreadId, message: &str) -> Option<Diagnosis> {
        let began = run.last_call(thread)?;
        old_look(run, began).or_else(|| waiting::did_not_wait(run, began, message))
    }

    fn stuck(run: &Run, blocked: &[Blocked], could_go_on: &[ThreadId]) -> Option<Diagnosis> {
        permits::diagnose(run, blocked, could_go_on)
    }

    fn sleeper(run: &Run, blocked: &Blocked) -> Option<(usize, Diagnosis)> {
        let sleeper = Sleeper::new(run, blocked)?;
        let diagnosis = sleeper.in_a_semaphore().unwrap_or_else(|| sleeper.diagnose());
        Some((sleeper.slept, diagnosis))
    }

    fn taking(call: Option<Call>) -> (&'static str, &'static str) {
        if call.is_some_and(Call::puts) { ("put", "room") } else { ("took", "item") }
    }

    fn overtakes(run: &Run, call: Call, index: usize) -> Option<&'static str> {
        match (&run.moments[index].change, call.puts()) {
            (Change::Pop(_), false) => Some("took the item"),
            (Change::Push(_), true) => Some("used the room"),
            _ => None,
        }
    }

    fn why_asleep(run: &Run, blocked: &Blocked, could_go_on: bool) -> String {
        run.why_asleep(blocked, could_go_on)
    }
}
