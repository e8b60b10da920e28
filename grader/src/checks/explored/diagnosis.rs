//! What is to be said of a failed run, before it is drawn.

use super::Words;
use super::draw::Drawing;
use super::run::Run;
use crate::check::{Finding, Status};
use crate::class::Class;
use crate::timeline::{Ending, How, Mark, Missing, ObjectId, Side};
use explore::trace::{Place, Step, ThreadId};

/// The words for a run, and the steps they are about. Events are those of the trace.
#[derive(Debug, Default)]
pub(in crate::checks) struct Diagnosis {
    /// The principle, then what happened in this run.
    pub(in crate::checks) headline: String,
    /// What the contract promises.
    pub(in crate::checks) expected: String,
    /// What was observed.
    pub(in crate::checks) seen: String,
    /// The line to look at.
    pub(in crate::checks) place: Option<Place>,
    /// The function to look at where no line is known: `Pool::new`; none leaves the choice to the check.
    pub(in crate::checks) function: Option<&'static str>,
    /// A question that the line answers.
    pub(in crate::checks) question: &'static str,
    /// An entry of the lab's data file; none leaves the choice to the check.
    pub(in crate::checks) misconception: Option<&'static str>,
    /// What the field calls it; none leaves it to what the schedule shows.
    pub(in crate::checks) class: Option<Class>,
    /// The decisive step.
    pub(in crate::checks) wrong: Option<Wrong>,
    /// The step that did not happen.
    pub(in crate::checks) absent: Option<Absent>,
    /// How the lanes ended of which there is something to say.
    pub(in crate::checks) endings: Vec<End>,
    /// What it is about.
    pub(in crate::checks) culprits: Vec<Culprit>,
}

/// The decisive step.
#[derive(Debug)]
pub(in crate::checks) struct Wrong {
    pub(in crate::checks) event: usize,
    /// What was the case at this moment.
    pub(in crate::checks) note: String,
}

/// A step that did not happen, and would have helped.
#[derive(Debug)]
pub(in crate::checks) struct Absent {
    /// The event beside which it is missing.
    pub(in crate::checks) event: usize,
    pub(in crate::checks) side: Side,
    /// The event, never the code to type.
    pub(in crate::checks) label: String,
    pub(in crate::checks) helped: String,
}

/// How a thread ended.
#[derive(Debug)]
pub(in crate::checks) struct End {
    pub(in crate::checks) thread: ThreadId,
    pub(in crate::checks) how: How,
    pub(in crate::checks) sentence: String,
    pub(in crate::checks) kept_by: Option<ThreadId>,
}

/// What a failure can be about.
#[derive(Debug)]
pub(in crate::checks) enum Culprit {
    Items,
    Mutex(usize),
    Condvar(usize),
    Atomic(usize),
    Semaphore(usize),
}

impl Wrong {
    /// A decisive step, where there is one.
    pub(in crate::checks) fn at(event: Option<usize>, note: impl Into<String>) -> Option<Wrong> {
        event.map(|event| Wrong { event, note: note.into() })
    }
}

impl End {
    /// A thread that came to its end in this way, and that nobody kept from going on.
    pub(in crate::checks) fn new(thread: ThreadId, how: How, sentence: String) -> End {
        End { thread, how, sentence, kept_by: None }
    }
}

impl Diagnosis {
    /// Sends the reader to the decisive step, where the words know no better line.
    pub(in crate::checks) fn at_wrong_step<L: Words>(mut self, run: &Run<L>) -> Diagnosis {
        let wrong = self.wrong.as_ref().and_then(|wrong| run.event(wrong.event).place.clone());
        self.place = self.place.or(wrong);
        self
    }

    /// The finding: the words, and the run drawn with its marks.
    pub(super) fn finding<L: Words>(self, run: &Run<L>, mut drawing: Drawing) -> Finding {
        self.mark(run, &mut drawing);
        let line = self.place.as_ref().and_then(|place| run.sources.location(place));
        let location = line.or_else(|| run.sources.function(self.function?));
        Finding {
            expected: filled(self.expected),
            seen: filled(self.seen),
            question: filled(self.question.to_owned()),
            location,
            misconception: self.misconception.map(str::to_owned),
            class: self.class,
            timeline: drawing.timeline,
            ..Finding::new(Status::Fail, self.headline)
        }
    }

    fn mark<L: Words>(&self, run: &Run<L>, drawing: &mut Drawing) {
        drawing.timeline.omitted = "the others only lock, look, unlock or notify nobody".to_owned();
        drawing.timeline.culprits = self.culprits.iter().map(|culprit| object(culprit, drawing)).collect();
        drawing.timeline.endings = self.endings.iter().filter_map(|end| ending(end, drawing)).collect();
        drawing.timeline.missing = self.absent.as_ref().and_then(|absent| missing(absent, run, drawing));
        self.mark_stuck(run, drawing);
        let Some(wrong) = &self.wrong else { return };
        if let Some(event) = drawing.events[wrong.event] {
            drawing.timeline.events[event].mark = Mark::Wrong;
            drawing.timeline.events[event].note = Some(wrong.note.clone());
        }
    }

    /// The step after which nothing happens any more, where the run ends with threads that are stuck.
    fn mark_stuck<L: Words>(&self, run: &Run<L>, drawing: &mut Drawing) {
        let stuck = |thread| self.endings.iter().any(|end| end.thread == thread && end.how == How::Stuck);
        let shown = |index: &usize| drawing.events[*index].is_some();
        let Some(last) = (0..drawing.events.len()).rfind(shown) else { return };
        let blocks =
            matches!(run.event(last).step, Step::Wait { .. } | Step::Blocked { .. } | Step::NoPermit { .. });
        if let (true, true, Some(event)) = (blocks, stuck(run.event(last).thread), drawing.events[last]) {
            drawing.timeline.events[event].mark = Mark::Stuck;
        }
    }
}

fn filled(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn object(culprit: &Culprit, drawing: &Drawing) -> ObjectId {
    match culprit {
        Culprit::Items => drawing.queue(),
        Culprit::Mutex(number) => *number,
        Culprit::Condvar(number) => drawing.condvar(*number),
        Culprit::Atomic(number) => drawing.atomic(*number),
        Culprit::Semaphore(number) => drawing.semaphore(*number),
    }
}

fn ending(end: &End, drawing: &Drawing) -> Option<Ending> {
    Some(Ending {
        lane: drawing.lane(end.thread)?,
        how: end.how,
        sentence: end.sentence.clone(),
        kept_by: end.kept_by.and_then(|thread| drawing.lane(thread)),
    })
}

fn missing<L: Words>(absent: &Absent, run: &Run<L>, drawing: &Drawing) -> Option<Missing> {
    Some(Missing {
        event: drawing.events[absent.event]?,
        side: absent.side,
        lane: drawing.lane(run.event(absent.event).thread)?,
        label: absent.label.clone(),
        helped: absent.helped.clone(),
    })
}
