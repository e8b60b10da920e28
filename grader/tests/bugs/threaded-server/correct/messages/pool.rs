//! The pool with messages in its queue: a job, or the end for whoever takes it.

use oslab::Job;
use oslab::sync::{Condvar, Mutex};
use oslab::thread::{Builder, JoinHandle};
use std::collections::VecDeque;
use std::panic::catch_unwind;
use std::sync::Arc;

#[derive(Hash)]
enum Message {
    Run(Job),
    Stop,
}

/// A fixed number of threads that run jobs.
pub struct Pool {
    inbox: Arc<Inbox>,
    room: usize,
    workers: Mutex<Option<Vec<JoinHandle<()>>>>,
    size: usize,
}

struct Inbox {
    messages: Mutex<(VecDeque<Message>, bool)>,
    changed: Condvar,
}

impl Inbox {
    fn next(&self) -> Message {
        let mut messages = self.messages.lock().unwrap();
        loop {
            if let Some(message) = messages.0.pop_front() {
                self.changed.notify_all();
                return message;
            }
            messages = self.changed.wait(messages).unwrap();
        }
    }
}

fn work(inbox: &Inbox) {
    loop {
        match inbox.next() {
            Message::Run(job) => drop(catch_unwind(|| job.run())),
            Message::Stop => return,
        }
    }
}

impl Pool {
    /// Starts the workers.
    pub fn new(workers: usize, queue: usize) -> Pool {
        assert!(workers > 0, "a pool needs a worker");
        assert!(queue > 0, "a pool needs room for a job that waits");
        let inbox = Arc::new(Inbox { messages: Mutex::new((VecDeque::new(), false)), changed: Condvar::new() });
        let start = |number: usize| {
            let inbox = Arc::clone(&inbox);
            let name = format!("worker {number}");
            Builder::new().name(name).spawn(move || work(&inbox)).expect("a thread can be started")
        };
        let handles = (1..=workers).map(start).collect();
        Pool { room: queue, workers: Mutex::new(Some(handles)), inbox, size: workers }
    }

    /// Accepts a job, or gives it back.
    pub fn execute(&self, job: Job) -> Result<(), Job> {
        let messages = self.inbox.messages.lock().unwrap();
        let full = |messages: &mut (VecDeque<Message>, bool)| messages.0.len() >= self.room && !messages.1;
        let mut messages = self.inbox.changed.wait_while(messages, full).unwrap();
        if messages.1 {
            return Err(job);
        }
        messages.0.push_back(Message::Run(job));
        self.inbox.changed.notify_all();
        Ok(())
    }

    /// Finishes what was accepted.
    pub fn shutdown(&self) {
        let mut workers = self.workers.lock().unwrap();
        if let Some(handles) = workers.take() {
            let mut messages = self.inbox.messages.lock().unwrap();
            messages.1 = true;
            messages.0.extend((0..self.size).map(|_| Message::Stop));
            drop(messages);
            self.inbox.changed.notify_all();
            handles.into_iter().for_each(|handle| handle.join().expect("workers do not panic"));
        }
    }
}
