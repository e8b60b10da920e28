//! A scenario as a program to search: threads that call the student's buffer, watched by the contract's monitor.

use crate::item::Item;
use condvar_buffer::{BoundedBuffer, SignalBuffer};
use contract::{Configuration, Contract, Outcome, START, Sight};
use explore::trace::ThreadId;
use explore::{Program, thread};
use protocol::buffer::{Breach, Buffer, Call, Failure, Scenario};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

thread_local! {
    static WATCH: RefCell<Option<Watch>> = const { RefCell::new(None) };
}

/// What is known of the present execution.
struct Watch {
    contract: Rc<RefCell<Contract>>,
    /// The contract's state.
    state: usize,
    /// Per thread: the call it has entered.
    entered: Vec<Option<Call>>,
    breach: Option<Failure>,
}

/// A scenario under search.
pub struct Scene {
    scenario: Scenario,
    contract: Rc<RefCell<Contract>>,
}

/// The two buffers, as one. No name here is a name of the lab's: where a student's function is missing or private, the
/// compiler has to say so, and not to find this trait's in its place.
trait TestBuffer: Send + Sync {
    fn accept(&self, item: Item) -> Result<(), Item>;
    fn deliver(&self) -> Option<Item>;
    fn end(&self);
}

impl TestBuffer for BoundedBuffer<Item> {
    fn accept(&self, item: Item) -> Result<(), Item> {
        BoundedBuffer::put(self, item);
        Ok(())
    }
    fn deliver(&self) -> Option<Item> {
        Some(BoundedBuffer::take(self))
    }
    fn end(&self) {
        unreachable!("no scenario closes a BoundedBuffer")
    }
}

impl TestBuffer for SignalBuffer<Item> {
    fn accept(&self, item: Item) -> Result<(), Item> {
        SignalBuffer::put(self, item)
    }
    fn deliver(&self) -> Option<Item> {
        SignalBuffer::take(self)
    }
    fn end(&self) {
        SignalBuffer::close(self);
    }
}

impl Watch {
    /// Whether the contract allows what was seen.
    fn sees(&mut self, thread: ThreadId, sight: Sight) -> bool {
        let next = self.contract.borrow_mut().next(self.state, thread, sight);
        self.state = next.unwrap_or(self.state);
        next.is_some()
    }
}

impl Program for Scene {
    fn run(&self) {
        let Scenario { buffer, capacity, threads, wakes_one, .. } = &self.scenario;
        let contract = Rc::clone(&self.contract);
        let entered = vec![None; threads.len() + 1];
        WATCH.set(Some(Watch { contract, state: START, entered, breach: None }));
        let buffer: Arc<dyn TestBuffer> = match buffer {
            Buffer::Bounded => Arc::new(BoundedBuffer::new(*capacity)),
            Buffer::Signal => Arc::new(SignalBuffer::new(*capacity)),
        };
        for (number, plan) in threads.iter().enumerate() {
            let (buffer, calls, wakes_one) = (Arc::clone(&buffer), plan.calls.clone(), *wakes_one);
            thread::spawn_named(&plan.name, move || {
                for (turn, &call) in calls.iter().enumerate() {
                    explore::forget((number << 8 | turn) as u64);
                    carry_out(number + 1, call, &*buffer, wakes_one);
                }
                explore::forget(u64::MAX);
            });
        }
    }

    fn fingerprint(&self) -> u64 {
        WATCH.with_borrow(|watch| watch.as_ref().map_or(0, |watch| watch.state as u64))
    }
}

fn carry_out(me: ThreadId, call: Call, buffer: &dyn TestBuffer, wakes_one: bool) {
    watch(|watch| watch.entered[me] = Some(call));
    let begins = move || {
        WATCH.with_borrow_mut(|watch| _ = watch.as_mut().map(|watch| watch.sees(me, Sight::Begins(call))));
    };
    explore::call_begins(|| in_words(call, None), Box::new(begins));
    let outcome = match call {
        Call::Put(item) => match buffer.accept(Item(item)) {
            Ok(()) => Outcome::Accepted,
            Err(back) => Outcome::Refused(back.retire()),
        },
        Call::Take => buffer.deliver().map_or(Outcome::Ended, |item| Outcome::Took(item.retire())),
        Call::Close => {
            buffer.end();
            Outcome::Closed
        }
    };
    explore::call_ends(|| in_words(call, Some(outcome)));
    if explore::current().is_some() {
        watch(|watch| watch.entered[me] = None);
        judge(me, call, outcome, wakes_one);
    }
}

fn judge(me: ThreadId, call: Call, outcome: Outcome, wakes_one: bool) {
    let woken = if wakes_one && call != Call::Close { explore::woken() } else { Vec::new() };
    let breach = watch(|watch| {
        if !watch.sees(me, Sight::Ends(outcome)) {
            Some(classify(me, call, outcome, watch.contract.borrow().possible(watch.state)))
        } else {
            (woken.len() > 1).then_some((Breach::WokeMany { woken }, Vec::new()))
        }
    });
    if let Some((breach, holds)) = breach.flatten() {
        broken(Failure::Breach { thread: me, call: in_words(call, Some(outcome)), breach, holds });
    }
}

/// Which part of the contract a result breaks, given all that was possible.
fn classify(me: ThreadId, call: Call, outcome: Outcome, possible: &[Configuration]) -> (Breach, Vec<u32>) {
    let before: Vec<_> =
        possible.iter().filter(|configuration| configuration.effects[me].is_none()).collect();
    let closed = !before.is_empty() && before.iter().all(|configuration| configuration.closed);
    let holds = before.first().map(|configuration| configuration.queue.clone()).unwrap_or_default();
    let breach = match (call, outcome) {
        (_, Outcome::Accepted) if closed => Breach::AcceptedAfterClose,
        (_, Outcome::Accepted) => Breach::Overfull,
        (Call::Put(item), Outcome::Refused(got)) if got != item => Breach::GaveBackAnother { got },
        (_, Outcome::Refused(_)) => Breach::RefusedWhileOpen,
        (_, Outcome::Took(got)) => {
            let holding = |configuration: &&&Configuration| configuration.queue.contains(&got);
            match before.iter().find(holding) {
                Some(configuration) => {
                    let holds = configuration.queue.clone();
                    return (Breach::WrongOrder { got, oldest: holds[0] }, holds);
                }
                None if before.iter().any(|configuration| is_due(configuration, got)) => {
                    Breach::TakenLate { got }
                }
                None => Breach::NotThere { got },
            }
        }
        (_, Outcome::Ended | Outcome::Closed) => Breach::EndedEarly,
    };
    (breach, holds)
}

/// Whether a take under way, of another thread, would have to come back with this item.
fn is_due(configuration: &Configuration, item: u32) -> bool {
    configuration.effects.contains(&Some(Outcome::Took(item)))
}

/// An item is dropped. Inside of a call that is the buffer's doing; a panic that unwinds may drop what it likes.
pub fn dropped(item: u32) {
    let Some(me) = explore::current() else { return };
    let call = watch(|watch| watch.entered[me]).flatten();
    if let Some(call) = call
        && !std::thread::panicking()
    {
        let breach = Breach::Lost { item };
        broken(Failure::Breach { thread: me, call: in_words(call, None), breach, holds: Vec::new() });
    }
}

fn broken(failure: Failure) {
    watch(|watch| _ = watch.breach.get_or_insert(failure));
    explore::fail();
}

fn watch<R>(work: impl FnOnce(&mut Watch) -> R) -> Option<R> {
    explore::current()?;
    WATCH.with_borrow_mut(|watch| watch.as_mut().map(work))
}

impl Scene {
    /// A scenario, ready to be searched.
    pub fn new(scenario: &Scenario) -> Scene {
        // Thread 0 is the one that starts the others.
        let contract = Contract::new(scenario.capacity, scenario.threads.len() + 1);
        Scene { scenario: scenario.clone(), contract: Rc::new(RefCell::new(contract)) }
    }

    /// The breach found in the execution that has just ended.
    pub fn breach(&self) -> Option<Failure> {
        WATCH.with_borrow(|watch| watch.as_ref()?.breach.clone())
    }

    /// The call a thread is in.
    pub fn call_of(&self, thread: ThreadId) -> Option<String> {
        WATCH.with_borrow(|watch| Some(in_words(watch.as_ref()?.entered[thread]?, None)))
    }

    /// For an execution in which nobody can go on: who should, and what the buffer holds; None where all may wait.
    pub fn could_go_on(&self) -> Option<(Vec<ThreadId>, Vec<u32>)> {
        WATCH.with_borrow(|watch| {
            let Watch { contract, state, entered, .. } = watch.as_ref()?;
            let mut contract = contract.borrow_mut();
            let mut state = *state;
            for (thread, call) in entered.iter().enumerate() {
                // Entered, but nothing seen of it yet: it begins here.
                if let Some(call) = call
                    && !contract.is_under_way(state, thread)
                {
                    state = contract.next(state, thread, Sight::Begins(*call))?;
                }
            }
            contract.could_go_on(state)
        })
    }
}

fn in_words(call: Call, outcome: Option<Outcome>) -> String {
    let name = match call {
        Call::Put(item) => format!("put({item})"),
        Call::Take => "take()".to_owned(),
        Call::Close => "close()".to_owned(),
    };
    match outcome {
        Some(Outcome::Took(item)) => format!("{name} = {item}"),
        Some(Outcome::Ended) => format!("{name} = None"),
        Some(Outcome::Refused(item)) => format!("{name} = Err({item})"),
        Some(Outcome::Accepted | Outcome::Closed) | None => name,
    }
}
