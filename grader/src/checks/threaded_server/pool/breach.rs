//! A call of the pool's, or a job, that did what the contract forbids.

use super::{Run, worker};
use crate::checks::explored::{Absent, Change, Culprit, Diagnosis, End, Wrong, old_look, or};
use crate::timeline::{How, Side};
use explore::trace::{Place, Step, ThreadId};
use protocol::pool::{Breach, Called, Fault, Subject};

/// The call or job, and how things stood.
pub(super) struct Offence<'a> {
    pub(super) run: &'a Run<'a>,
    pub(super) thread: ThreadId,
    /// `execute(job 3)`, `job 2`; `new(2, 1)` before the first call.
    pub(super) call: String,
    pub(super) breach: &'a Breach,
}

/// The words for a breach of the contract.
pub(super) fn diagnose(run: &Run, thread: ThreadId, called: Option<Called>, breach: &Breach) -> Diagnosis {
    let Subject { workers, queue, .. } = &run.scenario.subject;
    let call = or(called.map(|called| called.call), &format!("new({workers}, {queue})"));
    let offence = Offence { run, thread, call, breach };
    let mut diagnosis = match &breach.fault {
        Fault::Threads { got } => offence.threads(*got),
        Fault::Overfull => offence.overfull(),
        Fault::AcceptedAfterShutdown => offence.accepted_after_shutdown(),
        Fault::RefusedBeforeShutdown => offence.refused_before_shutdown(),
        Fault::GaveBackAnother { got } => offence.gave_back_another(*got),
        Fault::InTheCaller => offence.in_the_caller(),
        Fault::BegunUnasked => offence.begun_unasked(),
        Fault::WrongOrder { oldest } => offence.wrong_order(*oldest),
        Fault::TooMany => offence.too_many(),
        Fault::Lost { job } => offence.lost(*job),
        Fault::EndedEarly => offence.ended_early(),
        Fault::NotJoined { left } => offence.not_joined(*left),
    };
    diagnosis = diagnosis.at_wrong_step(run);
    diagnosis.place = diagnosis.place.filter(|place| run.sources.location(place).is_some());
    diagnosis.endings = vec![End::new(thread, How::WrongValue, format!("{}.", diagnosis.seen))];
    diagnosis
}

/// "job 1", "jobs 1 and 2", "no job".
pub(super) fn jobs(jobs: &[usize]) -> String {
    match jobs {
        [] => "no job".to_owned(),
        [job] => format!("job {job}"),
        [some @ .., last] => {
            let some: Vec<String> = some.iter().map(usize::to_string).collect();
            format!("jobs {} and {last}", some.join(", "))
        }
    }
}

fn are(jobs: &[usize]) -> &'static str {
    if jobs.len() < 2 { "is" } else { "are" }
}

fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

impl Offence<'_> {
    pub(super) fn name(&self) -> &str {
        self.run.name(self.thread)
    }

    /// How things stood: "job 1 at work and job 2 waiting".
    pub(super) fn situation(&self) -> String {
        let Breach { waiting, running, .. } = self.breach;
        format!("{} at work and {} waiting", jobs(running), jobs(waiting))
    }

    pub(super) fn events(&self) -> Vec<usize> {
        self.run.last_call(self.thread).map_or_else(Vec::new, |began| self.run.same_call(began))
    }

    pub(super) fn change(&self) -> Option<usize> {
        self.run.last_change(self.run.last_call(self.thread)?)
    }

    /// The last line that the call was seen at.
    pub(super) fn last_line(&self) -> Option<Place> {
        self.events().into_iter().rev().find_map(|index| self.run.event(index).place.clone())
    }

    /// The step that let a job go first: that put it in front of others, or that took it out before them.
    fn out_of_order(&self) -> Option<usize> {
        let changes = |index: &usize| match &self.run.moments[*index].change {
            Change::Push(jobs) | Change::Pop(jobs) => jobs.contains(&self.call),
            _ => false,
        };
        let mut steps = (0..self.run.trace.events.len()).filter(changes);
        let (push, pop) = (steps.next()?, steps.next());
        let items = &self.run.moments[push].items;
        let in_front = items.len() > 1 && items[0] == self.call;
        if in_front { Some(push) } else { pop }
    }

    /// The step with which the job was begun.
    pub(super) fn begun(&self) -> Option<usize> {
        self.run.last(self.thread, |step| matches!(step, Step::Mark { .. }))
    }

    fn threads(&self, got: usize) -> Diagnosis {
        let wanted = self.run.scenario.subject.workers;
        let by_pool =
            |step: &Step| matches!(step, Step::Spawn { thread } if self.run.plan(*thread).is_none());
        let last = self.run.last(self.thread, by_pool);
        let helped = format!("{} would have started {}.", self.call, count(wanted, "thread"));
        let absent = last.filter(|_| got < wanted).map(|event| Absent {
            event,
            side: Side::After,
            label: "start another".to_owned(),
            helped,
        });
        Diagnosis {
            function: Some("Pool::new"),
            wrong: Wrong::at(last.filter(|_| got > wanted), "This thread was not asked for."),
            absent,
            headline: format!(
                "A pool has the threads it was asked for: {} has started {}, not {wanted}.",
                self.call,
                if got == 0 { "none".to_owned() } else { got.to_string() }
            ),
            expected: format!("{}, started by new, which live until the end", count(wanted, "thread")),
            seen: format!("{} when new returned", count(got, "thread")),
            question: "How often is a thread started here, and when?",
            misconception: Some("number-of-threads"),
            ..Diagnosis::default()
        }
    }

    fn overfull(&self) -> Diagnosis {
        if let Some(found) = self.run.last_call(self.thread).and_then(|call| old_look(self.run, call)) {
            return Diagnosis { misconception: Some("looks-once"), ..found };
        }
        let subject = &self.run.scenario.subject;
        Diagnosis {
            headline: format!("A full queue holds back: {} returned with {}.", self.call, self.situation()),
            expected: format!(
                "{} of {} sleeps: {}, and room for {} in the queue",
                self.call,
                self.name(),
                count(subject.workers, "worker"),
                count(subject.queue, "job"),
            ),
            seen: format!("{} of {} returned; {}", self.call, self.name(), self.situation()),
            question: "How many jobs wait when this line is reached, and how many may?",
            misconception: Some("no-back-pressure"),
            wrong: Wrong::at(self.change(), format!("Before it there were {}.", self.situation())),
            culprits: vec![Culprit::Items],
            ..Diagnosis::default()
        }
    }

    fn in_the_caller(&self) -> Diagnosis {
        let name = self.name();
        Diagnosis {
            headline: format!(
                "A job is done by a worker: {name}, which brought it, began {} itself.",
                self.call
            ),
            expected: format!("{} is run by a thread of the pool", self.call),
            seen: format!("{name} began {}", self.call),
            question: "Which thread runs the job here?",
            misconception: Some("runs-in-the-caller"),
            wrong: Wrong::at(self.begun(), format!("{name} is no worker.")),
            place: self.begun().and_then(|begun| worker::line_before(self.run, begun)),
            ..Diagnosis::default()
        }
    }

    fn wrong_order(&self, oldest: usize) -> Diagnosis {
        Diagnosis {
            headline: format!(
                "First come, first served: {} began {} while job {oldest} had waited longer.",
                self.name(),
                self.call
            ),
            expected: format!("job {oldest} is begun first"),
            seen: format!("{} began {}; {}", self.name(), self.call, self.situation()),
            question: "At which end of the queue does a job go in, and at which does it come out?",
            misconception: Some("wrong-order"),
            wrong: Wrong::at(self.out_of_order().or(self.begun()), format!("job {oldest} waits longer.")),
            place: self.out_of_order().and_then(|event| self.run.event(event).place.clone()),
            culprits: vec![Culprit::Items],
            ..Diagnosis::default()
        }
    }

    fn too_many(&self) -> Diagnosis {
        let workers = self.run.scenario.subject.workers;
        Diagnosis {
            headline: format!(
                "A pool of {} does so many jobs at once: {} was begun while {} {} at work.",
                workers,
                self.call,
                jobs(&self.breach.running),
                are(&self.breach.running)
            ),
            expected: format!("{} waits until a worker is free", self.call),
            seen: format!("{} began {} meanwhile", self.name(), self.call),
            question: "Which thread runs the job, and how many such threads can there be?",
            misconception: Some("number-of-threads"),
            wrong: Wrong::at(
                self.begun(),
                format!("{} {} at work.", jobs(&self.breach.running), are(&self.breach.running)),
            ),
            place: self.begun().and_then(|begun| worker::line_before(self.run, begun)),
            ..Diagnosis::default()
        }
    }
}
