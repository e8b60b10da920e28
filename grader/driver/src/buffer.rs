//! Bounded buffers as subjects of a search: what goes through them, and what it means if it comes out wrong.

use crate::search::{self, breaks};
use contract::Possible;
use contract::buffer::Buffer;
use protocol::buffer::{Breach, Buffers, Call, Fault, Outcome, Subject, Task};
use protocol::driver::Reporter;
use std::hash::{Hash, Hasher};
use std::mem::discriminant;

/// A student's buffer. No name here is a name of a lab's: where a function of the student's is missing or private, the compiler
/// has to say so, and not to find this trait's in its place.
pub trait TestBuffer: Send + Sync {
    /// Puts; gives back what is refused.
    fn accept(&self, item: Item) -> Result<(), Item>;
    /// Takes.
    fn deliver(&self) -> Option<Item>;
    /// Closes.
    fn end(&self);
}

/// The driver of a lab on buffers. `make` is how its buffers are made.
pub fn main(make: fn(&Subject) -> Box<dyn TestBuffer>) {
    let (task, reporter) = protocol::driver::start();
    carry_out(task, reporter, make);
}

/// Carries out a task.
pub fn carry_out(task: Task, reporter: Reporter<Buffers>, make: fn(&Subject) -> Box<dyn TestBuffer>) {
    search::carry_out(task, reporter, move |made| Shared(make(made)));
}

struct Shared(Box<dyn TestBuffer>);

impl search::Subject for Shared {
    type Lab = Buffers;
    type Contract = Buffer;

    fn contract(made: &Subject) -> Buffer {
        Buffer { capacity: made.capacity }
    }

    fn call(&self, call: Call) -> Outcome {
        match call {
            Call::Put(item) => match self.0.accept(Item(item)) {
                Ok(()) => Outcome::Accepted,
                Err(back) => Outcome::Refused(back.retire()),
            },
            Call::Take => self.0.deliver().map_or(Outcome::Ended, |item| Outcome::Took(item.retire())),
            Call::Close => {
                self.0.end();
                Outcome::Closed
            }
        }
    }

    fn breach(me: usize, call: Call, outcome: Outcome, possible: &[Possible<Buffer>]) -> Breach {
        classify(me, call, outcome, possible)
    }

    /// The same fault, whatever the items were.
    fn alike(one: &Breach, other: &Breach) -> bool {
        discriminant(&one.fault) == discriminant(&other.fault)
    }

    fn beside(made: &Subject, call: Call) -> Option<Breach> {
        let woken = if made.wakes_one && call != Call::Close { explore::woken() } else { Vec::new() };
        (woken.len() > 1).then_some(Breach { fault: Fault::WokeMany { woken }, holds: Vec::new() })
    }
}

/// Which part of the contract a result breaks, given all that was possible.
fn classify(me: usize, call: Call, outcome: Outcome, possible: &[Possible<Buffer>]) -> Breach {
    let before: Vec<_> =
        possible.iter().filter(|configuration| configuration.effects[me].is_none()).collect();
    let closed = !before.is_empty() && before.iter().all(|configuration| configuration.state.closed);
    let holds = before.first().map(|configuration| configuration.state.queue.clone()).unwrap_or_default();
    let fault = match (call, outcome) {
        (_, Outcome::Accepted) if closed => Fault::AcceptedAfterClose,
        (_, Outcome::Accepted) => Fault::Overfull,
        (Call::Put(item), Outcome::Refused(got)) if got != item => Fault::GaveBackAnother { got },
        (_, Outcome::Refused(_)) => Fault::RefusedWhileOpen,
        (_, Outcome::Took(got)) => {
            let holding = |configuration: &&&Possible<Buffer>| configuration.state.queue.contains(&got);
            match before.iter().find(holding) {
                Some(configuration) => {
                    let holds = configuration.state.queue.clone();
                    let fault = Fault::WrongOrder { got, oldest: holds[0] };
                    return Breach { fault, holds };
                }
                None if before.iter().any(|configuration| is_due(configuration, got)) => {
                    Fault::TakenLate { got }
                }
                None => Fault::NotThere { got },
            }
        }
        (_, Outcome::Ended | Outcome::Closed) => Fault::EndedEarly,
    };
    Breach { fault, holds }
}

/// Whether a take under way, of another thread, would have to come back with this item.
fn is_due(configuration: &Possible<Buffer>, item: u32) -> bool {
    configuration.effects.contains(&Some(Outcome::Took(item)))
}

/// What goes through a buffer: it knows its number, and tells when a buffer drops it. It is neither `Clone` nor `Copy`, so
/// that no buffer can hand it out twice.
pub struct Item(pub u32);

impl Hash for Item {
    fn hash<H: Hasher>(&self, state: &mut H) {
        explore::watched(|| self.0.to_string());
        self.0.hash(state);
    }
}

impl Item {
    /// Takes the item out of circulation.
    pub fn retire(self) -> u32 {
        let number = self.0;
        std::mem::forget(self);
        number
    }
}

impl Drop for Item {
    fn drop(&mut self) {
        let lost = Fault::Lost { item: self.0 };
        breaks::<Shared>(Breach { fault: lost, holds: Vec::new() });
    }
}
