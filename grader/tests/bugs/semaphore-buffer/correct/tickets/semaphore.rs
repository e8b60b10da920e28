//! A semaphore that serves in the order of arrival, as a bakery does.

use oslab::sync::{Condvar, Mutex};

#[derive(Hash)]
struct Tickets {
    next: usize,
    served: usize,
}

/// Permits in the order of arrival.
pub struct Semaphore {
    tickets: Mutex<Tickets>,
    turn: Condvar,
}

impl Semaphore {
    /// With so many permits.
    pub fn new(permits: usize) -> Semaphore {
        Semaphore { tickets: Mutex::new(Tickets { next: 0, served: permits }), turn: Condvar::new() }
    }

    /// Takes a permit.
    pub fn p(&self) {
        let mut tickets = self.tickets.lock().unwrap();
        let mine = tickets.next;
        tickets.next += 1;
        while mine >= tickets.served {
            tickets = self.turn.wait(tickets).unwrap();
        }
    }

    /// Gives a permit.
    pub fn v(&self) {
        self.tickets.lock().unwrap().served += 1;
        self.turn.notify_all();
    }
}
