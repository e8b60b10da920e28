//! Buffers made of semaphores: a thread waits for a permit that does not come.
//!
//! What a permit stands for is told by the semaphore's name; a semaphore of another name gets plainer words.

use super::{Run, words};
use crate::checks::explored::{Absent, Change, Culprit, Diagnosis, Wrong};
use crate::timeline::Side;
use explore::On;
use explore::trace::{Step, ThreadId};
use protocol::search::Blocked;

/// What the permits of a semaphore stand for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stands {
    ForItems,
    ForRoom,
    ForTheQueue,
    Unknown,
}

/// What the permits of a semaphore of this name stand for.
pub(super) fn stands(name: &str) -> Stands {
    let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    match () {
        () if has(&["mutex", "lock", "excl"]) => Stands::ForTheQueue,
        () if has(&["empty", "room", "free", "space"]) => Stands::ForRoom,
        () if has(&["full", "item", "used", "fill"]) => Stands::ForItems,
        () => Stands::Unknown,
    }
}

/// The permits that a semaphore had at first, where that can be told.
pub(super) fn at_first(run: &Run, semaphore: usize) -> Option<usize> {
    run.trace.events.iter().find_map(|event| match event.step {
        Step::P { semaphore: other, permits } if other == semaphore => Some(permits + 1),
        Step::V { semaphore: other, permits } if other == semaphore => Some(permits - 1),
        Step::NoPermit { semaphore: other } if other == semaphore => Some(0),
        _ => None,
    })
}

/// A thread that could go on, and waits for a permit.
struct Victim<'a> {
    run: &'a Run<'a>,
    thread: ThreadId,
    /// Its call: `put(11)`.
    call: &'a str,
    semaphore: usize,
}

/// The words for a run in which a thread that could go on waits for a permit.
pub(super) fn diagnose(run: &Run, blocked: &[Blocked], could_go_on: &[ThreadId]) -> Option<Diagnosis> {
    let could = blocked.iter().filter(|blocked| could_go_on.contains(&blocked.thread));
    let victims: Vec<Victim> = could.filter_map(|blocked| Victim::new(run, blocked)).collect();
    let kept = victims.iter().find_map(|victim| victim.kept(blocked));
    let known = || victims.iter().find_map(Victim::explained);
    let mut diagnosis = kept.or_else(known).or_else(|| victims.first().map(Victim::unexplained))?;
    if diagnosis.expected.is_empty() {
        diagnosis.expected = victims.first().map(Victim::expected)?;
    }
    Some(diagnosis)
}

impl<'a> Victim<'a> {
    fn new(run: &'a Run<'a>, blocked: &'a Blocked) -> Option<Victim<'a>> {
        let On::Semaphore(semaphore) = blocked.on else { return None };
        Some(Victim { run, thread: blocked.thread, call: blocked.call.as_deref()?, semaphore })
    }

    fn name(&self) -> &'a str {
        self.run.name(self.thread)
    }

    fn semaphore(&self) -> &'a str {
        &self.run.semaphores[self.semaphore]
    }

    fn puts(&self) -> bool {
        self.call.starts_with("put")
    }

    fn expected(&self) -> String {
        let why = if self.puts() { "there is room" } else { "there is an item" };
        format!("{} of {} returns: {why}", self.call, self.name())
    }

    /// Somebody sleeps with the permit that is wanted.
    fn kept(&self, blocked: &[Blocked]) -> Option<Diagnosis> {
        let holds = |blocked: &&Blocked| {
            self.run.held(blocked.thread).iter().any(|(semaphore, _)| *semaphore == self.semaphore)
        };
        let keeper = blocked.iter().find(holds)?;
        let On::Semaphore(waits_for) = keeper.on else { return None };
        let (run, other, wanted) = (self.run, run_name(self.run, keeper), self.semaphore());
        let elsewhere = &run.semaphores[waits_for];
        let (headline, misconception) = if keeper.thread == self.thread {
            (
                format!(
                    "A semaphore does not know its guests: {other} sleeps on `{wanted}` for what it has itself."
                ),
                "takes-twice",
            )
        } else {
            let aim = if self.puts() { "bring an item" } else { "make room" };
            (
                format!(
                    "{other} sleeps on `{elsewhere}` while it holds `{wanted}`, which {} needs to {aim}.",
                    self.name()
                ),
                "sleeps-holding-permit",
            )
        };
        let slept = run.last(keeper.thread, |step| matches!(step, Step::NoPermit { .. }));
        Some(Diagnosis {
            headline,
            place: keeper.place.clone(),
            question: "Which permit does a thread hold when it comes to this line, and who needs it meanwhile?",
            misconception: Some(misconception),
            wrong: slept.map(|event| Wrong {
                event,
                note: format!(
                    "{other} keeps a permit of `{wanted}` while it sleeps for one of `{elsewhere}`."
                ),
            }),
            culprits: vec![Culprit::Semaphore(self.semaphore), Culprit::Semaphore(waits_for)],
            ..Diagnosis::default()
        })
    }

    fn explained(&self) -> Option<Diagnosis> {
        let diagnosis = match (stands(self.semaphore()), self.puts()) {
            (Stands::ForTheQueue, _) => self.not_given_back().or_else(|| self.too_few_at_first(1)),
            (Stands::ForItems, true) | (Stands::ForRoom, false) => Some(self.wants_the_wrong_thing()),
            (Stands::ForItems, false) => self.not_announced(|change| matches!(change, Change::Push(_))),
            (Stands::ForRoom, true) => self
                .not_announced(|change| matches!(change, Change::Pop(_)))
                .or_else(|| self.too_few_at_first(self.run.capacity())),
            (Stands::Unknown, _) => None,
        }?;
        Some(Diagnosis { culprits: vec![Culprit::Semaphore(self.semaphore), Culprit::Items], ..diagnosis })
    }

    fn unexplained(&self) -> Diagnosis {
        let slept = self.run.last(self.thread, |step| matches!(step, Step::NoPermit { .. }));
        Diagnosis {
            headline: format!(
                "Whoever waits for a permit needs somebody to give it: {} sleeps on `{}` for ever in {}.",
                self.name(),
                self.semaphore(),
                self.call
            ),
            place: slept.and_then(|event| self.run.event(event).place.clone()),
            question: "Which call gives the permit that is waited for here, and does it always?",
            culprits: vec![Culprit::Semaphore(self.semaphore)],
            ..Diagnosis::default()
        }
    }

    /// The last permit was taken in a call that has ended.
    fn not_given_back(&self) -> Option<Diagnosis> {
        let run = self.run;
        let takes = |index: &usize| matches!(run.event(*index).step, Step::P { semaphore, .. } if semaphore == self.semaphore);
        let taken = (0..run.trace.events.len()).rfind(takes)?;
        let call = run.same_call(taken);
        let last =
            call.iter().copied().rfind(|index| !matches!(run.event(*index).step, Step::Return { .. }))?;
        let (who, what) = (run.name(run.event(taken).thread), run.call_at(taken)?);
        Some(Diagnosis {
            headline: format!(
                "A permit that is not given back is gone: {what} of {who} ended without a V on `{}`.",
                self.semaphore()
            ),
            place: run.event(taken).place.clone(),
            question: "Where does this call give back the permit that it takes here?",
            misconception: Some("keeps-permit"),
            wrong: Some(Wrong {
                event: last,
                note: format!("{who} is done, and `{}` has no permit left.", self.semaphore()),
            }),
            absent: Some(self.missing_v(last)),
            ..Diagnosis::default()
        })
    }

    /// A change was made, and the permit that says so was not given.
    fn not_announced(&self, helps: impl Fn(&Change) -> bool) -> Option<Diagnosis> {
        let run = self.run;
        let gives = |index: &usize| matches!(run.event(*index).step, Step::V { semaphore, .. } if semaphore == self.semaphore);
        let silent =
            |index: &usize| helps(&run.moments[*index].change) && !run.same_call(*index).iter().any(gives);
        let change = (0..run.trace.events.len()).rfind(silent)?;
        let who = run.name(run.event(change).thread);
        let call = run.same_call(change);
        let last =
            call.iter().copied().rfind(|index| !matches!(run.event(*index).step, Step::Return { .. }))?;
        let elsewhere = call.iter().rev().find_map(|index| self.gave_elsewhere(*index));
        let (headline, place, misconception) = match elsewhere {
            Some((event, other)) => (
                format!(
                    "A V reaches one semaphore only: {who} gave a permit of `{other}`, but {} sleeps on `{}`.",
                    self.name(),
                    self.semaphore()
                ),
                event,
                "wrong-semaphore",
            ),
            None => (
                format!(
                    "{} is announced by a V: {who} {}, and gave no permit of `{}`; {} sleeps for ever.",
                    if self.puts() { "Room" } else { "An item" },
                    did(&run.moments[change].change),
                    self.semaphore(),
                    self.name()
                ),
                change,
                "forgets-v",
            ),
        };
        Some(Diagnosis {
            headline,
            place: run.event(place).place.clone(),
            question: "Which permits has the other side to find after this call?",
            misconception: Some(misconception),
            wrong: Some(Wrong {
                event: if elsewhere.is_some() { place } else { last },
                note: format!(
                    "The buffer {} now, and `{}` has no permit.",
                    run.filling(last),
                    self.semaphore()
                ),
            }),
            absent: Some(self.missing_v(last)),
            ..Diagnosis::default()
        })
    }

    /// A permit given to a semaphore of which the same call took none.
    fn gave_elsewhere(&self, index: usize) -> Option<(usize, &'a str)> {
        let Step::V { semaphore: given, .. } = self.run.event(index).step else { return None };
        let call = self.run.same_call(index);
        let count = |wanted: fn(&Step) -> Option<usize>| {
            call.iter().filter(|event| wanted(&self.run.event(**event).step) == Some(given)).count()
        };
        let taken = count(|step| if let Step::P { semaphore, .. } = step { Some(*semaphore) } else { None });
        let back = count(|step| if let Step::V { semaphore, .. } = step { Some(*semaphore) } else { None });
        let for_others = stands(&self.run.semaphores[given]) != Stands::ForTheQueue;
        (for_others && back >= taken).then(|| (index, self.run.semaphores[given].as_str()))
    }

    /// The semaphore was made with fewer permits than there is to be had at first.
    fn too_few_at_first(&self, due: usize) -> Option<Diagnosis> {
        let first = at_first(self.run, self.semaphore).filter(|first| *first < due)?;
        let what = match stands(self.semaphore()) {
            Stands::ForTheQueue => "nobody is at the queue".to_owned(),
            _ => format!("there is room for {}", words::items(due)),
        };
        Some(Diagnosis {
            headline: format!(
                "Permits say what is there at first: `{}` starts with {first}, and {what}.",
                self.semaphore()
            ),
            place: self.run.trace.semaphores.get(self.semaphore).cloned(),
            question: "What is there in an empty buffer, and how many permits stand for it?",
            misconception: Some("initial-permits"),
            ..Diagnosis::default()
        })
    }

    fn wants_the_wrong_thing(&self) -> Diagnosis {
        let slept = self.run.last(self.thread, |step| matches!(step, Step::NoPermit { .. }));
        let principle =
            if self.puts() { "A put needs room, not an item" } else { "A take needs an item, not room" };
        Diagnosis {
            headline: format!(
                "{principle}: {} sleeps on `{}` in {}.",
                self.name(),
                self.semaphore(),
                self.call
            ),
            place: slept.and_then(|event| self.run.event(event).place.clone()),
            question: "What does a permit of this semaphore stand for, and does this call need it?",
            misconception: Some("wrong-semaphore"),
            wrong: slept
                .map(|event| Wrong { event, note: format!("The buffer {}.", self.run.filling(event)) }),
            ..Diagnosis::default()
        }
    }

    /// The V that did not come, after the last step of a call.
    fn missing_v(&self, event: usize) -> Absent {
        let helped = match (stands(self.semaphore()), self.puts()) {
            (Stands::ForTheQueue, _) => format!("{} would have come to the queue.", self.name()),
            _ => words::would_have(self.run, self.name(), self.call, event),
        };
        Absent { event, side: Side::After, label: format!("V {}", self.semaphore()), helped }
    }
}

fn run_name<'a>(run: &Run<'a>, blocked: &Blocked) -> &'a str {
    run.name(blocked.thread)
}

/// "put 10", "took 10".
fn did(change: &Change) -> String {
    match change {
        Change::Push(items) => format!("put {}", items.join(", ")),
        Change::Pop(items) => format!("took {}", items.join(", ")),
        _ => "changed the buffer".to_owned(),
    }
}
