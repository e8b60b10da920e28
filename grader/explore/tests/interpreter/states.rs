//! The outcomes of a program, by visiting every state that any order of single instructions leads to.

use super::{At, Last, OBJECTS, Op, Outcome, Outcomes, Program, THREADS};
use std::collections::HashSet;

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Doing {
    Run,
    Sleep {
        condvar: usize,
        mutex: usize,
    },
    /// Woken, and without the mutex yet.
    Return {
        mutex: usize,
    },
    /// At an unprotected value.
    Visit,
    /// Past its last instruction, but maybe with locks.
    Leave,
    End,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Thread {
    doing: Doing,
    pc: usize,
    register: u8,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct State {
    threads: [Thread; THREADS],
    owners: [Option<usize>; OBJECTS],
    variables: [u8; OBJECTS],
    atomics: [u8; OBJECTS],
    permits: [u8; OBJECTS],
    visitors: [Option<usize>; OBJECTS],
    cells: [u8; OBJECTS],
    spurious: u32,
}

/// Every way the program can end, with at most that many spurious wakeups.
pub(crate) fn outcomes(program: &Program, spurious: u32) -> Outcomes {
    let mut found = Outcomes::new();
    let start = State::start(program, spurious);
    let mut seen = HashSet::from([start]);
    let mut open = vec![start];
    while let Some(state) = open.pop() {
        for next in state.successors(program, &mut found) {
            if seen.insert(next) {
                open.push(next);
            }
        }
    }
    found
}

impl State {
    fn start(program: &Program, spurious: u32) -> State {
        let thread = |number: usize| Thread {
            doing: if number < program.threads.len() { Doing::Run } else { Doing::End },
            pc: 0,
            register: 0,
        };
        let mut state = State {
            threads: [thread(0), thread(1), thread(2)],
            owners: [None; OBJECTS],
            variables: [0; OBJECTS],
            atomics: [0; OBJECTS],
            permits: program.permits,
            visitors: [None; OBJECTS],
            cells: [0; OBJECTS],
            spurious,
        };
        (0..program.threads.len()).for_each(|thread| state.settle(program, thread));
        state
    }

    fn successors(&self, program: &Program, found: &mut Outcomes) -> Vec<State> {
        let ready: Vec<usize> = (0..THREADS).filter(|&thread| self.ready(program, thread)).collect();
        if ready.is_empty() {
            found.insert(self.still(program));
        }
        let mut next = Vec::new();
        for thread in ready {
            self.step(program, thread, &mut next, found);
        }
        self.wake_for_nothing(&mut next);
        next
    }

    fn ready(&self, program: &Program, thread: usize) -> bool {
        match self.threads[thread].doing {
            Doing::Run => match program.threads[thread][self.threads[thread].pc] {
                Op::Lock(mutex) => self.owners[mutex].is_none(),
                Op::Join(other) => self.threads[other].doing == Doing::End,
                Op::P(semaphore) => self.permits[semaphore] > 0,
                _ => true,
            },
            Doing::Return { mutex } => self.owners[mutex].is_none(),
            Doing::Visit | Doing::Leave => true,
            Doing::Sleep { .. } | Doing::End => false,
        }
    }

    fn wake_for_nothing(&self, next: &mut Vec<State>) {
        for thread in 0..THREADS {
            if let Doing::Sleep { mutex, .. } = self.threads[thread].doing
                && self.spurious > 0
            {
                let mut state = *self;
                state.spurious -= 1;
                state.threads[thread].doing = Doing::Return { mutex };
                next.push(state);
            }
        }
    }

    fn step(mut self, program: &Program, me: usize, next: &mut Vec<State>, found: &mut Outcomes) {
        match self.threads[me].doing {
            Doing::Run => return self.instruction(program, me, next, found),
            Doing::Return { mutex } => {
                self.owners[mutex] = Some(me);
                self.threads[me].doing = Doing::Run;
                if let Op::Wait { .. } = program.threads[me][self.threads[me].pc] {
                    self.threads[me].pc += 1;
                }
            }
            Doing::Visit => self.end_visit(program, me),
            Doing::Leave => {
                let held = self.owners.iter().position(|owner| *owner == Some(me));
                self.owners[held.expect("who leaves holds something")] = None;
            }
            Doing::Sleep { .. } | Doing::End => unreachable!("neither is ready"),
        }
        self.settle(program, me);
        next.push(self);
    }

    /// Lets a thread that has nothing left to do end.
    fn settle(&mut self, program: &Program, me: usize) {
        let thread = &mut self.threads[me];
        if thread.doing == Doing::Run && thread.pc == program.threads[me].len() {
            thread.doing = Doing::Leave;
        }
        if thread.doing == Doing::Leave && !self.owners.contains(&Some(me)) {
            thread.doing = Doing::End;
        }
    }

    fn instruction(mut self, program: &Program, me: usize, next: &mut Vec<State>, found: &mut Outcomes) {
        let Thread { pc, register, .. } = self.threads[me];
        let op = program.threads[me][pc];
        let mut to = pc + 1;
        match op {
            Op::Lock(mutex) => self.owners[mutex] = Some(me),
            Op::TryLock { mutex, otherwise } => match self.owners[mutex] {
                None => self.owners[mutex] = Some(me),
                Some(_) => to = otherwise,
            },
            Op::Unlock(mutex) => self.owners[mutex] = None,
            Op::Read(variable) => self.threads[me].register = self.variables[variable],
            Op::Write(variable, value) => self.variables[variable] = value,
            Op::WriteNext(variable) => self.variables[variable] = (register + 1) % 3,
            Op::JumpIf { variable, value, to: target } => {
                self.threads[me].register = self.variables[variable];
                if self.variables[variable] == value {
                    to = target;
                }
            }
            Op::Jump(target) => to = target,
            Op::Wait { condvar, mutex } => {
                self.sleep(me, condvar, mutex);
                to = pc;
            }
            Op::WaitUntil { condvar, mutex, value } => {
                self.threads[me].register = self.variables[mutex];
                if self.variables[mutex] != value {
                    self.sleep(me, condvar, mutex);
                    to = pc;
                }
            }
            Op::NotifyOne(condvar) => {
                self.threads[me].pc = to;
                return self.notify_one(program, me, condvar, next);
            }
            Op::NotifyAll(condvar) => (0..THREADS).for_each(|thread| self.wake(thread, condvar)),
            Op::Load(atomic) => self.threads[me].register = self.atomics[atomic],
            Op::StoreNext(atomic) => self.atomics[atomic] = register + 1,
            Op::FetchAdd(atomic) => {
                self.threads[me].register = self.atomics[atomic];
                self.atomics[atomic] += 1;
            }
            Op::CompareExchange(atomic, value) => {
                self.threads[me].register = self.atomics[atomic];
                if self.atomics[atomic] == register {
                    self.atomics[atomic] = value;
                }
            }
            Op::Assert(value) if register != value => {
                found.insert(Outcome::Panicked { thread: me, pc, register });
                return;
            }
            Op::ExitIf(value) if register == value => {
                self.threads[me].doing = Doing::Leave;
                to = pc;
            }
            Op::P(semaphore) => self.permits[semaphore] -= 1,
            Op::V(semaphore) => self.permits[semaphore] += 1,
            Op::Visit { cell, .. } => {
                if self.visitors[cell].replace(me).is_some() {
                    found.insert(Outcome::Overlapped { cell });
                    return;
                }
                self.threads[me].doing = Doing::Visit;
                to = pc;
            }
            Op::Assert(_) | Op::ExitIf(_) | Op::Join(_) | Op::Yield => {}
        }
        self.threads[me].pc = to;
        self.settle(program, me);
        next.push(self);
    }

    fn end_visit(&mut self, program: &Program, me: usize) {
        let Op::Visit { cell, write } = program.threads[me][self.threads[me].pc] else {
            unreachable!("only a visit is left")
        };
        self.threads[me].register = self.cells[cell];
        self.cells[cell] = write.unwrap_or(self.cells[cell]);
        self.visitors[cell] = None;
        self.threads[me].doing = Doing::Run;
        self.threads[me].pc += 1;
    }

    fn sleep(&mut self, me: usize, condvar: usize, mutex: usize) {
        self.owners[mutex] = None;
        self.threads[me].doing = Doing::Sleep { condvar, mutex };
    }

    fn sleeps_on(&self, thread: usize, condvar: usize) -> bool {
        matches!(self.threads[thread].doing, Doing::Sleep { condvar: on, .. } if on == condvar)
    }

    fn wake(&mut self, thread: usize, condvar: usize) {
        if let Doing::Sleep { condvar: on, mutex } = self.threads[thread].doing
            && on == condvar
        {
            self.threads[thread].doing = Doing::Return { mutex };
        }
    }

    /// Anyone of those asleep may be the one.
    fn notify_one(mut self, program: &Program, me: usize, condvar: usize, next: &mut Vec<State>) {
        self.settle(program, me);
        let before = next.len();
        for thread in (0..THREADS).filter(|&thread| self.sleeps_on(thread, condvar)) {
            let mut state = self;
            state.wake(thread, condvar);
            next.push(state);
        }
        if next.len() == before {
            next.push(self);
        }
    }

    fn still(&self, program: &Program) -> Outcome {
        let last = |(number, ops): (usize, &Vec<Op>)| {
            let Thread { doing, pc, register, .. } = self.threads[number];
            let at = match doing {
                Doing::End => At::Ended,
                Doing::Sleep { condvar, .. } => At::Condvar(condvar),
                Doing::Return { mutex } => At::Mutex(mutex),
                Doing::Run | Doing::Visit | Doing::Leave => match ops[pc] {
                    Op::Lock(mutex) => At::Mutex(mutex),
                    Op::Join(other) => At::Join(other),
                    Op::P(semaphore) => At::Semaphore(semaphore),
                    op => unreachable!("{op:?} does not block"),
                },
            };
            Last { at, pc, register }
        };
        Outcome::Still {
            variables: self.variables,
            atomics: self.atomics,
            cells: self.cells,
            threads: program.threads.iter().enumerate().map(last).collect(),
        }
    }
}
