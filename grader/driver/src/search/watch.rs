//! What is known of the present execution, and what the contract makes of it.

use super::{Breach, Call, Called, Failure, Made, Outcome, Subject};
use contract::{Monitor, Seen, Sight};
use explore::trace::ThreadId;
use protocol::search::Explored;
use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

thread_local! {
    /// A [`Watch`] of the subject that is searched: executions are run one at a time, on one operating system thread.
    static WATCH: RefCell<Option<Box<dyn Any>>> = const { RefCell::new(None) };
}

/// What is known of the present execution. Numbers are those of the contract.
pub(super) struct Watch<S: Subject> {
    made: Made<S>,
    monitor: Rc<RefCell<Box<dyn Monitor<S::Contract>>>>,
    /// The contract's state.
    pub(super) state: usize,
    /// Per thread of the scenario: the call it has entered.
    pub(super) entered: Vec<Option<Call<S>>>,
    /// Per thread of the scenario: its number in the execution, once it runs.
    pub(super) threads: Vec<Option<ThreadId>>,
    pub(super) breach: Option<Failure<S>>,
    /// The call that the step begins or ends which is being recorded.
    pub(super) said: Option<Called<S>>,
}

impl<S: Subject> Watch<S> {
    pub(super) fn new(
        made: &Made<S>,
        monitor: Rc<RefCell<Box<dyn Monitor<S::Contract>>>>,
        state: usize,
        threads: usize,
    ) -> Watch<S> {
        let (entered, threads) = (vec![None; threads], vec![None; threads]);
        Watch { made: made.clone(), monitor, state, entered, threads, breach: None, said: None }
    }

    /// The contract's number of a thread.
    pub(super) fn number_of(&self, thread: ThreadId) -> Option<usize> {
        self.threads.iter().position(|known| *known == Some(thread))
    }

    /// Whether the contract allows what was seen.
    fn sees(&mut self, number: usize, sight: Seen<S::Contract>) -> bool {
        let next = self.monitor.borrow_mut().next(self.state, number, sight);
        self.state = next.unwrap_or(self.state);
        next.is_some()
    }

    /// The numbers of those whose call could go on; none where all may wait.
    pub(super) fn could_go_on(&self) -> Option<Vec<usize>> {
        let mut monitor = self.monitor.borrow_mut();
        let mut state = self.state;
        for (number, call) in self.entered.iter().enumerate() {
            // Entered, but nothing seen of it yet: it begins here.
            if let Some(call) = call
                && !monitor.is_under_way(state, number)
            {
                state = monitor.next(state, number, Sight::Begins(*call))?;
            }
        }
        monitor.could_go_on(state)
    }

    /// What is wrong with a call that has ended.
    fn judge(&mut self, number: usize, call: Call<S>, outcome: Outcome<S>) -> Option<Breach<S>> {
        if self.sees(number, Sight::Ends(outcome)) {
            return S::beside(&self.made, call);
        }
        let monitor = self.monitor.borrow();
        Some(S::breach(number, call, outcome, monitor.possible(self.state)))
    }
}

/// Begins to watch.
pub(super) fn set<S: Subject>(watch: Watch<S>) {
    WATCH.set(Some(Box::new(watch)));
}

/// Looks at the present execution, or at the one that has just ended.
pub(super) fn look<S: Subject, R>(work: impl FnOnce(&mut Watch<S>) -> R) -> Option<R> {
    WATCH.with_borrow_mut(|watch| watch.as_mut()?.downcast_mut().map(work))
}

/// The calling thread is the scenario's thread of this number.
pub(super) fn starts<S: Subject>(number: usize) {
    look::<S, _>(|watch| watch.threads[number] = explore::current());
}

/// The words for a step that begins or ends a call. They are asked for where steps are recorded; the call itself is kept until
/// the step comes.
pub fn said<S: Subject>(called: Called<S>) -> String {
    look::<S, _>(|watch| watch.said = Some(called));
    <S::Lab as Explored>::words(called)
}

/// A thread of the scenario enters a call: nothing of it is to be seen yet.
pub(super) fn enters<S: Subject>(number: usize, call: Call<S>) {
    look::<S, _>(|watch| watch.entered[number] = Some(call));
}

/// Tells the contract what is seen, now, of a number that the contract knows.
pub fn sees<S: Subject>(number: usize, sight: Seen<S::Contract>) {
    look::<S, _>(|watch| watch.sees(number, sight));
}

/// A call ends. Where the contract does not allow its outcome, the execution ends, too.
pub fn ends<S: Subject>(number: usize, call: Call<S>, outcome: Outcome<S>) {
    let breach = look::<S, _>(|watch| {
        if let Some(entered) = watch.entered.get_mut(number) {
            *entered = None;
        }
        watch.judge(number, call, outcome)
    });
    if let Some(breach) = breach.flatten() {
        broken::<S>(Some(Called::<S>::ended(call, outcome)), breach);
    }
}

/// The calling thread breaks the contract in the middle of its call. Outside of a call nothing can be broken; neither can
/// it by a panic, which may drop what it likes, and which ends the execution itself.
pub fn breaks<S: Subject>(breach: Breach<S>) {
    let Some(thread) = explore::current() else { return };
    let call = look::<S, _>(|watch| watch.entered[watch.number_of(thread)?]).flatten();
    if let Some(call) = call
        && !std::thread::panicking()
    {
        broken::<S>(Some(Called::<S>::begun(call)), breach);
    }
}

/// The calling thread has done what the contract forbids, in a call or not. The execution ends.
pub fn broken<S: Subject>(called: Option<Called<S>>, breach: Breach<S>) {
    let thread = explore::current().unwrap_or(0);
    let failure = Failure::<S>::Breach { thread, called, breach };
    look::<S, _>(|watch| _ = watch.breach.get_or_insert(failure));
    explore::fail();
}
