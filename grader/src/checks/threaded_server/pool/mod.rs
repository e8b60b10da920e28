//! The pool: what each check searches, and the words for what is found.

mod breach;
mod scenarios;
mod shutdown;
mod sleeper;
mod undone;
mod worker;

pub(super) use scenarios::plan;

use crate::checks::explored::{self, Change, Diagnosis, Words, old_look};
use crate::class::Class;
use explore::trace::{Step, ThreadId};
use protocol::pool::{Breach, Call, Called, Fault, Pools};

type Run<'a> = explored::Run<'a, Pools>;
type Blocked = explored::Blocked<Pools>;

impl Words for Pools {
    const SUBJECT: &'static str = "the pool";
    const CONTENTS: &'static str = "jobs that wait";
    const OTHERS: &'static str = "worker";

    fn closes(call: Call) -> bool {
        call == Call::Shutdown
    }

    fn contents(run: &Run, index: usize) -> String {
        match run.moments[index].items.as_slice() {
            [] => "none".to_owned(),
            jobs => jobs.join(", "),
        }
    }

    fn level(run: &Run, index: usize) -> Option<String> {
        Some(format!("{}/{}", run.moments[index].items.len(), run.scenario.subject.queue))
    }

    fn sees(run: &Run, index: usize) -> String {
        match (run.moments[index].items.len(), run.moments[index].closed) {
            (0, true) => "no job, the end".to_owned(),
            (0, false) => "no job".to_owned(),
            (1, _) => "1 job waits".to_owned(),
            (many, _) => format!("{many} jobs wait"),
        }
    }

    fn breach(run: &Run, thread: ThreadId, called: Option<Called>, breach: &Breach) -> Diagnosis {
        breach::diagnose(run, thread, called, breach)
    }

    fn class(breach: &Breach) -> Option<Class> {
        match breach.fault {
            Fault::Overfull => Some(Class::WrongCapacity),
            Fault::WrongOrder { .. } => Some(Class::WrongOrder),
            Fault::Lost { .. } => Some(Class::LostItem),
            Fault::BegunUnasked | Fault::GaveBackAnother { .. } => Some(Class::DuplicatedItem),
            _ => None,
        }
    }

    fn panic(run: &Run, thread: ThreadId, message: &str) -> Option<Diagnosis> {
        poisoned(run, thread, message).or_else(|| worker_panics(run, thread, message))
    }

    fn sleeper(run: &Run, blocked: &Blocked) -> Option<(usize, Diagnosis)> {
        sleeper::diagnose(run, blocked)
    }

    fn undone(run: &Run, blocked: &[Blocked], undone: &[Call]) -> Option<Diagnosis> {
        undone::diagnose(run, blocked, &undone.first()?.to_string())
    }

    fn at_work(run: &Run, blocked: &Blocked) -> Option<String> {
        worker::is_at_work(run, blocked).then(|| match worker::job(run, blocked.thread) {
            Some(job) => format!("at work on {job}."),
            None => "at work.".to_owned(),
        })
    }

    fn taking(call: Option<Call>) -> (&'static str, &'static str) {
        if call.is_some_and(Call::brings) { ("queued its job", "room") } else { ("went on", "job") }
    }

    fn overtakes(run: &Run, call: Call, index: usize) -> Option<&'static str> {
        let pushes = matches!(run.moments[index].change, Change::Push(_));
        (pushes && call.brings()).then_some("used the room")
    }

    fn why_asleep(_run: &Run, blocked: &Blocked, could_go_on: bool) -> String {
        match (could_go_on, blocked.call) {
            (true, Some(_)) => ", although it could go on".to_owned(),
            (false, Some(call)) if call.brings() => "; there is no room".to_owned(),
            _ => String::new(),
        }
    }
}

/// A worker that panics itself is lost to the pool.
fn worker_panics(run: &Run, thread: ThreadId, message: &str) -> Option<Diagnosis> {
    if !worker::all(run).contains(&thread) {
        return None;
    }
    let name = run.name(thread);
    let last = run.own(thread).pop()?;
    let after_a_job = run.last(thread, |step| matches!(step, Step::Throw { .. })).is_some();
    let own = if after_a_job { None } else { old_look(run, last) };
    let found = own.unwrap_or_else(|| Diagnosis {
        headline: if after_a_job {
            format!("A job's panic ends the job, not the worker: {name} ran one, and panicked itself.")
        } else {
            format!("A worker that panics is lost to the pool: {name} panicked.")
        },
        question: "What does this line take for granted?",
        ..Diagnosis::default()
    });
    Some(Diagnosis {
        expected: format!("{name} waits for a job, runs it, and waits for the next"),
        seen: format!("{name} panicked: {message}"),
        misconception: Some(if after_a_job { "panic-kills-worker" } else { "looks-once" }),
        ..found
    })
}

/// A job that panics with the lock in its thread's hand leaves it poisoned.
fn poisoned(run: &Run, thread: ThreadId, message: &str) -> Option<Diagnosis> {
    if !message.contains("PoisonError") {
        return None;
    }
    let throw = run.trace.events.iter().rposition(|event| matches!(event.step, Step::Throw { .. }))?;
    let (worker, name) = (run.event(throw).thread, run.name(thread));
    Some(Diagnosis {
        headline: format!(
            "A job runs without the lock: {} held it while its job panicked, and {name} found it poisoned.",
            run.name(worker)
        ),
        expected: "a job that panics harms nobody else".to_owned(),
        seen: format!("{name} panicked: {message}"),
        place: worker::lock_before(run, throw),
        question: "Which guards are alive while the job runs?",
        misconception: Some("job-under-lock"),
        wrong: Some(explored::Wrong {
            event: throw,
            note: format!("{} has the lock in its hand.", run.name(worker)),
        }),
        ..Diagnosis::default()
    })
}
