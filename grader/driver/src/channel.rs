//! The way to the grader, for every thread of the program.

use explore::Deliberate;
use protocol::driver::{Lab, Reporter};
use protocol::program::Said;
use std::panic::{self, PanicHookInfo};
use std::sync::{Arc, Mutex, PoisonError};

/// Where results and panics go. The reporter is taken out by the last word.
pub struct Channel<L>(Arc<Mutex<Option<Reporter<L>>>>);

impl<L> Clone for Channel<L> {
    fn clone(&self) -> Channel<L> {
        Channel(Arc::clone(&self.0))
    }
}

impl<A, L: Lab<Said = Said<A>> + Send + 'static> Channel<L> {
    /// A channel, by way of what the driver was started with.
    pub fn new(reporter: Reporter<L>) -> Channel<L> {
        Channel(Arc::new(Mutex::new(Some(reporter))))
    }

    /// Says something of the lab's own.
    pub fn answer(&self, answer: A) {
        self.say(Said::Answer(answer));
    }

    /// Says something.
    pub fn say(&self, said: Said<A>) {
        if let Some(reporter) = self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            reporter.send(said);
        }
    }

    /// Says that the task was carried out to its end.
    pub fn done(self) {
        if let Some(mut reporter) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            reporter.done();
        }
    }

    /// Reports every panic, except for those that the driver itself has started on the grader's order, before anything is unwound: whatever the panic closes, the grader knows why.
    pub fn report_panics(&self) {
        let channel = self.clone();
        panic::set_hook(Box::new(move |info| {
            if info.payload().is::<Deliberate>() {
                return;
            }
            channel.say(panicked(info));
            // As the usual hook does, but for the thread's number, which is another one each time.
            let place = info.location().map(|place| format!(" at {place}")).unwrap_or_default();
            eprintln!("panicked{place}:\n{}", info.payload_as_str().unwrap_or("a panic without words"));
        }));
    }
}

fn panicked<A>(info: &PanicHookInfo<'_>) -> Said<A> {
    let place = info.location().map(|place| (place.file().to_owned(), place.line()));
    let (file, line) = place.unwrap_or_default();
    let message = info.payload_as_str().unwrap_or("a panic without words").to_owned();
    Said::Panicked { message, file, line }
}
