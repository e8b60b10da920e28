//! A schedule as plain text, for a test of one's own.

use crate::search::{End, On, Visit};
use crate::trace::{Event, Place, Step, ThreadId, Trace};
use std::fmt;

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

impl fmt::Display for Trace {
    /// A line per step: number, thread, what it does, where.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, event) in self.events.iter().enumerate() {
            let what = self.does(event);
            let place = event.place.as_ref().map(Place::to_string).unwrap_or_default();
            writeln!(f, "{:4}  {:8}  {what:36}  {place}", number + 1, self.threads[event.thread])?;
        }
        Ok(())
    }
}

impl Trace {
    fn does(&self, event: &Event) -> String {
        let names = |threads: &[ThreadId]| {
            threads.iter().map(|&thread| self.threads[thread].as_str()).collect::<Vec<_>>().join(", ")
        };
        match &event.step {
            Step::Spawn { thread } => format!("starts {}", self.threads[*thread]),
            Step::Join { thread } => format!("has waited for {}", self.threads[*thread]),
            Step::Call { label } => format!("calls {label}"),
            Step::Return { label } => format!("returns from {label}"),
            Step::Blocked { holder, .. } => format!("waits for the lock of {}", self.threads[*holder]),
            Step::Lock { .. } => "has the lock".to_owned(),
            Step::Read { .. } => "looks".to_owned(),
            Step::Write { .. } => "changes".to_owned(),
            Step::Unlock { .. } => "lets the lock go".to_owned(),
            Step::Wait { .. } => "sleeps in wait".to_owned(),
            Step::Wake { by: Some(by), .. } => format!("woke up, notified by {}", self.threads[*by]),
            Step::Wake { by: None, .. } => "woke up, notified by nobody".to_owned(),
            Step::Notify { woken, .. } if woken.is_empty() => "notifies; nobody sleeps".to_owned(),
            Step::Notify { woken, .. } => format!("notifies and wakes {}", names(woken)),
            Step::NoPermit { .. } => "waits for a permit".to_owned(),
            Step::P { permits, .. } => format!("has a permit; {permits} left"),
            Step::V { permits, .. } => format!("gives a permit; {permits} now"),
            Step::Enter { .. } => "comes to an unprotected value".to_owned(),
            Step::Leave { .. } => "leaves it".to_owned(),
            Step::Sleep => "sleeps for a time".to_owned(),
            Step::Yield => "lets others go first".to_owned(),
            Step::Load { value, .. } => format!("load = {value}"),
            Step::Store { value, .. } => format!("store({value})"),
            Step::Update { operation, before, after, .. } => format!("{operation}: {before}, then {after}"),
            Step::Mark { label } => label.clone(),
            Step::Throw { message } => format!("panics: {message}"),
            Step::Panic { message } => format!("panics: {}", message.lines().next().unwrap_or_default()),
            Step::Exit => "ends".to_owned(),
        }
    }
}

impl End {
    /// How the execution ended, in sentences. `threads` are the names.
    pub fn in_words(&self, threads: &[String]) -> String {
        match self {
            End::Finished => "every thread ran to its end".to_owned(),
            End::Stuck(blocked) => {
                let who = |thread: &ThreadId| &threads[*thread];
                let lines = blocked.iter().map(|blocked| {
                    let on = match &blocked.on {
                        On::Condvar(_) => "sleeps, and nobody is left to wake it".to_owned(),
                        On::Mutex { holder, .. } => format!("waits for a lock that {} has", who(holder)),
                        On::Semaphore(_) => "waits for a permit that nobody is left to give".to_owned(),
                        On::Join(other) => format!("waits for {} to end", who(other)),
                    };
                    format!("{} {on}{}", who(&blocked.thread), at(blocked.place.as_ref()))
                });
                format!("nobody can go on:\n{}", lines.collect::<Vec<_>>().join("\n"))
            }
            End::Panicked { thread, message, place } => {
                format!("{} panicked{}: {message}", threads[*thread], at(place.as_ref()))
            }
            End::Failed { thread } => format!("{} found that something is wrong", threads[*thread]),
            End::TooLong { thread, place } => {
                format!("{} goes round and round without sleeping{}", threads[*thread], at(place.as_ref()))
            }
            End::Overlap { first, second, .. } => {
                let who = |visit: &Visit| format!("{} ({})", threads[visit.thread], visit.place);
                format!("{} and {} are at one unprotected value at the same time", who(first), who(second))
            }
            End::SleptHolding { thread, place } => {
                format!("{} sleeps for a time while it has a lock{}", threads[*thread], at(place.as_ref()))
            }
        }
    }
}

fn at(place: Option<&Place>) -> String {
    place.map(|place| format!(", {place}")).unwrap_or_default()
}
