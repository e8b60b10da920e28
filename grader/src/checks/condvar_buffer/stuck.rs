//! Nobody can go on: who sleeps although its call could complete, and which step left it asleep.

use super::diagnosis::{Absent, Culprit, Diagnosis, End, Wrong};
use super::run::{Change, Run};
use super::{reuse, words};
use crate::timeline::{How, Side};
use explore::trace::{Step, ThreadId};
use protocol::buffer::{Blocked, On};

/// A thread that sleeps although it could go on.
struct Sleeper<'a> {
    run: &'a Run<'a>,
    thread: ThreadId,
    /// Its call: `put(11)`.
    call: &'a str,
    condvar: usize,
    /// The event with which it fell asleep.
    slept: usize,
}

/// A change after which the sleeper could go on, and what its thread did about it.
struct Supply {
    /// The change.
    change: usize,
    /// Notifications later in the same call.
    notified: Vec<usize>,
}

/// The words for a run in which nobody can go on.
pub(super) fn diagnose(run: &Run, blocked: &[Blocked], could_go_on: &[ThreadId]) -> Diagnosis {
    let of = |thread: &ThreadId| blocked.iter().find(|blocked| blocked.thread == *thread);
    let victims: Vec<&Blocked> = could_go_on.iter().filter_map(of).collect();
    let locked = victims.iter().find_map(|victim| locked_out(run, victim, blocked));
    let sleepers = victims.iter().filter_map(|victim| Sleeper::new(run, victim));
    let mut diagnosis = match (locked, sleepers.min_by_key(|sleeper| sleeper.slept)) {
        (Some(locked), _) => locked,
        (None, Some(sleeper)) => sleeper.diagnose(),
        (None, None) => Diagnosis { headline: "Nobody can go on.".to_owned(), ..Diagnosis::default() },
    };
    diagnosis.endings = blocked.iter().filter_map(|blocked| ending(run, blocked, could_go_on)).collect();
    if diagnosis.seen.is_empty() {
        diagnosis.seen = seen(run, blocked);
    }
    diagnosis
}

impl<'a> Sleeper<'a> {
    fn new(run: &'a Run<'a>, blocked: &'a Blocked) -> Option<Sleeper<'a>> {
        let On::Condvar(condvar) = blocked.on else { return None };
        let slept = run.last_sleep(blocked.thread)?;
        Some(Sleeper { run, thread: blocked.thread, call: blocked.call.as_deref()?, condvar, slept })
    }

    fn name(&self) -> &'a str {
        self.run.name(self.thread)
    }

    fn diagnose(&self) -> Diagnosis {
        let supplies = self.supplies();
        let mut diagnosis = if self.run.could(self.call, self.slept) {
            self.slept_for_nothing()
        } else {
            let latest = |find: &dyn Fn(&Supply) -> Option<Diagnosis>| supplies.iter().rev().find_map(find);
            latest(&|supply| self.woke_another(supply))
                .or_else(|| latest(&|supply| self.woke_too_few(supply)))
                .or_else(|| latest(&|supply| self.woke_too_early(supply)))
                .or_else(|| latest(&|supply| self.woke_nobody(supply)))
                .or_else(|| latest(&|supply| self.woke_the_wrong_side(supply)))
                .unwrap_or_else(|| self.unexplained())
        };
        diagnosis.expected = self.expected();
        diagnosis.culprits = vec![Culprit::Condvar(self.condvar), Culprit::Items];
        diagnosis
    }

    /// The changes since the sleeper fell asleep after which it could go on.
    fn supplies(&self) -> Vec<Supply> {
        let later = self.slept + 1..self.run.trace.events.len();
        let helps = |index: &usize| {
            let changed = &self.run.moments[*index].change;
            let right_way = match changed {
                Change::None => false,
                Change::Push(_) => self.call.starts_with("take"),
                Change::Pop(_) => self.call.starts_with("put"),
                Change::Close => true,
            };
            right_way && self.run.could(self.call, *index)
        };
        later.filter(helps).map(|change| Supply { change, notified: self.notified_after(change) }).collect()
    }

    fn notified_after(&self, change: usize) -> Vec<usize> {
        let notifies = |index: &usize| matches!(self.run.event(*index).step, Step::Notify { .. });
        // A notification under the lock but before the change reaches its sleepers after the change all the same.
        let first = self.critical_section(change);
        self.run.same_call(change).into_iter().filter(|index| *index > first).filter(notifies).collect()
    }

    /// Where the critical section of an event begins.
    fn critical_section(&self, index: usize) -> usize {
        let thread = self.run.event(index).thread;
        let enters = |step: &Step| matches!(step, Step::Lock { .. } | Step::Wake { .. });
        let own = |at: &usize| self.run.event(*at).thread == thread && enters(&self.run.event(*at).step);
        (0..index).rfind(own).unwrap_or(index)
    }

    /// The wake-up went to one that slept again.
    fn woke_another(&self, supply: &Supply) -> Option<Diagnosis> {
        let (event, other) = supply.notified.iter().rev().find_map(|&event| {
            let woken = woken(self.run, event).filter(|_| self.is_on_mine(event))?;
            let slept_again = |thread: &&ThreadId| self.slept_again(**thread, event);
            Some((event, *woken.iter().find(slept_again)?))
        })?;
        let (waker, other) = (self.run.name(self.run.event(event).thread), self.run.name(other));
        let name = self.name();
        Some(Diagnosis {
            headline: format!(
                "notify_one wakes any one sleeper: {waker} {}, but its wake-up went to {other}, and {name} sleeps for ever.",
                self.gift(supply)
            ),
            place: self.run.event(event).place.clone(),
            question: "Who may be asleep here at this moment, and who of them can use the change?",
            misconception: Some("notify-one-with-one-condvar"),
            wrong: Some(Wrong {
                event,
                note: format!(
                    "{} Only {name} can use that; the one wake-up goes to {other}.",
                    self.situation(supply.change)
                ),
            }),
            absent: Some(self.wake_too(event)),
            ..Diagnosis::default()
        })
    }

    /// Whether an event notifies the condition variable on which the sleeper sleeps.
    fn is_on_mine(&self, event: usize) -> bool {
        matches!(self.run.event(event).step, Step::Notify { condvar, .. } if condvar == self.condvar)
    }

    /// Closing woke one of several sleepers.
    fn woke_too_few(&self, supply: &Supply) -> Option<Diagnosis> {
        if self.run.moments[supply.change].change != Change::Close {
            return None;
        }
        let event = supply.notified.iter().copied().rfind(|event| self.is_on_mine(*event))?;
        let woken = self.run.names(woken(self.run, event)?);
        let name = self.name();
        Some(Diagnosis {
            headline: format!(
                "Closing is a change for everyone who sleeps: it woke {woken} only, and {name} sleeps for ever."
            ),
            place: self.run.event(event).place.clone(),
            question: "How many threads may be asleep when the buffer is closed, and who wakes each of them?",
            misconception: Some("close-wakes-some"),
            wrong: Some(Wrong { event, note: format!("{woken} and {name} sleep; only {woken} is woken.") }),
            absent: Some(self.wake_too(event)),
            ..Diagnosis::default()
        })
    }

    /// The only notification came before the change.
    fn woke_too_early(&self, supply: &Supply) -> Option<Diagnosis> {
        if !supply.notified.is_empty() {
            return None;
        }
        let notifies = |index: &usize| matches!(self.run.event(*index).step, Step::Notify { .. });
        let early = self.run.same_call(supply.change).into_iter().filter(|index| *index < supply.change);
        let event = early.filter(notifies).last()?;
        let waker = self.run.name(self.run.event(event).thread);
        let name = self.name();
        Some(Diagnosis {
            headline: format!(
                "A wake-up is not remembered: {waker} notified before it {}, and {name} sleeps for ever.",
                self.gift(supply)
            ),
            place: self.run.event(event).place.clone(),
            question: "What does a thread find that wakes, and looks, right after this line?",
            misconception: Some("notify-before-change"),
            wrong: Some(Wrong {
                event,
                note: format!("{waker} has changed nothing yet: a sleeper that looks now sleeps again."),
            }),
            absent: Some(self.wake_before_unlock(supply)),
            ..Diagnosis::default()
        })
    }

    /// A change without any notification.
    fn woke_nobody(&self, supply: &Supply) -> Option<Diagnosis> {
        if !supply.notified.is_empty() {
            return None;
        }
        let closing = self.run.moments[supply.change].change == Change::Close;
        let at_edge = self.was_edge(supply.change);
        let end = self.end_of_section(supply.change);
        let changer = self.run.name(self.run.event(supply.change).thread);
        Some(Diagnosis {
            headline: self.unannounced(supply, closing),
            place: self.run.event(supply.change).place.clone(),
            question: if closing {
                "Who may be asleep when the buffer is closed, and what would they find?"
            } else if at_edge {
                "Who may be asleep when this change is made, and who tells them?"
            } else {
                "When two threads sleep and two changes come before the first of them runs, who wakes the second?"
            },
            misconception: Some(match (closing, at_edge) {
                (true, _) => "close-wakes-nobody",
                (false, true) => "unannounced-change",
                (false, false) => "notify-only-at-the-edge",
            }),
            wrong: Some(Wrong {
                event: end,
                note: format!(
                    "{} {changer} lets the lock go and has woken nobody.",
                    self.situation(supply.change)
                ),
            }),
            absent: Some(Absent { event: end, side: Side::Before, ..self.wake(end) }),
            ..Diagnosis::default()
        })
    }

    fn unannounced(&self, supply: &Supply, closing: bool) -> String {
        let (changer, name) = (self.run.name(self.run.event(supply.change).thread), self.name());
        if closing {
            format!(
                "Closing is a change too: nobody woke {name}, which sleeps for {} that can no longer come.",
                self.want()
            )
        } else {
            format!(
                "A change that is not announced wakes nobody: {changer} {}, and {name} sleeps for ever.",
                self.gift(supply)
            )
        }
    }

    /// Every notification went to a condition variable on which the sleeper does not sleep.
    fn woke_the_wrong_side(&self, supply: &Supply) -> Option<Diagnosis> {
        let event = *supply.notified.last()?;
        let Step::Notify { condvar, .. } = self.run.event(event).step else { return None };
        if condvar == self.condvar {
            return None;
        }
        let (mine, theirs) = (&self.run.condvars[self.condvar], &self.run.condvars[condvar]);
        let (waker, name) = (self.run.name(self.run.event(event).thread), self.name());
        let closing = self.run.moments[supply.change].change == Change::Close;
        Some(Diagnosis {
            headline: if closing {
                format!(
                    "Closing concerns both sides: {waker} notified `{theirs}`, but {name} sleeps on `{mine}`."
                )
            } else {
                format!(
                    "A wake-up reaches one condition variable only: {waker} notified `{theirs}`, but {name} sleeps on `{mine}`."
                )
            },
            place: self.run.event(event).place.clone(),
            question: "What do those who sleep on this condition variable wait for, and what has just changed?",
            misconception: Some(if closing { "close-wakes-some" } else { "wrong-condvar" }),
            wrong: Some(Wrong {
                event,
                note: format!(
                    "{} {name} sleeps on `{mine}`, not on `{theirs}`.",
                    self.situation(supply.change)
                ),
            }),
            absent: Some(Absent { label: format!("wake {name}"), ..self.wake_too(event) }),
            ..Diagnosis::default()
        })
    }

    /// It fell asleep when its call could have completed.
    fn slept_for_nothing(&self) -> Diagnosis {
        let (run, name) = (self.run, self.name());
        let place = run.event(self.slept).place.clone();
        let closed = run.moments[self.slept].closed;
        if let Some(look) = reuse::stale_look(run, self.slept) {
            return Diagnosis {
                headline: format!(
                    "A look is worth nothing once the lock is released: {name} looked, others changed the buffer, {name} slept."
                ),
                place,
                question: "What may happen between the look and this line, while the lock is free?",
                misconception: Some("check-outside-lock"),
                wrong: Some(Wrong {
                    event: self.slept,
                    note: format!(
                        "{name} looked{}, let the lock go, and sleeps now without a new look.",
                        words::in_line(run, look)
                    ),
                }),
                ..Diagnosis::default()
            };
        }
        let (headline, question, misconception) = if self.call.starts_with("close") {
            (
                format!("Closing waits for nobody: {name} sleeps in {}.", self.call),
                "What does this call wait for, and who promised that it would come?",
                "close-waits",
            )
        } else if closed {
            (
                format!(
                    "After close nobody waits: {name} sleeps in {} for {} that can no longer come.",
                    self.call,
                    self.want()
                ),
                "What has to end this wait besides the change it waits for?",
                "closed-not-in-condition",
            )
        } else if self.call.starts_with("put") {
            (
                format!(
                    "A buffer is full when it holds its capacity: {name} sleeps in {} with {} in it.",
                    self.call,
                    words::of_capacity(run, self.slept)
                ),
                "For how many items does this condition leave room?",
                "wrong-capacity",
            )
        } else {
            (
                format!(
                    "A take waits only while the buffer is empty: {name} sleeps although it {}.",
                    run.filling(self.slept)
                ),
                "When exactly does a take have to wait?",
                "wrong-capacity",
            )
        };
        Diagnosis {
            headline,
            place,
            question,
            misconception: Some(misconception),
            wrong: Some(Wrong { event: self.slept, note: self.situation(self.slept) }),
            ..Diagnosis::default()
        }
    }

    /// None of the rules fits: no step is marked.
    fn unexplained(&self) -> Diagnosis {
        let place = self.run.event(self.slept).place.clone();
        Diagnosis {
            headline: format!(
                "Whoever could go on has to be woken: {} sleeps for ever in {}.",
                self.name(),
                self.call
            ),
            place,
            question: "Who wakes the threads that sleep here, and after which change?",
            ..Diagnosis::default()
        }
    }

    fn expected(&self) -> String {
        format!("{} of {} returns: {}", self.call, self.name(), self.reason())
    }

    fn reason(&self) -> String {
        let end = self.run.trace.events.len() - 1;
        let moment = &self.run.moments[end];
        match (self.call.starts_with("put"), moment.closed) {
            _ if self.call.starts_with("close") => "it has nothing to wait for".to_owned(),
            (true, true) => "the buffer is closed, so the item is refused".to_owned(),
            (true, false) => "there is room".to_owned(),
            (false, _) if !moment.items.is_empty() => format!("the buffer {}", self.run.filling(end)),
            (false, _) => "the buffer is closed and empty, so there is no item to wait for".to_owned(),
        }
    }

    /// What the sleeper waits for.
    fn want(&self) -> &'static str {
        if self.call.starts_with("put") { "room" } else { "an item" }
    }

    /// What a change did for the sleeper: "put 10 for C1".
    fn gift(&self, supply: &Supply) -> String {
        match &self.run.moments[supply.change].change {
            Change::Push(items) => format!("put {}", items.join(", ")),
            Change::Pop(_) => format!("made room for {}", self.name()),
            _ => "closed the buffer".to_owned(),
        }
    }

    /// Where things stand after an event: "The buffer holds 10 now."
    fn situation(&self, index: usize) -> String {
        let closed =
            if self.run.moments[index].closed { "The buffer is closed, and it" } else { "The buffer" };
        format!("{closed} {} now.", self.run.filling(index))
    }

    /// Whether a change made an empty buffer hold something, or a full one have room.
    fn was_edge(&self, change: usize) -> bool {
        let moment = &self.run.moments[change];
        match &moment.change {
            Change::Push(added) => moment.items.len() == added.len(),
            Change::Pop(removed) => moment.items.len() + removed.len() == self.run.scenario.capacity,
            _ => true,
        }
    }

    /// The step that lets the lock go after a change.
    fn end_of_section(&self, change: usize) -> usize {
        let ends = |step: &Step| matches!(step, Step::Unlock { .. } | Step::Wait { .. });
        let later = self.run.same_call(change).into_iter().filter(|index| *index > change);
        later.into_iter().find(|index| ends(&self.run.event(*index).step)).unwrap_or(change)
    }

    /// Whether a thread that an event woke went back to sleep without a change of its own.
    fn slept_again(&self, thread: ThreadId, woken: usize) -> bool {
        let mut own =
            (woken + 1..self.run.trace.events.len()).filter(|index| self.run.event(*index).thread == thread);
        let decides = |index: &usize| {
            matches!(self.run.event(*index).step, Step::Wait { .. })
                || self.run.moments[*index].change != Change::None
        };
        own.find(decides).is_some_and(|index| matches!(self.run.event(index).step, Step::Wait { .. }))
    }

    fn wake(&self, event: usize) -> Absent {
        let helped = words::would_have(self.run, self.name(), self.call, event);
        Absent { event, side: Side::After, label: format!("wake {}", self.name()), helped }
    }

    fn wake_too(&self, event: usize) -> Absent {
        Absent { label: format!("wake {} too", self.name()), ..self.wake(event) }
    }

    fn wake_before_unlock(&self, supply: &Supply) -> Absent {
        Absent { side: Side::Before, ..self.wake(self.end_of_section(supply.change)) }
    }
}

fn woken<'a>(run: &Run<'a>, event: usize) -> Option<&'a Vec<ThreadId>> {
    match &run.event(event).step {
        Step::Notify { woken, .. } if !woken.is_empty() => Some(woken),
        _ => None,
    }
}

/// The words for a thread that waits for a lock which nobody will let go.
fn locked_out(run: &Run, victim: &Blocked, blocked: &[Blocked]) -> Option<Diagnosis> {
    let On::Mutex { mutex, holder } = victim.on else { return None };
    let (name, other) = (run.name(victim.thread), run.name(holder));
    let lock = &run.mutexes[mutex];
    let asleep = blocked.iter().find(|blocked| blocked.thread == holder);
    let (headline, question, misconception) = if holder == victim.thread {
        (
            format!("A lock cannot be taken twice: {name} waits for `{lock}`, which it holds itself."),
            "Which guard is still alive when this line locks again?",
            "locks-twice",
        )
    } else if asleep.is_some() {
        (
            format!(
                "Sleeping with a lock shuts everyone out: {name} waits for `{lock}`, and {other} sleeps holding it."
            ),
            "Which locks are held when this thread goes to sleep, and which of them does its wait let go?",
            "sleeps-holding-lock",
        )
    } else {
        (
            format!("A lock has to be let go: {name} waits for `{lock}`, which {other} never released."),
            "When is the guard of this lock dropped?",
            "keeps-the-lock",
        )
    };
    let at = asleep.filter(|_| holder != victim.thread).and_then(|holder| holder.place.clone());
    Some(Diagnosis {
        headline,
        expected: format!("{} of {name} returns", victim.call.as_deref().unwrap_or("the call")),
        place: at.or_else(|| victim.place.clone()),
        question,
        misconception: Some(misconception),
        wrong: run
            .last_sleep(holder)
            .filter(|_| asleep.is_some() && holder != victim.thread)
            .map(|event| Wrong { event, note: format!("{other} keeps `{lock}` while it sleeps.") }),
        culprits: vec![Culprit::Mutex(mutex)],
        ..Diagnosis::default()
    })
}

/// "P1 and C2 sleep in Condvar::wait, and nobody is left to wake them".
fn seen(run: &Run, blocked: &[Blocked]) -> String {
    let on = |kind: fn(&On) -> bool| -> Vec<ThreadId> {
        blocked.iter().filter(|blocked| kind(&blocked.on)).map(|blocked| blocked.thread).collect()
    };
    let asleep = on(|on| matches!(on, On::Condvar(_)));
    let locked = on(|on| matches!(on, On::Mutex { .. }));
    let one = |threads: &[ThreadId], singular: &str, plural: &str| {
        format!("{} {}", run.names(threads), if threads.len() == 1 { singular } else { plural })
    };
    match (asleep.is_empty(), locked.is_empty()) {
        (false, true) => {
            let them = if asleep.len() == 1 { "it" } else { "them" };
            format!(
                "{}, and nobody is left to wake {them}",
                one(&asleep, "sleeps in Condvar::wait", "sleep in Condvar::wait")
            )
        }
        (true, _) => one(&locked, "waits for a lock for ever", "wait for a lock for ever"),
        (false, false) => format!(
            "{}; {}",
            one(&locked, "waits for a lock for ever", "wait for a lock for ever"),
            one(&asleep, "sleeps in Condvar::wait", "sleep in Condvar::wait")
        ),
    }
}

fn ending(run: &Run, blocked: &Blocked, could_go_on: &[ThreadId]) -> Option<End> {
    let line = blocked.place.as_ref().map_or(String::new(), |place| format!(", line {}", place.line));
    let (sentence, kept_by) = match blocked.on {
        On::Condvar(condvar) => {
            let why = why_asleep(run, blocked, could_go_on.contains(&blocked.thread));
            (format!("in `{}.wait`{line}: sleeps{why}.", run.condvars[condvar]), None)
        }
        On::Mutex { mutex, holder } => {
            let holder_name = if holder == blocked.thread { "it holds itself" } else { run.name(holder) };
            let who = if holder == blocked.thread {
                holder_name.to_owned()
            } else {
                format!("{holder_name} holds")
            };
            (format!("in `{}.lock`{line}: waits for the lock that {who}.", run.mutexes[mutex]), Some(holder))
        }
        On::Join(_) => return None,
    };
    Some(End { thread: blocked.thread, how: How::Stuck, sentence, kept_by })
}

fn why_asleep(run: &Run, blocked: &Blocked, could: bool) -> String {
    let end = run.trace.events.len() - 1;
    let moment = &run.moments[end];
    let putting = blocked.call.as_deref().is_some_and(|call| call.starts_with("put"));
    match (could, putting) {
        (true, _) if moment.closed => ", although the buffer is closed".to_owned(),
        (true, true) => ", although there is room".to_owned(),
        (true, false) => format!(", although the buffer {}", run.filling(end)),
        (false, true) => "; the buffer is full".to_owned(),
        (false, false) => "; the buffer is empty".to_owned(),
    }
}
