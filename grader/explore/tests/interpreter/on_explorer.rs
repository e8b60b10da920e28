//! The same programs on the explorer: closures that carry out the instructions on its objects.

use super::{At, Last, OBJECTS, Op, Outcome, Outcomes, Program};
use explore::sync::{AtomicU64, Condvar, Mutex, MutexGuard, Ordering, Semaphore, Unprotected};
use explore::thread::{self, JoinHandle};
use explore::{End, Mark, On, Schedule, Search, Summary};
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::{Arc, PoisonError};

/// Every way the program was seen to end.
pub(crate) fn outcomes(program: &Arc<Program>, search: Search) -> (Outcomes, Summary) {
    let subject = Rc::new(Subject { program: Arc::clone(program), record: Arc::default() });
    let mut found = Outcomes::new();
    let summary = explore::search(search, subject.clone(), &mut |_| (), &mut |end, _| {
        found.insert(subject.outcome(end));
        ControlFlow::Continue(())
    });
    (found, summary)
}

/// The executions of a search that come out otherwise when they are run again from nothing: none, if all is well. What is
/// logged of each execution is its schedule and its mark, and the steps that are seen again have the digest of that mark.
pub(crate) fn not_retraced(program: &Arc<Program>, limits: Search) -> Vec<(Schedule, Mark, Mark)> {
    let subject = || Rc::new(Subject { program: Arc::clone(program), record: Arc::default() });
    let mut logged = Vec::new();
    explore::search_and_log(
        limits,
        subject(),
        &mut |_| (),
        &mut |_, _| ControlFlow::Continue(()),
        &mut |schedule, mark| logged.push((schedule.clone(), mark)),
    );
    let again = |(schedule, mark)| {
        let (seen, trace) = explore::retrace(limits, subject(), &schedule);
        assert_eq!(trace.digest(), seen.events, "{program}{schedule:?}");
        (schedule, mark, seen)
    };
    logged.into_iter().map(again).filter(|(_, mark, seen)| mark != seen).collect()
}

/// What the threads have done, noted beside the program: nothing in the program depends on it.
#[derive(Default)]
struct Record {
    variables: [u8; OBJECTS],
    atomics: [u8; OBJECTS],
    cells: [u8; OBJECTS],
    threads: Vec<Last>,
}

type Shared = Arc<std::sync::Mutex<Record>>;

struct Subject {
    program: Arc<Program>,
    record: Shared,
}

impl explore::Program for Subject {
    fn run(&self) {
        let last = Last { at: At::Ended, pc: 0, register: 0 };
        let threads = vec![last; self.program.threads.len()];
        *self.record.lock().unwrap() = Record { threads, ..Record::default() };
        let objects = Arc::new(Objects {
            mutexes: [Mutex::new(0), Mutex::new(0)],
            condvars: [Condvar::new(), Condvar::new()],
            atomics: [AtomicU64::new(0), AtomicU64::new(0)],
            semaphores: self.program.permits.map(|permits| Semaphore::new(permits.into())),
            cells: [Unprotected::new(0), Unprotected::new(0)],
        });
        let worker = |number: usize| Worker {
            me: number,
            program: Arc::clone(&self.program),
            objects: Arc::clone(&objects),
            record: Arc::clone(&self.record),
        };
        let start = |number: usize| {
            let worker = worker(number);
            Some(thread::spawn(move || worker.work(&mut [])))
        };
        let mut handles: Vec<_> = (1..self.program.threads.len()).map(start).collect();
        worker(0).work(&mut handles);
    }
}

impl Subject {
    fn outcome(&self, end: &End) -> Outcome {
        let record = self.record.lock().unwrap();
        let mut threads = record.threads.clone();
        match end {
            End::Finished => {}
            End::Stuck(blocked) => {
                for blocked in blocked {
                    threads[blocked.thread].at = match blocked.on {
                        On::Condvar(condvar) => At::Condvar(condvar),
                        On::Mutex { mutex, .. } => At::Mutex(mutex),
                        On::Join(thread) => At::Join(thread),
                        On::Semaphore(semaphore) => At::Semaphore(semaphore),
                    };
                }
            }
            End::Panicked { thread, message, .. } => {
                assert!(message.starts_with("the assertion"), "{message}");
                let Last { pc, register, .. } = threads[*thread];
                return Outcome::Panicked { thread: *thread, pc, register };
            }
            End::Overlap { cell, .. } => return Outcome::Overlapped { cell: *cell },
            other => panic!("no program ends like that: {other:?}"),
        }
        let (variables, atomics, cells) = (record.variables, record.atomics, record.cells);
        Outcome::Still { variables, atomics, cells, threads }
    }
}

struct Objects {
    mutexes: [Mutex<u8>; OBJECTS],
    condvars: [Condvar; OBJECTS],
    atomics: [AtomicU64; OBJECTS],
    semaphores: [Semaphore; OBJECTS],
    cells: [Unprotected<u8>; OBJECTS],
}

type Guard<'a> = MutexGuard<'a, u8>;

struct Worker {
    me: usize,
    program: Arc<Program>,
    objects: Arc<Objects>,
    record: Shared,
}

impl Worker {
    fn note(&self, note: impl FnOnce(&mut Record, usize)) {
        note(&mut self.record.lock().unwrap_or_else(PoisonError::into_inner), self.me);
    }

    fn work(&self, handles: &mut [Option<JoinHandle<()>>]) {
        let mut held: [Option<Guard<'_>>; OBJECTS] = [None, None];
        let mut register = 0;
        let mut pc = 0;
        let ops = &self.program.threads[self.me];
        while pc < ops.len() {
            self.note(|record, me| record.threads[me].pc = pc);
            if let Op::ExitIf(value) = ops[pc]
                && register == value
            {
                return;
            }
            pc = self.carry_out(ops[pc], pc, &mut register, &mut held, handles);
        }
        self.note(|record, me| record.threads[me].pc = pc);
    }

    fn carry_out<'a>(
        &'a self,
        op: Op,
        pc: usize,
        register: &mut u8,
        held: &mut [Option<Guard<'a>>; OBJECTS],
        handles: &mut [Option<JoinHandle<()>>],
    ) -> usize {
        let Objects { mutexes, condvars, atomics, semaphores, .. } = &*self.objects;
        match op {
            Op::Lock(mutex) => held[mutex] = Some(mutexes[mutex].lock().unwrap()),
            Op::TryLock { mutex, otherwise } => match mutexes[mutex].try_lock() {
                Ok(guard) => held[mutex] = Some(guard),
                Err(_) => return otherwise,
            },
            Op::Unlock(mutex) => held[mutex] = None,
            Op::Read(variable) => *register = self.read(variable, held),
            Op::Write(variable, value) => self.write(variable, value, held),
            Op::WriteNext(variable) => self.write(variable, (*register + 1) % 3, held),
            Op::JumpIf { variable, value, to } => {
                *register = self.read(variable, held);
                return if *register == value { to } else { pc + 1 };
            }
            Op::Jump(to) => return to,
            Op::Wait { condvar, mutex } => {
                let guard = held[mutex].take().expect("only held mutexes are waited with");
                held[mutex] = Some(condvars[condvar].wait(guard).unwrap());
            }
            Op::WaitUntil { condvar, mutex, value } => {
                let guard = held[mutex].take().expect("only held mutexes are waited with");
                let differs = |variable: &mut u8| {
                    *register = *variable;
                    self.note(|record, me| record.threads[me].register = *variable);
                    *variable != value
                };
                held[mutex] = Some(condvars[condvar].wait_while(guard, differs).unwrap());
            }
            Op::NotifyOne(condvar) => condvars[condvar].notify_one(),
            Op::NotifyAll(condvar) => condvars[condvar].notify_all(),
            Op::Load(atomic) => {
                *register = self.loaded(atomics[atomic].load(Ordering::SeqCst));
            }
            Op::StoreNext(atomic) => {
                atomics[atomic].store((*register + 1).into(), Ordering::SeqCst);
                self.stored(atomic, *register + 1);
            }
            Op::FetchAdd(atomic) => {
                *register = self.loaded(atomics[atomic].fetch_add(1, Ordering::SeqCst));
                self.stored(atomic, *register + 1);
            }
            Op::CompareExchange(atomic, value) => {
                let (expected, new) = ((*register).into(), value.into());
                let exchanged =
                    atomics[atomic].compare_exchange(expected, new, Ordering::SeqCst, Ordering::SeqCst);
                if exchanged.is_ok() {
                    self.stored(atomic, value);
                }
                *register = self.loaded(exchanged.unwrap_or_else(|before| before));
            }
            Op::Assert(value) => assert!(*register == value, "the assertion at {pc} does not hold"),
            Op::Join(thread) => handles[thread - 1].take().expect("nobody is joined twice").join().unwrap(),
            Op::P(semaphore) => semaphores[semaphore].p(),
            Op::V(semaphore) => semaphores[semaphore].v(),
            Op::Visit { cell, write } => *register = self.visit(cell, write),
            Op::Yield => thread::yield_now(),
            Op::ExitIf(_) => {}
        }
        pc + 1
    }

    fn loaded(&self, value: u64) -> u8 {
        let value = value.try_into().expect("atomics are only ever counted up in steps of one");
        self.note(|record, me| record.threads[me].register = value);
        value
    }

    fn stored(&self, atomic: usize, value: u8) {
        self.note(|record, _| record.atomics[atomic] = value);
    }

    fn visit(&self, cell: usize, write: Option<u8>) -> u8 {
        self.objects.cells[cell].with(|value| {
            let before = *value;
            *value = write.unwrap_or(before);
            self.note(|record, me| {
                record.cells[cell] = *value;
                record.threads[me].register = before;
            });
            before
        })
    }

    fn read(&self, variable: usize, held: &[Option<Guard<'_>>; OBJECTS]) -> u8 {
        let value = **held[variable].as_ref().expect("variables are used under their lock");
        self.note(|record, me| record.threads[me].register = value);
        value
    }

    fn write(&self, variable: usize, value: u8, held: &mut [Option<Guard<'_>>; OBJECTS]) {
        **held[variable].as_mut().expect("variables are used under their lock") = value;
        self.note(|record, _| record.variables[variable] = value);
    }
}
