//! Pools of threads as subjects of a search: their jobs, and what it means if one is not done as promised.

use crate::search::{self, breaks, broken, ends, said, sees};
use contract::pool::Pool;
use contract::{Possible, Sight};
use explore::sync::{AtomicU64, Condvar, Mutex, Ordering};
use oslab::Job;
use protocol::driver::Reporter;
use protocol::pool::{Breach, Call, Called, Fault, Outcome, Pools, Subject, Task, Work};
use std::cell::RefCell;
use std::mem::discriminant;
use std::sync::Arc;

/// A student's pool. No name here is a name of a lab's (see [`TestBuffer`](crate::buffer::TestBuffer)).
pub trait TestPool: Send + Sync {
    /// Brings a job; gives back what is refused.
    fn accept(&self, job: Job) -> Result<(), Job>;
    /// Shuts down.
    fn end(&self);
}

/// Carries out a task. `make` is how a pool is made, of workers and room in the queue.
pub fn carry_out(task: Task, reporter: Reporter<Pools>, make: fn(usize, usize) -> Box<dyn TestPool>) {
    search::carry_out(task, reporter, move |made| Shared::new(made, make));
}

/// Where a job is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    /// With the pool, or on its way there or back.
    Pool,
    /// Begun, or given back: the pool has no more to do with it.
    Gone,
}

thread_local! {
    /// The jobs of the present execution.
    static JOBS: RefCell<Vec<At>> = const { RefCell::new(Vec::new()) };
}

struct Shared {
    pool: Box<dyn TestPool>,
    stage: Arc<Stage>,
}

/// What jobs do things with.
struct Stage {
    made: Subject,
    point: AtomicU64,
    met: Mutex<usize>,
    all_met: Condvar,
}

impl Shared {
    fn new(made: &Subject, make: fn(usize, usize) -> Box<dyn TestPool>) -> Shared {
        JOBS.set(vec![At::Pool; made.jobs.len()]);
        explore::name_threads("W");
        let pool = make(made.workers, made.queue);
        let got = explore::started() - 1;
        if got != made.workers {
            broken::<Shared>(None, Fault::Threads { got }.at_rest());
        }
        let stage = Stage {
            made: made.clone(),
            point: AtomicU64::new(0),
            met: Mutex::new(0),
            all_met: Condvar::new(),
        };
        Shared { pool, stage: Arc::new(stage) }
    }

    fn job(&self, number: usize) -> Job {
        let stage = Arc::clone(&self.stage);
        let ticket = Ticket(number);
        Job::named(&name(number), move || stage.carry_out(&ticket))
    }
}

fn name(job: usize) -> String {
    format!("job {job}")
}

trait AtRest {
    fn at_rest(self) -> Breach;
}

impl AtRest for Fault {
    fn at_rest(self) -> Breach {
        Breach { fault: self, waiting: Vec::new(), running: Vec::new() }
    }
}

/// What every job owns: it tells when the pool drops a job.
struct Ticket(usize);

impl Ticket {
    fn is(&self, at: At) {
        JOBS.with_borrow_mut(|jobs| jobs[self.0 - 1] = at);
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if JOBS.with_borrow(|jobs| jobs.get(self.0 - 1) == Some(&At::Pool)) {
            breaks::<Shared>(Fault::Lost { job: self.0 }.at_rest());
        }
    }
}

impl Stage {
    /// A job is done.
    fn carry_out(&self, ticket: &Ticket) {
        let job = ticket.0;
        let number = self.made.callers + job;
        ticket.is(At::Gone);
        explore::mark(|| said::<Shared>(Called::ended(Call::Begin(job), Outcome::Begun)));
        if explore::current().is_some_and(|thread| callers(&self.made).contains(&thread)) {
            broken::<Shared>(Some(Called::begun(Call::Begin(job))), Fault::InTheCaller.at_rest());
        }
        ends::<Shared>(number, Call::Begin(job), Outcome::Begun);
        let work = self.made.jobs[job - 1];
        explore::aside(|| self.work(work));
        explore::mark(|| said::<Shared>(Called::ended(Call::Finish(job), Outcome::Finished)));
        sees::<Shared>(number, Sight::Begins(Call::Finish(job)));
        ends::<Shared>(number, Call::Finish(job), Outcome::Finished);
        if work == Work::Panic {
            explore::panic_deliberately(&format!("{} panics", name(job)));
        }
    }

    fn work(&self, work: Work) {
        match work {
            Work::Step => _ = self.point.load(Ordering::SeqCst),
            Work::Meet => self.meet(),
            Work::Stay => drop(self.all_met.wait_while(lock(&self.met), |_| true)),
            Work::Panic => {}
        }
    }

    fn meet(&self) {
        let all = self.made.jobs.iter().filter(|work| **work == Work::Meet).count();
        let mut met = lock(&self.met);
        *met += 1;
        self.all_met.notify_all();
        drop(self.all_met.wait_while(met, |met| *met < all));
    }
}

fn lock(met: &Mutex<usize>) -> explore::sync::MutexGuard<'_, usize> {
    met.lock().expect("nobody panics with it")
}

impl search::Subject for Shared {
    type Lab = Pools;
    type Contract = Pool;

    fn contract(made: &Subject) -> Pool {
        Pool { workers: made.workers, queue: made.queue }
    }

    fn call(&self, call: Call) -> Outcome {
        match call {
            Call::Execute(number) => match self.pool.accept(self.job(number)) {
                Ok(()) => Outcome::Accepted,
                Err(job) => Outcome::Refused(given_back(job)),
            },
            Call::Shutdown => {
                self.pool.end();
                Outcome::ShutDown
            }
            Call::Begin(_) | Call::Finish(_) => unreachable!("no thread of a scenario does that"),
        }
    }

    /// The same fault, whatever the jobs were.
    fn alike(one: &Breach, other: &Breach) -> bool {
        discriminant(&one.fault) == discriminant(&other.fault)
    }

    fn breach(me: usize, call: Call, outcome: Outcome, possible: &[Possible<Pool>]) -> Breach {
        classify(me, call, outcome, possible)
    }

    fn beside(made: &Subject, call: Call) -> Option<Breach> {
        let left = others(made).len();
        (made.joined && call == Call::Shutdown && left > 0).then(|| Fault::NotJoined { left }.at_rest())
    }

    fn under_way(made: &Subject) -> Vec<Call> {
        (1..=made.jobs.len()).map(Call::Begin).collect()
    }
}

/// The job that was refused; 0 for one that was never brought.
fn given_back(job: Job) -> usize {
    let number = job.name().and_then(|name| name.strip_prefix("job ")?.parse().ok()).unwrap_or(0);
    if number > 0 {
        Ticket(number).is(At::Gone);
    }
    drop(job);
    number
}

/// The threads of the scenario: they are started when the pool has been made.
fn callers(made: &Subject) -> std::ops::RangeInclusive<usize> {
    made.workers + 1..=made.workers + made.callers
}

/// The threads of the pool that have not ended.
fn others(made: &Subject) -> Vec<usize> {
    let callers = callers(made);
    let other = |thread: &usize| *thread != 0 && !callers.contains(thread);
    explore::unfinished().into_iter().filter(other).collect()
}

/// Which part of the contract a result breaks, given all that was possible.
fn classify(me: usize, call: Call, outcome: Outcome, possible: &[Possible<Pool>]) -> Breach {
    let before: Vec<_> = possible.iter().filter(|one| one.effects[me].is_none()).collect();
    // Where an end is on its way, what has no room is as good as late.
    let shut = before.iter().any(|one| one.state.shut);
    let holding = |job: usize| before.iter().find(|one| one.state.waiting.contains(&job));
    let mut plainest = before.first();
    let fault = match (call, outcome) {
        (_, Outcome::Accepted) if shut => Fault::AcceptedAfterShutdown,
        (_, Outcome::Accepted) => Fault::Overfull,
        (Call::Execute(job), Outcome::Refused(got)) if got != job => Fault::GaveBackAnother { got },
        (_, Outcome::Refused(_)) => Fault::RefusedBeforeShutdown,
        (Call::Begin(job), _) => {
            plainest = holding(job).or(plainest);
            match holding(job).map(|one| one.state.waiting[0]) {
                None => Fault::BegunUnasked,
                Some(oldest) if oldest != job => Fault::WrongOrder { oldest },
                Some(_) => Fault::TooMany,
            }
        }
        _ => Fault::EndedEarly,
    };
    let (waiting, running) =
        plainest.map(|one| (one.state.waiting.clone(), one.state.running.clone())).unwrap_or_default();
    Breach { fault, waiting, running }
}
