//! Buffers made of semaphores: a thread waits for a permit that does not come.
//!
//! What a permit stands for is told by the semaphore's name; a semaphore of another name gets plainer words.

use super::{Blocked, Run, words};
use crate::checks::explored::{Absent, Change, Culprit, Diagnosis, Wrong};
use crate::timeline::Side;
use explore::On;
use explore::trace::{Step, ThreadId};
use protocol::buffer::Call;

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

/// A thread that could go on, and waits for a permit.
pub(super) struct Victim<'a> {
    pub(super) run: &'a Run<'a>,
    pub(super) thread: ThreadId,
    /// Its call: `put(11)`.
    pub(super) call: Call,
    pub(super) semaphore: usize,
}

/// The words for a run in which a thread that could go on waits for a permit.
pub(super) fn diagnose(run: &Run, blocked: &[Blocked], could_go_on: &[ThreadId]) -> Option<Diagnosis> {
    let could = blocked.iter().filter(|blocked| could_go_on.contains(&blocked.thread));
    let victims: Vec<Victim> = could.filter_map(|blocked| Victim::new(run, blocked)).collect();
    let kept_by = |others| victims.iter().find_map(|victim| victim.kept(blocked, others));
    let kept = kept_by(true).or_else(|| kept_by(false));
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
        Some(Victim { run, thread: blocked.thread, call: blocked.call?, semaphore })
    }

    pub(super) fn name(&self) -> &'a str {
        self.run.name(self.thread)
    }

    pub(super) fn semaphore(&self) -> &'a str {
        &self.run.semaphores[self.semaphore]
    }

    pub(super) fn puts(&self) -> bool {
        self.call.puts()
    }

    fn expected(&self) -> String {
        let why = if self.puts() { "there is room" } else { "there is an item" };
        format!("{} of {} returns: {why}", self.call, self.name())
    }

    /// Somebody sleeps with the permit that is wanted: another thread, or this one itself.
    fn kept(&self, blocked: &[Blocked], other: bool) -> Option<Diagnosis> {
        let holds = |blocked: &&Blocked| {
            (blocked.thread != self.thread) == other
                && self.run.held(blocked.thread).iter().any(|(semaphore, _)| *semaphore == self.semaphore)
        };
        let keeper = blocked.iter().find(holds)?;
        let On::Semaphore(waits_for) = keeper.on else { return None };
        let (run, name, wanted) = (self.run, self.run.name(keeper.thread), self.semaphore());
        let elsewhere = &run.semaphores[waits_for];
        let (headline, misconception) = if keeper.thread == self.thread {
            (
                format!(
                    "Every P takes one more permit: {name} sleeps on `{wanted}`, and has taken its last permit itself."
                ),
                "takes-twice",
            )
        } else {
            let aim = if self.puts() { "bring an item" } else { "make room" };
            (
                format!(
                    "{name} sleeps on `{elsewhere}` while it holds `{wanted}`, which {} needs to {aim}.",
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
                    "{name} keeps a permit of `{wanted}` while it sleeps for one of `{elsewhere}`."
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

    /// The V that did not come, after the last step of a call.
    pub(super) fn missing_v(&self, event: usize) -> Absent {
        let helped = match (stands(self.semaphore()), self.puts()) {
            (Stands::ForTheQueue, _) => format!("{} would have come to the queue.", self.name()),
            _ => words::would_have(self.run, self.name(), self.call, event),
        };
        Absent { event, side: Side::After, label: format!("V {}", self.semaphore()), helped }
    }
}
