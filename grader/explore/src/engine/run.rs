//! Running an execution: the threads' coroutines, and the loop that resumes one after the other.

use super::unwind::{Deliberate, Unwinding, begins_to_unwind};
use super::{Choice, Engine, Fiber, Pending, STACK, Thread, inside, running, with};
use crate::search::{End, Program};
use crate::trace::{Place, Step, ThreadId};
use corosensei::CoroutineResult;
use corosensei::stack::DefaultStack;
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
    if flow.is_continue() {
        wind_up();
    }
    with(Engine::finish);
    flow
}

fn drive(program: &dyn Program, visit: &mut dyn FnMut(&End) -> ControlFlow<()>) -> ControlFlow<()> {
    loop {
        if let Some(thread) = with(|engine| engine.immediate()) {
            resume(thread);
        } else {
            let quiescent = with(|engine| {
                engine.count_step();
                engine.end.is_none() && engine.offer() && !engine.strategy.repeats()
            });
            if quiescent {
                visit(&End::Stuck(with(|engine| engine.blocked())))?;
            }
            if with(|engine| engine.end.is_none()) {
                match with(|engine| engine.decide(|| program.fingerprint())) {
                    Some(thread) => resume(thread),
                    None if with(|engine| engine.all_done()) => return visit(&End::Finished),
                    None => return ControlFlow::Continue(()),
                }
            }
        }
        if let Some(end) = with(|engine| engine.end.clone()) {
            return visit(&end);
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
    let yielder = inside(|engine, me| {
        engine.sets_aside(me);
        engine.threads[me].yielder
    });
    let yielder = yielder.expect("only threads of a search are suspended");
    // SAFETY: the coroutine's body stored the yielder it was called with, which lives as long as the coroutine's stack,
    // and this code runs on that very stack.
    unsafe { (*yielder).suspend(()) };
    inside(|engine, me| engine.threads[me].unwinding.suspended = false);
}

impl Engine {
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
                self.note_at(thread, place.clone(), || Step::Panic { message: message.clone() });
                self.ends(End::Panicked { thread, message, place });
            }
        }
    }
}
