//! The words for a semaphore alone.

use super::asleep;
use crate::checks::explored::{self, Diagnosis, End, Words, Wrong, in_line, old_look};
use crate::class::Class;
use crate::timeline::How;
use explore::trace::{Step, ThreadId};
use protocol::semaphore::{Breach, Call, Called, Semaphores};

pub(super) type Run<'a> = explored::Run<'a, Semaphores>;
pub(super) type Blocked = explored::Blocked<Semaphores>;

impl Words for Semaphores {
    const SUBJECT: &'static str = "the semaphore";
    const CONTENTS: &'static str = "permits";
    const SEEN: bool = false;

    fn contents(run: &Run, index: usize) -> String {
        permits(run, index).to_string()
    }

    fn level(run: &Run, index: usize) -> Option<String> {
        Some(permits(run, index).to_string())
    }

    fn sees(run: &Run, index: usize) -> String {
        match run.event(index).step {
            Step::Write { .. } => "changes it".to_owned(),
            _ => "looks".to_owned(),
        }
    }

    fn breach(run: &Run, thread: ThreadId, called: Option<Called>, breach: &Breach) -> Diagnosis {
        let Breach::NoPermit = breach;
        let ended = |index: &usize| called.is_some() && run.returned(*index) == called;
        let began = run.own(thread).into_iter().rfind(ended).or_else(|| run.last_call(thread));
        let own = began.and_then(|began| old_look(run, began).or_else(|| trusted_wakeup(run, began)));
        let mut diagnosis = own.unwrap_or_else(|| from_nowhere(run, thread, began));
        diagnosis.endings = vec![End::new(
            thread,
            How::WrongValue,
            format!("{} returned, and there was no permit for it.", Call::P),
        )];
        diagnosis
    }

    fn class(_: &Breach) -> Option<Class> {
        Some(Class::DuplicatedItem)
    }

    fn panic(run: &Run, thread: ThreadId, _: &str) -> Option<Diagnosis> {
        old_look(run, run.last_call(thread)?)
    }

    fn sleeper(run: &Run, blocked: &Blocked) -> Option<(usize, Diagnosis)> {
        asleep::diagnose(run, blocked)
    }

    fn taking(_: Option<Call>) -> (&'static str, &'static str) {
        ("took", "permit")
    }

    /// Whoever ends a P in between has taken a permit.
    fn overtakes(run: &Run, _: Call, index: usize) -> Option<&'static str> {
        run.returned(index).is_some_and(|called| called.call == Call::P).then_some("took the permit")
    }

    fn why_asleep(run: &Run, blocked: &Blocked, could_go_on: bool) -> String {
        let end = run.trace.events.len() - 1;
        match (blocked.call, permits(run, end)) {
            (Some(Call::V), _) => ", although it has nothing to wait for".to_owned(),
            (_, 0) if could_go_on => ", although it could go on".to_owned(),
            (_, permits) if could_go_on => format!(", although there {}", there(permits)),
            _ => "; there is no permit".to_owned(),
        }
    }
}

/// "is a permit", "are 2 permits".
pub(super) fn there(permits: usize) -> String {
    match permits {
        0 => "is no permit".to_owned(),
        1 => "is a permit".to_owned(),
        many => format!("are {many} permits"),
    }
}

/// The permits there are just after an event, if every call takes effect when it ends.
pub(super) fn permits(run: &Run, index: usize) -> usize {
    let ended = |wanted| run.returns(index + 1).filter(|(_, called)| called.call == wanted).count();
    (run.scenario.subject.permits + ended(Call::V)).saturating_sub(ended(Call::P))
}

/// A P that came back from its wait, and ended without a look.
fn trusted_wakeup(run: &Run, began: usize) -> Option<Diagnosis> {
    let call = run.same_call(began);
    let woke = *call.iter().rfind(|index| matches!(run.event(**index).step, Step::Wake { .. }))?;
    let looks = |index: &&usize| matches!(run.event(**index).step, Step::Read { .. } | Step::Write { .. });
    if call.iter().filter(|index| **index > woke).any(|index| looks(&index)) {
        return None;
    }
    let Step::Wake { by, .. } = run.event(woke).step else { return None };
    let name = run.name(run.event(woke).thread);
    let (headline, misconception) = match by {
        None => (
            format!(
                "A wait may return by itself: {name} woke up unasked, and came back from p() without a look."
            ),
            "spurious-wakeup",
        ),
        Some(by) => (
            format!(
                "Being woken is not having a permit: {name} was woken by {}, and came back from p() without a look.",
                run.name(by)
            ),
            "if-instead-of-while",
        ),
    };
    Some(Diagnosis {
        headline,
        expected: format!("p() of {name} looks again, and sleeps on while there is no permit for it"),
        seen: format!("{name} woke up{} and came back from p()", in_line(run, woke)),
        place: run.event(woke).place.clone(),
        question: "How can a thread that wakes here tell whether a permit was given to it?",
        misconception: Some(misconception),
        wrong: Some(Wrong { event: woke, note: "There is no permit.".to_owned() }),
        ..Diagnosis::default()
    })
}

/// A P that ended although no permit was left, and for no reason better known.
fn from_nowhere(run: &Run, thread: ThreadId, began: Option<usize>) -> Diagnosis {
    let name = run.name(thread);
    let looks = |index: &usize| matches!(run.event(*index).step, Step::Read { .. } | Step::Write { .. });
    let look = began.map(|began| run.same_call(began)).unwrap_or_default().into_iter().rfind(looks);
    let first = run.scenario.subject.permits;
    let given = (0..run.trace.events.len()).filter(|index| run.begun(*index) == Some(Call::V)).count();
    Diagnosis {
        headline: format!("A permit is good for one P: {name} came back from p(), and no permit was left."),
        expected: format!("p() of {name} sleeps until somebody gives a permit"),
        seen: format!("{first} at first and {given} given, and one P more than that returned"),
        place: look.and_then(|look| run.event(look).place.clone()),
        question: "What has to be true when this line is reached, and what is different after it?",
        misconception: Some("permit-from-nowhere"),
        wrong: look.map(|event| Wrong { event, note: "All permits are taken.".to_owned() }),
        ..Diagnosis::default()
    }
}
