//! Running an execution: the threads' coroutines, and the loop that resumes one after the other.

use super::unwind::{Deliberate, Unwinding, begins_to_unwind};
use super::{Choice, Engine, Fiber, Pending, STACK, Thread, inside, running, with};
use crate::search::{Blocked, End, Program};
use crate::trace::{Place, Step, ThreadId};
use corosensei::stack::DefaultStack;
use corosensei::{CoroutineResult, Yielder};
use std::any::Any;
use std::cell::RefCell;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Once;

thread_local! {
    static PANIC: RefCell<Option<(String, Option<Place>)>> = const { RefCell::new(None) };
}

/// Notes where a searched thread panicked, silently; every other panic is reported as before.
pub(super) fn hook_panics() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if running().is_none() {
                return before(info);
            }
            let message = info.payload_as_str().unwrap_or("a panic without a message").to_owned();
            let place = info.location().map(|at| Place { file: at.file().to_owned(), line: at.line() });
            PANIC.set(Some((message, place)));
            begins_to_unwind();
        }));
    });
}

/// Runs one execution in the installed engine. Breaks where `visit` does.
pub(crate) fn execute(visit: &mut dyn FnMut(&End) -> ControlFlow<()>) -> ControlFlow<()> {
    with(Engine::begin);
    let program = with(|engine| Rc::clone(&engine.program));
    let main = Rc::clone(&program);
    with(|engine| engine.add_thread("main".to_owned(), Box::new(move || main.run())));
    let flow = drive(&*program, visit);
    with(Engine::take_mark);
    if flow.is_continue() {
        wind_up();
    }
    with(Engine::finish);
    flow
}

fn drive(program: &dyn Program, visit: &mut dyn FnMut(&End) -> ControlFlow<()>) -> ControlFlow<()> {
    loop {
        let next = match with(|engine| engine.next(program)) {
            Next::Quiescent(blocked) => {
                visit(&End::Stuck(blocked))?;
                with(|engine| engine.decided(program))
            }
            next => next,
        };
        match next {
            Next::Run(thread) => resume(thread),
            Next::Ended(end) => return visit(&end),
            Next::Known | Next::Quiescent(_) => return ControlFlow::Continue(()),
        }
    }
}

/// Runs the execution on, unjudged, as long as somebody can go on.
fn wind_up() {
    let spare = with(|engine| {
        engine.winding_up = true;
        if engine.end.is_none() { engine.search.max_steps } else { 0 }
    });
    for _ in 0..spare {
        let next = with(|engine| {
            engine.immediate().or_else(|| {
                engine.offer();
                engine.choices.iter().find_map(|choice| match choice {
                    Choice::Run(thread) => Some(*thread),
                    Choice::RunEarly(_) | Choice::WakeSpuriously(_) => None,
                })
            })
        });
        match next {
            Some(thread) => resume(thread),
            None => return,
        }
    }
}

fn resume(thread: ThreadId) {
    let mut fiber = with(|engine| engine.take_up(thread));
    let result = fiber.resume(());
    with(|engine| {
        engine.running = None;
        match result {
            CoroutineResult::Yield(()) => engine.threads[thread].fiber = Some(fiber),
            CoroutineResult::Return(()) => engine.stacks.push(fiber.into_stack()),
        }
    });
}

/// Gives the processor to the scheduler; returns when this thread is picked again.
pub(super) fn suspend() {
    suspend_by(inside(Engine::sets_aside).expect("only threads of a search are suspended"));
}

/// The same for a thread that is set aside already.
pub(super) fn suspend_by(yielder: *const Yielder<(), ()>) {
    // SAFETY: the coroutine's body stored the yielder it was called with, which lives as long as the coroutine's stack,
    // and this code runs on that very stack.
    unsafe { (*yielder).suspend(()) };
}

/// How an execution goes on.
enum Next {
    Run(ThreadId),
    Ended(End),
    /// Nobody can go on, unless somebody wakes spuriously.
    Quiescent(Vec<Blocked>),
    /// It need not go on: its state is known.
    Known,
}

impl Engine {
    fn next(&mut self, program: &dyn Program) -> Next {
        if self.end.is_none() {
            if let Some(thread) = self.immediate() {
                return Next::Run(thread);
            }
            self.count_step();
        }
        if let Some(end) = &self.end {
            return Next::Ended(end.clone());
        }
        if self.offer() && !self.strategy.repeats() {
            return Next::Quiescent(self.blocked());
        }
        self.decided(program)
    }

    fn decided(&mut self, program: &dyn Program) -> Next {
        match self.decide(|| program.fingerprint()) {
            Some(thread) => Next::Run(thread),
            None if self.all_done() => Next::Ended(End::Finished),
            None => Next::Known,
        }
    }

    pub(super) fn add_thread(&mut self, name: String, body: Box<dyn FnOnce()>) -> ThreadId {
        let thread = self.threads.len();
        let stack =
            self.stacks.pop().unwrap_or_else(|| DefaultStack::new(STACK).expect("memory for a stack"));
        let fiber = Fiber::with_stack(stack, move |yielder, ()| {
            with(|engine| engine.threads[thread].yielder = yielder);
            let result = catch_unwind(AssertUnwindSafe(body));
            with(|engine| engine.ended(thread, result));
        });
        self.threads.push(Thread {
            fiber: Some(fiber),
            yielder: std::ptr::null(),
            name,
            pending: Pending::Start,
            line: None,
            history: 0,
            steps: 0,
            yielded: false,
            woken: 0,
            begins: None,
            identities: 0,
            unwinding: Unwinding::default(),
            aside: false,
        });
        thread
    }

    fn ended(&mut self, thread: ThreadId, result: Result<(), Box<dyn Any + Send>>) {
        self.threads[thread].pending = Pending::Done;
        match result {
            Ok(()) => self.note(thread, None, || Step::Exit),
            Err(payload) if payload.is::<Deliberate>() => self.note(thread, None, || Step::Exit),
            Err(_) => {
                let (message, place) = PANIC.take().unwrap_or_default();
                self.show(thread, place.clone(), || Step::Panic { message: message.clone() });
                self.ends(End::Panicked { thread, message, place });
            }
        }
    }
}
