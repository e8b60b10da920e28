//! A test that a student writes for the explorer.

use explore::{End, Program, Search, replay, search, shrink};
use std::cell::RefCell;
use std::ops::ControlFlow;
use std::rc::Rc;

struct Test<F>(F);

impl<F: Fn()> Program for Test<F> {
    fn run(&self) {
        (self.0)();
    }
}

/// Runs your test under every schedule with at most two preemptions and one spurious wakeup.
///
/// `program` runs many times, each time from the beginning. Make the buffer in it, start the threads with
/// [`crate::thread::spawn`], join them, and assert what has to hold. Threads may share only data that is inside a
/// [`crate::sync::Mutex`] or that is a [`crate::sync::AtomicU64`].
///
/// # Panics
/// At the first schedule in which `program` panics, or in which no thread can continue. The message shows that
/// schedule, step by step.
///
/// ```
/// use oslab::sync::Mutex;
/// use std::sync::Arc;
///
/// oslab::explore(|| {
///     let count = Arc::new(Mutex::new(0));
///     let other = Arc::clone(&count);
///     let adder = oslab::thread::spawn(move || *other.lock().unwrap() += 1);
///     *count.lock().unwrap() += 1;
///     adder.join().unwrap();
///     assert_eq!(*count.lock().unwrap(), 2);
/// });
/// ```
pub fn explore(program: impl Fn() + 'static) {
    let program: Rc<dyn Program> = Rc::new(Test(program));
    for spurious in [0, 1] {
        let limits = Search { spurious, ..Search::default() };
        let mut found = None;
        search(limits, Rc::clone(&program), &mut |_| (), &mut |end, schedule| match end {
            End::Finished => ControlFlow::Continue(()),
            _ => {
                found = Some((end.clone(), schedule.clone()));
                ControlFlow::Break(())
            }
        });
        if let Some((first, schedule)) = found {
            let same = &mut |end: &End| end.is_like(&first);
            let schedule = shrink(limits, Rc::clone(&program), &schedule, &mut |_| (), same);
            let steps = Rc::new(RefCell::new(Vec::new()));
            let log = Rc::clone(&steps);
            let observe = Box::new(move |event: &_| log.borrow_mut().push(Clone::clone(event)));
            let (end, mut trace) =
                replay(limits, program, &schedule, observe, &mut |_| ControlFlow::Break(()));
            trace.events = steps.take();
            panic!("this schedule goes wrong:\n\n{trace}\n{}", end.in_words(&trace.threads));
        }
    }
}
