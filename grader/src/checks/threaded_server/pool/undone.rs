//! A job that was accepted, and that nobody begins.

use super::{Blocked, Run, worker};
use crate::checks::explored::{Absent, Change, Culprit, Diagnosis, Wrong, old_look, or};
use crate::timeline::Side;
use explore::On;
use explore::trace::{Step, ThreadId};

/// The words for a job that waits for ever.
pub(super) fn diagnose(run: &Run, blocked: &[Blocked], job: &str) -> Option<Diagnosis> {
    let found =
        under_lock(run, blocked, job).or_else(|| ended(run, job)).or_else(|| asleep(run, blocked, job))?;
    Some(Diagnosis { expected: format!("{job} is run: it was accepted"), ..found })
}

/// A worker keeps the lock while it runs a job, and another needs it.
fn under_lock(run: &Run, blocked: &[Blocked], job: &str) -> Option<Diagnosis> {
    let (waits, mutex, holder) = blocked.iter().find_map(|waits| match waits.on {
        On::Mutex { mutex, holder } => Some((waits.thread, mutex, holder)),
        _ => None,
    })?;
    let at_work = blocked.iter().find(|other| other.thread == holder && worker::is_at_work(run, other))?;
    let begun = run.last(holder, |step| matches!(step, Step::Mark { .. }))?;
    let (name, other, lock) = (run.name(holder), run.name(waits), &run.mutexes[mutex]);
    let its_job = or(worker::job(run, at_work.thread), "a job");
    Some(Diagnosis {
        headline: format!(
            "A job runs without the lock: {name} runs {its_job} and keeps `{lock}`, for which {other} waits."
        ),
        seen: format!("{job} was not begun: {other} waits for `{lock}`"),
        place: worker::lock_before(run, begun),
        question: "Which guards are alive while the job runs?",
        misconception: Some("job-under-lock"),
        wrong: Some(Wrong { event: begun, note: format!("{name} still holds `{lock}`.") }),
        culprits: vec![Culprit::Mutex(mutex)],
        ..Diagnosis::default()
    })
}

/// A worker is gone.
fn ended(run: &Run, job: &str) -> Option<Diagnosis> {
    let end = |thread: &ThreadId| worker::end(run, *thread);
    let throw = |thread: &ThreadId| run.last(*thread, |step| matches!(step, Step::Throw { .. }));
    let gone: Vec<ThreadId> = worker::all(run).into_iter().filter(|thread| end(thread).is_some()).collect();
    if let Some((thread, throw)) = gone.iter().find_map(|thread| Some((*thread, throw(thread)?))) {
        let name = run.name(thread);
        return Some(Diagnosis {
            headline: format!(
                "A job's panic ends the job, not the worker: {name} ended with it, and {job} waits for ever."
            ),
            seen: format!("{name} is gone, and {job} was not begun"),
            place: worker::runs_jobs(run, throw).or_else(|| worker::line_before(run, throw)),
            question: "Where does a panic of a job go, once it leaves the job?",
            misconception: Some("panic-kills-worker"),
            wrong: Some(Wrong {
                event: throw,
                note: format!("Nothing stops this panic: {name} ends with it."),
            }),
            ..Diagnosis::default()
        });
    }
    let thread = *gone.first()?;
    let name = run.name(thread);
    if let Some(found) = run.own(thread).pop().and_then(|last| old_look(run, last)) {
        return Some(Diagnosis { misconception: Some("looks-once"), ..found });
    }
    Some(Diagnosis {
        headline: format!(
            "A worker ends when there is nothing left to do: {name} ended, and {job} waits for ever."
        ),
        seen: format!("{name} has ended, and {job} was not begun"),
        place: worker::line_before(run, end(&thread)?),
        question: "What does a worker look at first: whether there is a job, or whether it is the end?",
        misconception: Some("shutdown-drops-jobs"),
        ..Diagnosis::default()
    })
}

/// All workers sleep.
fn asleep(run: &Run, blocked: &[Blocked], job: &str) -> Option<Diagnosis> {
    let workers = worker::all(run);
    let sleeper = blocked.iter().find(|blocked| {
        workers.contains(&blocked.thread)
            && matches!(blocked.on, On::Condvar(_))
            && !worker::is_at_work(run, blocked)
    })?;
    let pushes = |index: &usize| matches!(&run.moments[*index].change, Change::Push(jobs) if jobs.iter().any(|pushed| pushed == job));
    let push = (0..run.trace.events.len()).rfind(pushes);
    let unbegun = push.and_then(|push| Unbegun::new(run, sleeper, job, push));
    unbegun.map(|unbegun| unbegun.diagnose()).or_else(|| Some(plain(run, sleeper, job)))
}

/// A job that went into the queue, and a worker that sleeps all the same.
struct Unbegun<'a> {
    run: &'a Run<'a>,
    name: &'a str,
    condvar: usize,
    /// The event with which the worker fell asleep.
    slept: usize,
    job: &'a str,
    push: usize,
}

impl<'a> Unbegun<'a> {
    fn new(run: &'a Run<'a>, sleeper: &Blocked, job: &'a str, push: usize) -> Option<Unbegun<'a>> {
        let On::Condvar(condvar) = sleeper.on else { return None };
        let (name, slept) = (run.name(sleeper.thread), run.last_sleep(sleeper.thread)?);
        Some(Unbegun { run, name, condvar, slept, job, push })
    }

    /// Whom the call that brought the job has woken, and when.
    fn diagnose(&self) -> Diagnosis {
        let Unbegun { run, name, condvar, job, .. } = *self;
        let woken = |index: &usize| match &run.event(*index).step {
            Step::Notify { woken, .. } => Some((*index, woken.as_slice())),
            _ => None,
        };
        let found = match run.same_call(self.push).iter().rev().find_map(woken) {
            None => self.told_nobody(),
            Some((event, _)) if event < self.push => self.told_too_early(event),
            Some((event, [])) if event < self.slept => self.told_before_it_slept(),
            Some((event, woken)) => self.told_another(event, woken),
        };
        Diagnosis {
            seen: format!("{job} waits, and {name} sleeps in `{}.wait`", run.condvars[condvar]),
            culprits: vec![Culprit::Condvar(condvar), Culprit::Items],
            ..found
        }
    }

    fn caller(&self) -> &'a str {
        self.run.name(self.run.event(self.push).thread)
    }

    fn told_nobody(&self) -> Diagnosis {
        let Unbegun { run, name, job, push, .. } = *self;
        Diagnosis {
            headline: format!(
                "A job has to be announced: {} queued {job}, told nobody, and {name} sleeps on.",
                self.caller()
            ),
            place: run.event(push).place.clone(),
            question: "Who may be asleep when a job is queued, and who wakes it?",
            misconception: Some("unannounced-job"),
            wrong: Some(Wrong {
                event: push,
                note: format!("{name} sleeps, and {job} is what it waits for."),
            }),
            absent: Some(Absent {
                event: push,
                side: Side::After,
                label: format!("wake {name}"),
                helped: format!("{name} would have found {job} and run it."),
            }),
            ..Diagnosis::default()
        }
    }

    fn told_too_early(&self, event: usize) -> Diagnosis {
        let Unbegun { run, name, job, .. } = *self;
        Diagnosis {
            headline: format!(
                "A wake-up is not remembered: {} notified before it queued {job}, and {name} sleeps on.",
                self.caller()
            ),
            place: run.event(event).place.clone(),
            question: "What does a worker find that is woken by this line, at once?",
            misconception: Some("unannounced-job"),
            wrong: Some(Wrong { event, note: format!("{job} is not in the queue yet.") }),
            ..Diagnosis::default()
        }
    }

    fn told_before_it_slept(&self) -> Diagnosis {
        let Unbegun { run, name, slept, job, .. } = *self;
        Diagnosis {
            headline: format!(
                "A wake-up is not remembered: {job} was announced before {name} slept, and {name} did not look."
            ),
            place: run.event(slept).place.clone(),
            question: "What has to be looked at right before this line, and under which lock?",
            misconception: Some("looks-once"),
            wrong: Some(Wrong { event: slept, note: format!("{job} is in the queue since before.") }),
            ..Diagnosis::default()
        }
    }

    fn told_another(&self, event: usize, woken: &[ThreadId]) -> Diagnosis {
        let Unbegun { run, name, job, .. } = *self;
        let to = run.names(woken);
        let on =
            if let Step::Notify { condvar, .. } = run.event(event).step { condvar } else { self.condvar };
        Diagnosis {
            headline: format!(
                "A wake-up is for whoever can use it: {job} came, {to} was woken, and {name} sleeps on."
            ),
            place: run.event(event).place.clone(),
            question: "Who may be asleep on this condition variable, and who of them can use the job?",
            misconception: Some("one-wake-up"),
            wrong: Some(Wrong { event, note: format!("`{}`: {to} is woken.", run.condvars[on]) }),
            ..Diagnosis::default()
        }
    }
}

fn plain(run: &Run, sleeper: &Blocked, job: &str) -> Diagnosis {
    let name = run.name(sleeper.thread);
    Diagnosis {
        headline: format!("A worker sleeps only while there is no job: {job} waits, and {name} sleeps."),
        seen: format!("{job} waits, and {name} sleeps"),
        place: sleeper.place.clone(),
        question: "What has to be looked at before this line, and who wakes those who sleep here?",
        misconception: Some("unannounced-job"),
        ..Diagnosis::default()
    }
}
